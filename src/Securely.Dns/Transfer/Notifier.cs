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
        var patience = keeper.Options.NotifyPatience;
        for (var tries = keeper.Options.NotifyTries; tries > 0; tries--, patience *= 2)
        {
            if (await TryAsync(snapshot, patience, cancellationToken).ConfigureAwait(false))
            {
                LogTold(keeper.Logger, peer, zone.Name, snapshot.Serial);
                return;
            }

            lock (_gate)
            {
                if (_isPending)
                    return;
            }
        }

        LogUnheard(keeper.Logger, peer, zone.Name, snapshot.Serial);
    }

    private async Task<bool> TryAsync(Zone snapshot, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var socket = new Socket(peer.EndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        using var timer = new CancellationTokenSource(patience, keeper.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        using var exchange = _key is null ? null : new TsigExchange(_key, keeper.Time);
        var message = new DnsMessage
        {
            Id = (ushort)RandomNumberGenerator.GetInt32(65536),
            OpCode = OpCode.Notify,
            IsAuthoritative = true,
            Questions = [new Question(zone.Name, RecordType.Soa)],
            Answers = [.. snapshot.Soa.Records(zone.Name)],
        };
        try
        {
            await socket.ConnectAsync(peer.EndPoint, both.Token).ConfigureAwait(false);
            await socket.SendAsync(exchange?.Sign(message.Encode()) ?? message.Encode(), SocketFlags.None, both.Token).ConfigureAwait(false);
            return await HearAsync(socket, message.Id, exchange, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (SocketException)
        {
            // Nobody listens there now; somebody may the next time.
            await PauseAsync(both.Token, cancellationToken).ConfigureAwait(false);
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

    private static async Task PauseAsync(CancellationToken patience, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, patience).ConfigureAwait(false);
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
