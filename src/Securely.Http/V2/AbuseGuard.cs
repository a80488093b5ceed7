namespace Securely.Http;

/// <summary>
/// Counts what is cheap for a peer and costs us (rows A17 to A19): each kind has a budget that time, and what we send, refills. A peer that has
/// used one up is told ENHANCE_YOUR_CALM.
/// </summary>
internal struct AbuseGuard(long now)
{
    private const int MostResets = 200;
    private const int ResetsPerSecond = 30;
    private const int MostCheap = 1_000;
    private const int CheapPerSecond = 100;

    private Budget _resets = new(MostResets, ResetsPerSecond, now);
    private Budget _cheap = new(MostCheap, CheapPerSecond, now);

    /// <summary>
    /// A stream has ended in vain: the peer has reset it before its response was whole, or has made us reset or refuse it. False: too many have.
    /// </summary>
    internal bool TryReset(long now, int cost = 1) => _resets.TryTake(cost, now);

    /// <summary>A frame that asks for work or an answer without carrying anything: PING, SETTINGS, PRIORITY, WINDOW_UPDATE, an empty DATA. False: too many came.</summary>
    internal bool TryCheap(long now, int cost = 1) => _cheap.TryTake(cost, now);

    /// <summary>Something was sent or received that a sound peer may answer with so many of them.</summary>
    internal void Allow(int cheap) => _cheap.Give(cheap);

    private struct Budget
    {
        private readonly int _most;
        private readonly int _perSecond;
        private int _left;
        private long _since;

        internal Budget(int most, int perSecond, long now)
        {
            _most = most;
            _perSecond = perSecond;
            _left = most;
            _since = now;
        }

        internal bool TryTake(int count, long now)
        {
            // Time below a whole unit is kept, so that many small steps fill as one large one does.
            var filled = (now - _since) * _perSecond / 1000;
            if (filled > 0)
            {
                _left = (int)Math.Min(_most, _left + filled);
                _since = _left == _most ? now : _since + (filled * 1000 / _perSecond);
            }

            _left -= count;
            return _left >= 0;
        }

        internal void Give(int count) => _left = Math.Min(_most, _left + count);
    }
}
