using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Securely.Dns;

/// <summary>Asks one name server one question: over a datagram, and over a stream when the answer does not fit. For any thread.</summary>
/// <param name="server">The name server.</param>
/// <param name="time">The clock; the system's when null.</param>
public sealed class DnsClient(IPEndPoint server, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>How long each try may take. Default: 5 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether to ask over a stream at once. Default: false.</summary>
    public bool UsesStream { get; init; }

    /// <summary>Asks.</summary>
    /// <param name="message">The question; its number is replaced by an unguessable one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="TimeoutException">The server has not answered in time.</exception>
    /// <exception cref="IOException">The server cannot be reached, or what it sent is malformed.</exception>
    public async Task<DnsMessage> AskAsync(DnsMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        // From a source of secrets: whoever guesses it can forge the answer (RFC 5452, 9.2).
        var question = message with { Id = (ushort)RandomNumberGenerator.GetInt32(65536) };
        using var deadline = new CancellationTokenSource(Patience, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            if (!UsesStream && await AskDatagramAsync(question, both.Token).ConfigureAwait(false) is { IsTruncated: false } answer)
                return answer;
            return await AskStreamAsync(question, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(null, $"The server [{server}] has not answered within {Patience.TotalSeconds} s."));
        }
        catch (SocketException error)
        {
            throw new IOException($"The server [{server}] cannot be reached: {error.Message}", error);
        }
    }

    private async Task<DnsMessage> AskDatagramAsync(DnsMessage question, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        // A connected socket hears nobody else.
        await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
        await socket.SendAsync(question.Encode(), SocketFlags.None, cancellationToken).ConfigureAwait(false);
        var buffer = new byte[FieldWire.Maximum];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            // What does not match is somebody's forgery or too late; the wait goes on.
            if (DnsMessage.TryDecode(buffer.AsSpan(0, length), out var answer) && Matches(question, answer))
                return answer;
        }
    }

    private async Task<DnsMessage> AskStreamAsync(DnsMessage question, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
        await using var stream = new NetworkStream(socket);
        var bytes = question.Encode();
        var framed = new byte[bytes.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)bytes.Length);
        bytes.CopyTo(framed, 2);
        await stream.WriteAsync(framed, cancellationToken).ConfigureAwait(false);
        var head = new byte[2];
        await stream.ReadExactlyAsync(head, cancellationToken).ConfigureAwait(false);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await stream.ReadExactlyAsync(answer, cancellationToken).ConfigureAwait(false);
        return DnsMessage.TryDecode(answer, out var message) && Matches(question, message)
            ? message
            : throw new IOException($"What the server [{server}] sent is no answer to the question.");
    }

    // A server that could not read the question sends it back without.
    private static bool Matches(DnsMessage question, DnsMessage answer) =>
        answer.IsResponse && answer.Id == question.Id && (answer.Questions.SequenceEqual(question.Questions) || (answer.Questions.Count == 0 && answer.Code != ResponseCode.Success));
}
