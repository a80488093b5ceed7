using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Securely.Dns;

/// <summary>
/// Asks over a datagram: from a port of its own for each question, unguessable like its number (RFC 5452, 9). Nothing that does not match ends the
/// wait; what could be forged is asked for again over a stream.
/// </summary>
internal sealed class DatagramExchange(UpstreamState upstream, StreamExchange stream, TimeProvider time) : IUpstreamExchange
{
    private const int FirstPort = 1024;
    private const int MostStrangers = 8;

    public async Task<DnsMessage> AskAsync(ForwardKey key, CancellationToken cancellationToken)
    {
        var query = new UpstreamQuery(key, upstream, isOpen: true);
        using var socket = Open(upstream.Options.Address);
        await socket.SendAsync(query.Bytes, SocketFlags.None, cancellationToken);
        var buffer = new byte[4096];
        var patience = upstream.Patience;
        Task<int>? receiving = null;
        for (var strangers = 0; strangers < MostStrangers;)
        {
            receiving ??= socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).AsTask();
            if (!await WaitAsync(receiving, patience, cancellationToken))
            {
                // The same bytes from the same port: a second number would be a second chance for a forger.
                await socket.SendAsync(query.Bytes, SocketFlags.None, cancellationToken);
                patience *= 2;
                continue;
            }

            var length = await receiving;
            receiving = null;
            var verdict = query.Judge(buffer.AsSpan(0, length), isOpen: true, out var answer);
            if (verdict == ReplyVerdict.Answer)
                return answer!;
            if (verdict == ReplyVerdict.Doubtful && upstream.KeepsCase && query.HasOtherCase(buffer))
                await stream.LearnCaseAsync(key, cancellationToken);
            if (verdict != ReplyVerdict.Stranger)
                break;
            strangers++;
        }

        return await stream.AskAsync(key, cancellationToken);
    }

    private async Task<bool> WaitAsync(Task receiving, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (receiving.IsCompleted)
            return true;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var timer = Task.Delay(patience, time, over.Token);
        var first = await Task.WhenAny(receiving, timer);
        await over.CancelAsync();
        return ReferenceEquals(first, receiving) || cancellationToken.IsCancellationRequested;
    }

    private static Socket Open(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            DatagramSockets.IgnorePathSize(socket, DatagramSockets.LargestUnfragmented);
            BindToAnyPort(socket);
            // A connected socket hears nobody else.
            socket.Connect(address);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void BindToAnyPort(Socket socket)
    {
        var any = socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        for (var tries = 0; tries < 8; tries++)
        {
            try
            {
                socket.Bind(new IPEndPoint(any, RandomNumberGenerator.GetInt32(FirstPort, 65536)));
                return;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Somebody has it; there are enough others.
            }
        }

        socket.Bind(new IPEndPoint(any, 0));
    }
}

/// <summary>Asks one upstream from one worker.</summary>
internal interface IUpstreamExchange
{
    /// <summary>Asks.</summary>
    /// <exception cref="IOException">The upstream cannot be reached, or what it sent is no answer.</exception>
    /// <exception cref="SocketException">The upstream cannot be reached.</exception>
    Task<DnsMessage> AskAsync(ForwardKey key, CancellationToken cancellationToken);
}
