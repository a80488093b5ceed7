using System.Buffers.Binary;
using Securely.Net;

namespace Securely.Dns;

/// <summary>
/// Sends a zone, or what has changed in it, over a stream in as many messages as it takes (RFC 5936, RFC 1995). What is sent is the zone as it was
/// when it was asked for, whatever happens to it meanwhile.
/// </summary>
internal sealed class ZoneTransfer(TransferRequest transfer, byte[] request, ServerState state)
{
    // Pointers reach 16 KiB, so longer messages would compress worse.
    private const int MessageSize = 16 * 1024;

    private readonly byte[] _buffer = new byte[2 + FieldWire.Maximum];
    private readonly byte[] _message = new byte[FieldWire.Maximum];
    private readonly NameCompressor _compressor = new();
    private ushort _records;
    private bool _first = true;

    internal async ValueTask WriteAsync(Connection connection)
    {
        var writer = new DnsWriter(_message, _compressor);
        Begin(writer);
        foreach (var record in TransferContent.Of(transfer.Zone, request))
        {
            if (writer.Position <= MessageSize && Fits(writer, record))
                continue;
            connection.SetWriteDeadline(state.Options.StreamIdle);
            await connection.WriteAsync(End(writer));
            Begin(writer);
            if (!Fits(writer, record))
                throw new NetException(NetErrorKind.Internal, $"The record [{record.Name}] {record.Type} is too long for a message.", ErrorSource.Internal);
        }

        await connection.WriteAsync(End(writer));
    }

    private bool Fits(DnsWriter writer, ResourceRecord record)
    {
        if (writer.Position + record.Data.Length + (2 * WireName.Maximum) > FieldWire.Maximum - (transfer.Signature?.Length ?? 0) || !writer.TryWriteRecord(record))
            return false;
        _records++;
        return true;
    }

    // The question is in the first message alone (RFC 5936, 2.2.1).
    private void Begin(DnsWriter writer)
    {
        writer.Clear();
        _records = 0;
        var question = 12 + WireName.Measure(request.AsSpan(12)) + 4;
        var head = request.AsSpan(0, 12).ToArray();
        head[2] = 0x84;
        head[3] = 0;
        head.AsSpan(4).Clear();
        head[5] = (byte)(_first ? 1 : 0);
        writer.TryWrite(head);
        if (_first)
            writer.TryWrite(request.AsSpan(12, question - 12));
    }

    private ReadOnlyMemory<byte> End(DnsWriter writer)
    {
        var length = writer.Position;
        BinaryPrimitives.WriteUInt16BigEndian(_message.AsSpan(6), _records);
        if (transfer.Signature is { } signature)
            length = signature.Append(_message, length, state.Now);
        _first = false;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer, (ushort)length);
        _message.AsSpan(0, length).CopyTo(_buffer.AsSpan(2));
        return _buffer.AsMemory(0, length + 2);
    }
}
