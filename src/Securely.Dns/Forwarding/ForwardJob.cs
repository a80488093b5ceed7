using Securely.Net;

namespace Securely.Dns;

/// <summary>
/// One question on its way, for all who have asked it: 1. the best upstream is asked; 2. one that is slow is joined by the next, one that fails is
/// followed by it; 3. the first good answer is kept and given to all. Whoever has waited long enough gets what there is: an old answer, or an error.
/// It belongs to its lane's worker.
/// </summary>
internal sealed class ForwardJob
{
    // RFC 8767, 5: a client waits so long for a fresh answer when there is an old one.
    private static readonly TimeSpan _staleAfter = TimeSpan.FromMilliseconds(1800);
    private static readonly TimeSpan _staleRetry = TimeSpan.FromSeconds(30);
    private readonly ForwardLane _lane;
    private readonly List<ForwardClient> _clients = [];
    private readonly List<(UpstreamState Upstream, CancellationTokenSource End)> _asking = [];
    private readonly WorkerTimer _timer;
    private readonly CacheEntry? _stale;
    private string? _problem;
    private int _error = ExtendedErrors.NoReachableAuthority;

    internal ForwardJob(ForwardLane lane, ForwardKey key, ForwardClient? client)
    {
        _lane = lane;
        Key = key;
        if (client is not null)
            _clients.Add(client);
        _timer = new WorkerTimer(static state => ((ForwardJob)state!).OnTimer(), this);
        _stale = lane.Recursion.FindStale(key);
    }

    internal ForwardKey Key { get; }

    private ForwardingOptions Options => _lane.Recursion.Options;

    /// <summary>Lets another client wait for the same answer; false when there are too many, or when it waits already.</summary>
    internal bool TryJoin(ForwardClient client)
    {
        if (_clients.Count >= Options.MaximumWaiting || _clients.Exists(client.Repeats))
            return false;
        _clients.Add(client);
        foreach (var (upstream, _) in _asking)
            _lane.Forwarder.Suspect(upstream, _lane);
        return true;
    }

    /// <summary>Does not wait for an upstream any more.</summary>
    internal void Abandon(UpstreamState upstream)
    {
        foreach (var asking in _asking.FindAll(asking => ReferenceEquals(asking.Upstream, upstream)))
            asking.End.Cancel();
    }

    internal async ValueTask RunAsync()
    {
        SetTimer();
        var time = _lane.Worker.Time;
        using var end = new CancellationTokenSource(Options.Timeout * 2, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(end.Token, _lane.Stopping);
        CacheEntry? entry = null;
        try
        {
            entry = await AskAllAsync(_lane.Forwarder.GroupOf(Key), both.Token);
        }
        catch (OperationCanceledException)
        {
            // Nobody has answered in time.
        }
        catch (Exception error)
        {
            // Whatever it is, those who wait are not left alone with it.
            _lane.Forwarder.LogBroken(Key, error);
        }
        finally
        {
            await both.CancelAsync();
            _timer.Detach();
            _lane.End(this);
        }

        Finish(entry);
    }

    private void Finish(CacheEntry? entry)
    {
        var recursion = _lane.Recursion;
        if (entry is not null)
        {
            if (entry.Ttl > 0)
                recursion.Cache.Put(entry);
            _lane.Reply(_clients, entry, isStale: false);
            return;
        }

        if (_stale is not null)
        {
            _stale.RetryAt = recursion.Now + (long)_staleRetry.TotalSeconds;
            _lane.Reply(_clients, _stale, isStale: true);
            return;
        }

        var failure = MakeFailure();
        // A failed try to fetch it early takes nothing away.
        if (recursion.Cache.Find(Key, recursion.Now) is not { } known || !known.IsFresh(recursion.Now))
            recursion.Cache.Put(failure);
        _lane.Reply(_clients, failure, isStale: false);
    }

    private CacheEntry MakeFailure() => AnswerFilter.Failure(Key, _error, _problem ?? "no upstream has answered in time", _lane.Recursion.Now);

    private void SetTimer() => _timer.Set(_lane.Worker, _stale is not null && _staleAfter < Options.Timeout ? _staleAfter : Options.Timeout);

    // Clients do not wait as long as the question: what comes later is there for the next one.
    private void OnTimer()
    {
        _lane.Reply(_clients, _stale ?? MakeFailure(), isStale: _stale is not null);
        SetTimer();
    }

    private async Task<CacheEntry?> AskAllAsync(UpstreamGroup group, CancellationToken cancellationToken)
    {
        if (group.IsEmpty)
            return AnswerFilter.Failure(Key, ExtendedErrors.NotAuthoritative, "nobody is named who knows this name", _lane.Recursion.Now, ResponseCode.Refused);
        var upstreams = group.Rank();
        if (upstreams.Count == 0)
        {
            _problem = "every upstream asks this server again";
            return null;
        }

        var running = new List<Task<CacheEntry?>>();
        for (var next = 0; next < upstreams.Count || running.Count > 0;)
        {
            if (next < upstreams.Count && (running.Count == 0 || next < group.AtOnce || await IsSlowAsync(running, upstreams[next - 1].Patience, cancellationToken)))
                running.Add(AskAsync(upstreams[next++], group, cancellationToken));
            var done = next < upstreams.Count ? running.Find(task => task.IsCompleted) : await Task.WhenAny(running);
            if (done is null)
                continue;
            running.Remove(done);
            if (await done is { } entry)
                return entry;
        }

        return null;
    }

    private async Task<bool> IsSlowAsync(List<Task<CacheEntry?>> running, TimeSpan patience, CancellationToken cancellationToken)
    {
        var first = Task.WhenAny(running);
        if (first.IsCompleted)
            return false;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var timer = Task.Delay(patience, _lane.Worker.Time, over.Token);
        var isSlow = ReferenceEquals(await Task.WhenAny(first, timer), timer);
        await over.CancelAsync();
        return isSlow;
    }

    private async Task<CacheEntry?> AskAsync(UpstreamState upstream, UpstreamGroup group, CancellationToken cancellationToken)
    {
        var time = _lane.Worker.Time;
        var started = time.GetTimestamp();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _asking.Add((upstream, end));
        try
        {
            var answer = await _lane.ExchangeOf(upstream).AskAsync(Key, end.Token);
            upstream.Succeed((long)time.GetElapsedTime(started).TotalMilliseconds);
            var entry = _lane.Filter.Build(Key, answer, group.IsRoute, _lane.Recursion.Now);
            if (entry is null)
                Blame(answer.Edns?.Find(EdnsOptionCode.ExtendedError) is { Length: >= 2 } said ? (said.Span[0] << 8) | said.Span[1] : ExtendedErrors.Other, $"[{upstream.Options}] has answered with [{answer.Code}]");
            return entry;
        }
        catch (OperationCanceledException) when (upstream.IsLoop)
        {
            Blame(ExtendedErrors.Other, $"[{upstream.Options}] asks this server again");
            return null;
        }
        catch (OperationCanceledException)
        {
            var waited = time.GetElapsedTime(started);
            upstream.Outrun((long)waited.TotalMilliseconds);
            // Another one was faster, which says little of this one; or nobody was, for a long time.
            if (waited >= Options.Timeout && !_lane.Stopping.IsCancellationRequested)
                _lane.Forwarder.Fail(upstream, _lane);
            return null;
        }
        catch (Exception error) when (ForwardLane.IsExpected(error))
        {
            Blame(ExtendedErrors.NetworkError, $"[{upstream.Options}] cannot be asked");
            _lane.Forwarder.Fail(upstream, _lane);
            return null;
        }
        finally
        {
            _asking.RemoveAll(asking => ReferenceEquals(asking.End, end));
        }
    }

    private void Blame(int error, string problem) => (_error, _problem) = (error, problem);
}
