using System.Buffers.Binary;
using Securely.Net;

namespace Securely.Dns;

/// <summary>
/// The answers of a stream that come later than those to its next questions (RFC 7766, 7), and the order in which everything is written. A stream
/// gets one with its first question for a name of others. Only the stream's worker touches it.
/// </summary>
internal sealed class StreamOutbox(Connection connection)
{
    // Behind so many open questions no more are read.
    private const int MostPending = 64;
    private readonly WriteTurns _turns = new(connection);
    private TaskCompletionSource? _fewer;
    private int _wanted;

    /// <summary>How many questions have no answer yet.</summary>
    internal int Pending { get; private set; }

    /// <summary>Counts a question whose answer comes later, and makes its way back.</summary>
    internal ForwardClient Add(byte[] request, byte[] address)
    {
        Pending++;
        return new StreamClient(this, connection.Worker!, request, address, StreamFront.TransportOf(connection));
    }

    internal ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => _turns.WriteAsync(bytes);

    /// <summary>Waits while there are too many open questions.</summary>
    internal Task HasRoomAsync() => AtMostAsync(MostPending);

    /// <summary>Waits for the last answer.</summary>
    internal Task SettledAsync() => AtMostAsync(0);

    private Task AtMostAsync(int count)
    {
        if (Pending <= count)
            return Task.CompletedTask;
        _wanted = count;
        _fewer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _fewer.Task;
    }

    private async ValueTask DeliverAsync(byte[]? frame)
    {
        try
        {
            if (frame is not null && !connection.IsClosed)
                await WriteAsync(frame);
        }
        catch (IOException)
        {
            // The client has gone.
        }

        if (--Pending <= _wanted)
            _fewer?.TrySetResult();
    }

    private sealed class StreamClient(StreamOutbox outbox, Worker worker, byte[] request, byte[] address, DnsTransport transport) : ForwardClient(request, address, transport)
    {
        private byte[]? _frame;

        internal override void Reply(ReadOnlySpan<byte> answer)
        {
            _frame = new byte[answer.Length + 2];
            BinaryPrimitives.WriteUInt16BigEndian(_frame, (ushort)answer.Length);
            answer.CopyTo(_frame.AsSpan(2));
            Drop();
        }

        internal override void Drop() => worker.Post(static state => ((StreamClient)state!).Deliver(), this);

        private void Deliver() => outbox.DeliverAsync(_frame).Forget();
    }
}
