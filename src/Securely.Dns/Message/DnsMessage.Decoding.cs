using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Securely.Dns;

public sealed partial record DnsMessage
{
    /// <summary>Reads a message.</summary>
    /// <param name="bytes">The whole message, without the length that streams put before it.</param>
    /// <param name="message">The message.</param>
    /// <returns>False when it is malformed, or has something behind its end.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DnsMessage? message)
    {
        message = null;
        if (bytes.Length < 12)
            return false;
        var data = ArrayPool<byte>.Shared.Rent(FieldWire.Maximum);
        try
        {
            return TryDecode(bytes, data, out message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(data);
        }
    }

    private static bool TryDecode(ReadOnlySpan<byte> bytes, byte[] data, [NotNullWhen(true)] out DnsMessage? message)
    {
        message = null;
        var at = 12;
        Edns? edns = null;
        if (!TryReadQuestions(bytes, ref at, out var questions) || !TryReadSection(bytes, ref at, 6, data, ref edns, out var answers) || !TryReadSection(bytes, ref at, 8, data, ref edns, out var authorities)
            || !TryReadSection(bytes, ref at, 10, data, ref edns, out var additionals) || at != bytes.Length)
            return false;
        var (high, low) = (bytes[2], bytes[3]);
        message = new DnsMessage
        {
            Id = BinaryPrimitives.ReadUInt16BigEndian(bytes),
            IsResponse = (high & 0x80) != 0,
            OpCode = (OpCode)((high >> 3) & 15),
            IsAuthoritative = (high & 4) != 0,
            IsTruncated = (high & 2) != 0,
            RecursionDesired = (high & 1) != 0,
            RecursionAvailable = (low & 0x80) != 0,
            ReservedBit = (low & 0x40) != 0,
            IsAuthentic = (low & 0x20) != 0,
            CheckingDisabled = (low & 0x10) != 0,
            Code = (ResponseCode)((low & 15) | (ExtendedCode(bytes, edns) << 4)),
            Questions = questions,
            Answers = answers,
            Authorities = authorities,
            Additionals = additionals,
            Edns = edns,
        };
        return true;
    }

    private static bool TryReadQuestions(ReadOnlySpan<byte> bytes, ref int at, out List<Question> questions)
    {
        questions = [];
        Span<byte> name = stackalloc byte[WireName.Maximum];
        for (var left = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]); left > 0; left--)
        {
            if (!WireName.TryRead(bytes, ref at, name, out var length) || at + 4 > bytes.Length)
                return false;
            questions.Add(new Question(DomainName.OfValid(name[..length]), (RecordType)BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]), (RecordClass)BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..])));
            at += 4;
        }

        return true;
    }

    private static int ExtendedCode(ReadOnlySpan<byte> bytes, Edns? edns) => edns is null ? 0 : OptHead(bytes);

    // The upper bits of the code are in the place of OPT's TTL; the message has been read once, so OPT is there.
    private static int OptHead(ReadOnlySpan<byte> bytes)
    {
        var walker = new RecordWalker(bytes);
        while (walker.Next())
        {
            if (walker.Type == RecordType.Opt)
                return (int)(walker.Ttl >> 24);
        }

        return 0;
    }

    private static bool TryReadSection(ReadOnlySpan<byte> bytes, ref int at, int countOffset, byte[] data, ref Edns? edns, out List<ResourceRecord> records)
    {
        records = [];
        Span<byte> name = stackalloc byte[WireName.Maximum];
        for (var left = BinaryPrimitives.ReadUInt16BigEndian(bytes[countOffset..]); left > 0; left--)
        {
            if (!WireName.TryRead(bytes, ref at, name, out var length) || at + 10 > bytes.Length)
                return false;
            var type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            var classValue = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
            var ttl = BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 4)..]);
            var start = at + 10;
            at = start + BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 8)..]);
            if (at > bytes.Length)
                return false;
            if (type == RecordType.Opt)
            {
                if (countOffset != 10 || edns is not null || length != 1 || !TryReadOptions(bytes[start..at], classValue, ttl, out edns))
                    return false;
                continue;
            }

            var written = 0;
            // What an update deletes is named without data.
            var isBare = at == start && (RecordClass)classValue is RecordClass.Any or RecordClass.None;
            if (!isBare && !FieldWire.TryExpand(type, bytes, start, at, data, out written))
                return false;
            records.Add(ResourceRecord.OfValid(DomainName.OfValid(name[..length]), type, ttl, data[..written], (RecordClass)classValue));
        }

        return true;
    }

    private static bool TryReadOptions(ReadOnlySpan<byte> data, ushort payload, uint flags, [NotNullWhen(true)] out Edns? edns)
    {
        var options = new List<EdnsOption>();
        edns = null;
        while (!data.IsEmpty)
        {
            if (data.Length < 4 || data.Length < 4 + BinaryPrimitives.ReadUInt16BigEndian(data[2..]))
                return false;
            var length = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
            options.Add(new EdnsOption((EdnsOptionCode)BinaryPrimitives.ReadUInt16BigEndian(data), data.Slice(4, length).ToArray()));
            data = data[(4 + length)..];
        }

        edns = new Edns
        {
            PayloadSize = payload,
            Version = (byte)(flags >> 16),
            WantsProof = (flags & 0x8000) != 0,
            ReservedFlags = (ushort)(flags & 0x7FFF),
            Options = options,
        };
        return true;
    }
}
