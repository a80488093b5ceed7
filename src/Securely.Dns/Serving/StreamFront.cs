using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using Securely.Net;

namespace Securely.Dns;

/// <summary>
/// Questions over streams (RFC 7766): 1. the stream waits, holding no buffer; 2. all questions that have arrived are answered in order into one
/// buffer; 3. the buffer is written; 4. go to 1. The time for a question runs from the moment the stream began to wait for it.
/// </summary>
internal sealed class StreamFront(ServerState state, int workers)
{
    // Room for one more answer of usual size before what is there is written.
    private const int FlushAt = 48 * 1024;

    private readonly Responder[] _responders = [.. Enumerable.Range(0, workers).Select(_ => new Responder(state, isLimited: false))];

    internal IReadOnlyList<Responder> Responders => _responders;

    /// <summary>What a connection's questions have come by.</summary>
    internal static DnsTransport TransportOf(Connection connection) => connection.IsEncrypted ? DnsTransport.Tls : DnsTransport.Tcp;

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    internal async ValueTask ServeAsync(Connection connection)
    {
        connection.SetWriteDeadline(state.Options.StreamIdle);
        var address = AddressOf(connection);
        while (true)
        {
            connection.SetReadDeadline(state.Options.StreamIdle);
            if (!await connection.WaitReadableAsync())
                break;
            var buffers = connection.Worker!.Buffers;
            var input = buffers.Rent(SlabPool.Large);
            var output = buffers.Rent(SlabPool.Large);
            try
            {
                if (!await AnswerBurstAsync(connection, address, input, output))
                    break;
            }
            finally
            {
                buffers.Return(input);
                buffers.Return(output);
            }
        }

        // A client may end its side and still wait for what it has asked.
        if (connection.Attachment is StreamOutbox outbox)
            await outbox.SettledAsync();
    }

    // Reads until nothing is left over; false ends the stream.
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<bool> AnswerBurstAsync(Connection connection, byte[] address, byte[] input, byte[] output)
    {
        var held = 0;
        do
        {
            // The longest message and its length are more than a buffer of the pool holds.
            if (held == input.Length)
            {
                var larger = new byte[FieldWire.Maximum + 2];
                input.CopyTo(larger, 0);
                input = larger;
            }

            connection.IsExpendable = connection.Attachment is not StreamOutbox { Pending: > 0 };
            var read = await connection.ReadAsync(input.AsMemory(held));
            connection.IsExpendable = false;
            if (read == 0)
                return false;
            held += read;
            var used = await AnswerAllAsync(connection, address, input.AsMemory(0, held), output);
            if (used < 0)
                return false;
            // A whole question has come, so the next one has its own time.
            if (used > 0)
                connection.SetReadDeadline(state.Options.StreamIdle);
            input.AsSpan(used, held - used).CopyTo(input);
            held -= used;
        }
        while (held > 0);
        return true;
    }

    // Answers every whole question; how many bytes those were, or -1 for a stream that has gone wrong.
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> AnswerAllAsync(Connection connection, byte[] address, ReadOnlyMemory<byte> input, byte[] output)
    {
        int used = 0, filled = 0;
        var responder = _responders[connection.Worker!.Index];
        var transport = TransportOf(connection);
        while (input.Length - used >= 2)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(input.Span[used..]);
            if (length == 0)
                return -1;
            if (input.Length - used - 2 < length)
                break;
            var request = input.Slice(used + 2, length);
            used += 2 + length;
            if (filled > FlushAt)
            {
                await WriteAsync(connection, output.AsMemory(0, filled));
                filled = 0;
            }

            var answer = Answer(responder, request.Span, output.AsSpan(filled), address, transport, hasMoreRoom: filled > 0);
            if (answer < 0)
            {
                // It has not enough room behind the others, and may have with the whole buffer (RFC 7766, 6.2.1.1).
                await WriteAsync(connection, output.AsMemory(0, filled));
                filled = 0;
                answer = Answer(responder, request.Span, output, address, transport, hasMoreRoom: false);
            }

            filled = responder.TakesTime ? await TakeTimeAsync(connection, responder, request, address, output, filled) : filled + answer;
        }

        if (filled > 0)
            await WriteAsync(connection, output.AsMemory(0, filled));
        return used;
    }

    // What takes its time takes the place of the answer, behind those that are ready. Others of the worker use the responder meanwhile.
    private async Task<int> TakeTimeAsync(Connection connection, Responder responder, ReadOnlyMemory<byte> request, byte[] address, byte[] output, int filled)
    {
        var (wanted, transfer, update) = (responder.Wanted, responder.Transfer, responder.Update);
        if (wanted.Key is not null)
        {
            await ForwardAsync(connection, wanted, request, address);
            return filled;
        }

        await WriteAsync(connection, output.AsMemory(0, filled));
        if (update is not null)
            return await ChangeAsync(update, output);
        if (connection.Attachment is StreamOutbox outbox)
            await outbox.SettledAsync();
        await new ZoneTransfer(transfer!, request.ToArray(), state).WriteAsync(connection);
        return 0;
    }

    private static async Task<int> ChangeAsync(UpdateRequest update, byte[] output)
    {
        var answer = await update.StartAsync();
        answer.Span.CopyTo(output.AsSpan(2));
        return Frame(answer.Length, output);
    }

    // The answer comes when it comes, behind those to later questions.
    private static Task ForwardAsync(Connection connection, ForwardOrder order, ReadOnlyMemory<byte> request, byte[] address)
    {
        var outbox = connection.Attachment as StreamOutbox ?? new StreamOutbox(connection);
        connection.Attachment = outbox;
        order.Ask(outbox.Add(request.ToArray(), address));
        return outbox.HasRoomAsync();
    }

    private static ValueTask WriteAsync(Connection connection, ReadOnlyMemory<byte> bytes) =>
        bytes.IsEmpty ? default : connection.Attachment is StreamOutbox outbox ? outbox.WriteAsync(bytes) : connection.WriteAsync(bytes);

    // How many bytes were written; negative where a truncated answer could have more room, and shall be made again there.
    private static int Answer(Responder responder, ReadOnlySpan<byte> request, Span<byte> output, byte[] address, DnsTransport transport, bool hasMoreRoom)
    {
        var length = responder.Respond(request, output[2..], address, transport, hasMoreRoom);
        return length < 0 ? length : Frame(length, output);
    }

    private static int Frame(int length, Span<byte> output)
    {
        if (length == 0)
            return 0;
        BinaryPrimitives.WriteUInt16BigEndian(output, (ushort)length);
        return length + 2;
    }

    private static byte[] AddressOf(Connection connection)
    {
        var address = connection.RemoteAddress ?? IPAddress.Loopback;
        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
    }
}
