using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Securely.Dns;

internal sealed partial class ManagedZone
{
    // A copy that was never got has no SOA record that says how long to wait.
    private const int ShortestWait = 1;
    private const int LongestWait = 600;

    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _ending = new();
    private int _failures;

    /// <summary>When a primary is asked next; null for a zone of our own.</summary>
    internal DateTimeOffset? NextRefresh { get; private set; }

    /// <summary>Why the last question to the primaries failed; null when it did not.</summary>
    internal string? LastError { get; private set; }

    /// <summary>Whether a message comes from one of the primaries, or is signed as theirs are.</summary>
    internal bool IsPrimary(ReadOnlySpan<byte> address, TsigKey? key)
    {
        foreach (var primary in Options.Primaries)
        {
            if ((key is not null && key.Name.Equals(primary.Key)) || AddressOf(primary).AsSpan().SequenceEqual(address))
                return true;
        }

        return false;
    }

    /// <summary>A primary says that the zone has changed; it is asked at once, unless our copy is what it speaks of. For any thread.</summary>
    internal void Notified(uint? serial)
    {
        if (serial is not { } told || Current is not { } held || SerialNumber.IsNewer(told, held.Serial))
            _wakes.Writer.TryWrite(true);
    }

    /// <summary>Keeps the copy up to date until it is told to end, or the zone is removed.</summary>
    internal async Task FollowAsync(ILogger logger, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, cancellationToken);
        try
        {
            while (true)
            {
                var isDone = await keeper.RefreshAsync(this, logger, both.Token).ConfigureAwait(false);
                _failures = isDone ? 0 : _failures + 1;
                await WaitAsync(isDone, logger, both.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (both.IsCancellationRequested)
        {
            // The server ends, or the zone is no longer ours to keep.
        }
        catch (ObjectDisposedException)
        {
            // The keeper takes no more work.
        }
    }

    internal void Fail(string reason) => LastError = reason;

    internal void Succeed() => LastError = null;

    private static byte[] AddressOf(ZonePeer peer)
    {
        var address = peer.EndPoint.Address;
        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
    }

    // Until the next question is due or a primary says that something has changed; on the way the copy may become too old.
    private async Task WaitAsync(bool isDone, ILogger logger, CancellationToken cancellationToken)
    {
        var due = keeper.Now + Pause(isDone);
        NextRefresh = due;
        while (due > keeper.Now)
        {
            var isShown = keeper.Catalog.TryGet(Name, out var shown) && !shown.IsExpired;
            if (isShown && IsExpired(keeper.Now))
            {
                LogExpired(logger, Name);
                await keeper.DoAsync(this, _ => ShowNow(), isEdit: false).ConfigureAwait(false);
                continue;
            }

            var until = isShown && ExpiresAt is { } end && end < due ? end : due;
            if (await WakeAsync(until - keeper.Now, cancellationToken).ConfigureAwait(false))
                return;
        }
    }

    private bool ShowNow()
    {
        Show();
        return true;
    }

    private TimeSpan Pause(bool isDone)
    {
        if (Current is not { } zone)
            return TimeSpan.FromSeconds(Math.Min(ShortestWait << Math.Min(_failures, 16), LongestWait));
        var timers = ZoneTimers.Of(zone.Soa.First);
        return isDone ? timers.Refresh : timers.Retry;
    }

    private async Task<bool> WakeAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (patience <= TimeSpan.Zero)
            return false;
        using var timer = new CancellationTokenSource(patience, keeper.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await _wakes.Reader.ReadAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(4026, LogLevel.Error, "Zone [{Zone}] has expired: no primary has confirmed it in time; it is no longer answered for")]
    private static partial void LogExpired(ILogger logger, DomainName zone);
}
