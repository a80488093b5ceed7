using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Securely.Dns;

/// <summary>
/// A stream to a primary over which one zone is got. Every wait has an end: for the connection, for each message, and for all together. One caller
/// at a time.
/// </summary>
internal sealed class TransferClient : IDisposable
{
    private readonly Socket _socket;
    private readonly ZonePeer _peer;
    private readonly TsigKey? _key;
    private readonly ZoneKeeper _keeper;
    private readonly CancellationTokenSource _whole;
    private readonly byte[] _message = new byte[FieldWire.Maximum];
    private long _received;

    private TransferClient(Socket socket, ZonePeer peer, ZoneKeeper keeper, CancellationTokenSource whole)
    {
        _socket = socket;
        _peer = peer;
        _key = keeper.FindKey(peer);
        _keeper = keeper;
        _whole = whole;
    }

    /// <summary>Connects.</summary>
    /// <exception cref="ZoneTransferException">The primary cannot be reached in time.</exception>
    internal static async Task<TransferClient> ConnectAsync(ZonePeer peer, ZoneKeeper keeper, CancellationToken cancellationToken)
    {
        var socket = new Socket(peer.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var deadline = new CancellationTokenSource(keeper.Options.ConnectPatience, keeper.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(peer.EndPoint, both.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && error is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            throw new ZoneTransferException(error is SocketException ? $"it cannot be reached: {error.Message}" : "it cannot be reached in time", null, error);
        }

        return new TransferClient(socket, peer, keeper, new CancellationTokenSource(keeper.Options.TransferPatience, keeper.Time));
    }

    /// <summary>Asks for the serial number of the zone.</summary>
    /// <exception cref="ZoneTransferException">There is no usable answer.</exception>
    internal async Task<uint> AskSerialAsync(DomainName zone, CancellationToken cancellationToken)
    {
        var question = new DnsMessage { Id = NewId(), Questions = [new Question(zone, RecordType.Soa)] };
        using var exchange = await SendAsync(question, cancellationToken).ConfigureAwait(false);
        var answer = await ReceiveAsync(question, exchange, cancellationToken).ConfigureAwait(false);
        return answer.Answers.FirstOrDefault(record => record.Type == RecordType.Soa && record.Name.Equals(zone)) is { } soa
            ? SerialNumber.Of(soa)
            : throw new ZoneTransferException("it does not know the zone");
    }

    /// <summary>Gets a zone, or what has changed since a copy of it.</summary>
    /// <param name="zone">The zone's name.</param>
    /// <param name="held">The SOA record of our copy; null to get all of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ZoneTransferException">It did not come, or not as it should.</exception>
    internal async Task<TransferReader> TransferAsync(DomainName zone, ResourceRecord? held, CancellationToken cancellationToken)
    {
        var question = new DnsMessage
        {
            Id = NewId(),
            Questions = [new Question(zone, held is null ? RecordType.Axfr : RecordType.Ixfr)],
            Authorities = held is null ? [] : [held],
        };
        using var exchange = await SendAsync(question, cancellationToken).ConfigureAwait(false);
        var reader = new TransferReader(zone, held is null ? null : SerialNumber.Of(held));
        while (!reader.IsComplete)
        {
            var message = await ReceiveAsync(question, exchange, cancellationToken).ConfigureAwait(false);
            if (reader.Take(message) is { } error)
                throw new ZoneTransferException($"what it sends is no transfer: {error}");
        }

        return exchange is null || exchange.IsComplete ? reader : throw new ZoneTransferException("its last message is not signed");
    }

    public void Dispose()
    {
        _socket.Dispose();
        _whole.Dispose();
    }

    private static ushort NewId() => (ushort)RandomNumberGenerator.GetInt32(65536);

    private async Task<TsigExchange?> SendAsync(DnsMessage question, CancellationToken cancellationToken)
    {
        var exchange = _key is null ? null : new TsigExchange(_key, _keeper.Time);
        var bytes = exchange?.Sign(question.Encode()) ?? question.Encode();
        var framed = new byte[bytes.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)bytes.Length);
        bytes.CopyTo(framed, 2);
        await GuardAsync(token => _socket.SendAsync(framed, SocketFlags.None, token).AsTask(), cancellationToken).ConfigureAwait(false);
        return exchange;
    }

    private async Task<DnsMessage> ReceiveAsync(DnsMessage question, TsigExchange? exchange, CancellationToken cancellationToken)
    {
        var length = await GuardAsync(ReadFrameAsync, cancellationToken).ConfigureAwait(false);
        if ((_received += length) > _keeper.Options.MaximumTransferSize)
            throw new ZoneTransferException($"it sends more than {_keeper.Options.MaximumTransferSize} bytes");
        var bytes = _message.AsMemory(0, length);
        if (!DnsMessage.TryDecode(bytes.Span, out var message) || !message.IsResponse || message.Id != question.Id || (message.Questions.Count > 0 && !message.Questions.SequenceEqual(question.Questions)))
            throw new ZoneTransferException("what it sends is no answer to the question");
        if (exchange?.Verify(bytes.Span) is { } error)
            throw new ZoneTransferException($"what it sends cannot be believed: {error}", message.Code);
        return message.Code == ResponseCode.Success ? message : throw new ZoneTransferException($"it answers with {message.Code}", message.Code);
    }

    private async Task<int> ReadFrameAsync(CancellationToken cancellationToken)
    {
        await FillAsync(_message.AsMemory(0, 2), cancellationToken).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadUInt16BigEndian(_message);
        await FillAsync(_message.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        return length;
    }

    private async Task FillAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        while (target.Length > 0)
        {
            var read = await _socket.ReceiveAsync(target, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw new ZoneTransferException("it has ended the stream in the middle");
            target = target[read..];
        }
    }

    // Whatever goes wrong with the stream is the primary's fault, but not that we were told to stop.
    private async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_keeper.Options.MessagePatience, _keeper.Time);
        using var all = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _whole.Token, cancellationToken);
        try
        {
            return await step(all.Token).ConfigureAwait(false);
        }
        catch (SocketException error)
        {
            throw new ZoneTransferException($"the stream has failed: {error.Message}", null, error);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ZoneTransferException(_whole.IsCancellationRequested ? "the transfer takes too long" : "it does not go on in time", null, error);
        }
    }
}

/// <summary>Why a zone could not be got from a primary; the message goes on from its name.</summary>
internal sealed class ZoneTransferException(string message, ResponseCode? code = null, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>What the primary answered; null when that is not the reason.</summary>
    internal ResponseCode? Code => code;
}
