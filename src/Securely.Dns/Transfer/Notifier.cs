using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Securely.Dns;

/// <summary>
/// Tells one secondary that a zone has changed (RFC 1996): again and again with growing pauses until it acknowledges it or the tries are over. Changes
/// that come meanwhile are told together. For any thread.
/// </summary>
internal sealed partial class Notifier(ZoneKeeper keeper, ManagedZone zone, ZonePeer peer)
{
    private readonly Lock _gate = new();
    private readonly TsigKey? _key = keeper.FindKey(peer);
    private bool _isPending;
    private bool _isRunning;

    /// <summary>Ends when nothing is left to tell.</summary>
    internal Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Lets the secondary know of the newest snapshot.</summary>
    internal void Tell(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _isPending = true;
            if (_isRunning)
                return;
            _isRunning = true;
            Ended = RunAsync(cancellationToken);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        // Whoever tells us has other things to do.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (true)
        {
            lock (_gate)
            {
                _isRunning = _isPending && !cancellationToken.IsCancellationRequested;
                if (!_isRunning)
                    return;
                _isPending = false;
            }

            try
            {
                await TellAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The server ends; it tells again when it starts.
            }
            catch (SocketException error)
            {
                LogUnreachable(keeper.Logger, peer, zone.Name, error.Message);
            }
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        if (zone.Current is not { } snapshot)
            return;
        // Each pause is twice as long as the one before, but a change that comes meanwhile is told soon.
        for (var (tries, pauses) = (keeper.Options.NotifyTries, 1); tries > 0; tries--, pauses *= 2)
        {
            if (await TryAsync(snapshot, pauses, cancellationToken).ConfigureAwait(false))
            {
                LogTold(keeper.Logger, peer, zone.Name, snapshot.Serial);
                return;
            }

            if (IsPending)
                return;
        }

        LogUnheard(keeper.Logger, peer, zone.Name, snapshot.Serial);
    }

    private bool IsPending
    {
        get
        {
            lock (_gate)
                return _isPending;
        }
    }

    private async Task<bool> TryAsync(Zone snapshot, int pauses, CancellationToken cancellationToken)
    {
        using var socket = new Socket(peer.EndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        using var exchange = _key is null ? null : new TsigExchange(_key, keeper.Time);
        var message = new DnsMessage
        {
            Id = (ushort)RandomNumberGenerator.GetInt32(65536),
            OpCode = OpCode.Notify,
            IsAuthoritative = true,
            Questions = [new Question(zone.Name, RecordType.Soa)],
            Answers = [.. snapshot.Soa.Records(zone.Name)],
        };
        await socket.ConnectAsync(peer.EndPoint, cancellationToken).ConfigureAwait(false);
        await socket.SendAsync(exchange?.Sign(message.Encode()) ?? message.Encode(), SocketFlags.None, cancellationToken).ConfigureAwait(false);
        for (; pauses > 0 && !IsPending; pauses--)
        {
            using var timer = new CancellationTokenSource(keeper.Options.NotifyPatience, keeper.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
            if (await HearAsync(socket, message.Id, exchange, both.Token, cancellationToken).ConfigureAwait(false))
                return true;
        }

        return false;
    }

    private async Task<bool> HearAsync(Socket socket, ushort id, TsigExchange? exchange, CancellationToken patience, CancellationToken cancellationToken)
    {
        try
        {
            return await HearAsync(socket, id, exchange, patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (SocketException)
        {
            // Nobody listens there now; somebody may the next time.
            await PauseAsync(patience, cancellationToken).ConfigureAwait(false);
            return false;
        }
    }

    // What is not the acknowledgement is somebody's forgery or too late; the wait goes on.
    private static async Task<bool> HearAsync(Socket socket, ushort id, TsigExchange? exchange, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            if (DnsMessage.TryDecode(buffer.AsSpan(0, length), out var answer) && answer.IsResponse && answer.OpCode == OpCode.Notify && answer.Id == id)
                return exchange is null || answer.Code != ResponseCode.Success || exchange.Verify(buffer.AsSpan(0, length)) is null;
        }
    }

    private async Task PauseAsync(CancellationToken patience, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, keeper.Time, patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    [LoggerMessage(4040, LogLevel.Debug, "Secondary [{Peer}] knows that zone [{Zone}] has serial {Serial}")]
    private static partial void LogTold(ILogger logger, ZonePeer peer, DomainName zone, uint serial);

    [LoggerMessage(4041, LogLevel.Warning, "Secondary [{Peer}] does not acknowledge that zone [{Zone}] has serial {Serial}; it will ask by itself")]
    private static partial void LogUnheard(ILogger logger, ZonePeer peer, DomainName zone, uint serial);

    [LoggerMessage(4042, LogLevel.Warning, "Secondary [{Peer}] cannot be told of zone [{Zone}]: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, ZonePeer peer, DomainName zone, string reason);
}
