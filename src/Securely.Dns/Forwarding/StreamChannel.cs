using System.Buffers.Binary;
using System.Security.Cryptography;
using Securely.Net;

namespace Securely.Dns;

/// <summary>One stream to an upstream with any number of questions on it, answered in any order (RFC 7766, 6.2). It belongs to its worker.</summary>
internal sealed class StreamChannel(Connection connection)
{
    private static readonly TimeSpan _idle = TimeSpan.FromSeconds(10);
    private readonly Dictionary<ushort, TaskCompletionSource<byte[]>> _waiting = [];
    private readonly WriteTurns _turns = new(connection);
    private bool _isClosed;

    /// <summary>Whether more can be asked.</summary>
    internal bool IsOpen => !_isClosed && !connection.IsClosed;

    /// <summary>Asks; the number of the question is replaced on its way, and put back into the answer.</summary>
    internal async Task<byte[]> AskAsync(byte[] query, CancellationToken cancellationToken)
    {
        if (!IsOpen)
            throw new IOException("The stream has ended");
        var id = FreeId();
        var waiting = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(id, waiting);
        try
        {
            await WriteAsync(query, id);
            var reply = await waiting.Task.WaitAsync(cancellationToken);
            query.AsSpan(0, 2).CopyTo(reply);
            return reply;
        }
        finally
        {
            _waiting.Remove(id);
        }
    }

    /// <summary>Reads answers until the stream ends.</summary>
    internal async ValueTask ReadAsync()
    {
        var buffer = new byte[FieldWire.Maximum + 2];
        try
        {
            for (var held = 0; ;)
            {
                connection.SetReadDeadline(_idle);
                var read = await connection.ReadAsync(buffer.AsMemory(held));
                if (read == 0)
                    break;
                held += read;
                var used = Deliver(buffer.AsSpan(0, held));
                buffer.AsSpan(used, held - used).CopyTo(buffer);
                held -= used;
            }
        }
        catch (IOException)
        {
            // Silence for too long, or a reset: whoever waits learns it below.
        }

        Close();
    }

    internal void Close()
    {
        _isClosed = true;
        connection.Close();
        foreach (var waiting in _waiting.Values)
            waiting.TrySetException(new IOException("The stream has ended before the answer"));
    }

    private int Deliver(ReadOnlySpan<byte> bytes)
    {
        var used = 0;
        while (bytes.Length - used >= 2)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[used..]);
            if (bytes.Length - used - 2 < length)
                break;
            var message = bytes.Slice(used + 2, length);
            used += 2 + length;
            if (length >= 12 && _waiting.TryGetValue(BinaryPrimitives.ReadUInt16BigEndian(message), out var waiting))
                waiting.TrySetResult(message.ToArray());
        }

        return used;
    }

    private async Task WriteAsync(byte[] query, ushort id)
    {
        var frame = new byte[query.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)query.Length);
        query.CopyTo(frame, 2);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), id);
        connection.SetWriteDeadline(_idle);
        await _turns.WriteAsync(frame);
    }

    private ushort FreeId()
    {
        if (_waiting.Count > 32768)
            throw new IOException("The stream has too many questions on it");
        while (true)
        {
            var id = (ushort)RandomNumberGenerator.GetInt32(65536);
            if (!_waiting.ContainsKey(id))
                return id;
        }
    }
}
