using System.Buffers.Binary;

namespace Securely.Dns;

public sealed partial record DnsMessage
{
    /// <summary>Writes the message with compressed names.</summary>
    /// <returns>Its bytes, without the length that streams put before them.</returns>
    /// <exception cref="InvalidOperationException">It is longer than 65,535 bytes.</exception>
    public byte[] Encode()
    {
        var writer = new DnsWriter(new byte[FieldWire.Maximum], new NameCompressor());
        return TryEncode(writer) ? writer.Written.ToArray() : throw new InvalidOperationException("The message is longer than 65,535 bytes.");
    }

    /// <summary>Writes the message.</summary>
    /// <returns>False when it does not fit.</returns>
    internal bool TryEncode(DnsWriter writer)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16BigEndian(head, Id);
        head[2] = (byte)((IsResponse ? 0x80 : 0) | ((int)OpCode << 3) | (IsAuthoritative ? 4 : 0) | (IsTruncated ? 2 : 0) | (RecursionDesired ? 1 : 0));
        head[3] = (byte)((RecursionAvailable ? 0x80 : 0) | (ReservedBit ? 0x40 : 0) | (IsAuthentic ? 0x20 : 0) | (CheckingDisabled ? 0x10 : 0) | ((int)Code & 15));
        BinaryPrimitives.WriteUInt16BigEndian(head[4..], (ushort)Questions.Count);
        BinaryPrimitives.WriteUInt16BigEndian(head[6..], (ushort)Answers.Count);
        BinaryPrimitives.WriteUInt16BigEndian(head[8..], (ushort)Authorities.Count);
        BinaryPrimitives.WriteUInt16BigEndian(head[10..], (ushort)(Additionals.Count + (Edns is null ? 0 : 1)));
        var fits = writer.TryWrite(head);
        foreach (var question in Questions)
            fits = fits && writer.TryWriteName(question.Name) && writer.TryWrite16((ushort)question.Type) && writer.TryWrite16((ushort)question.Class);
        foreach (var record in Answers.Concat(Authorities).Concat(Additionals))
            fits = fits && writer.TryWriteRecord(record);
        return fits && (Edns is null || TryWriteEdns(writer, Edns));
    }

    private bool TryWriteEdns(DnsWriter writer, Edns edns)
    {
        var flags = ((uint)Code >> 4 << 24) | ((uint)edns.Version << 16) | (edns.WantsProof ? 0x8000u : 0) | edns.ReservedFlags;
        var length = edns.Options.Sum(option => option.Data.Length + 4);
        var fits = writer.TryWrite([0]) && writer.TryWrite16((ushort)RecordType.Opt) && writer.TryWrite16(edns.PayloadSize) && writer.TryWrite32(flags) && writer.TryWrite16((ushort)length);
        foreach (var option in edns.Options)
            fits = fits && writer.TryWrite16((ushort)option.Code) && writer.TryWrite16((ushort)option.Data.Length) && writer.TryWrite(option.Data.Span);
        return fits;
    }
}
