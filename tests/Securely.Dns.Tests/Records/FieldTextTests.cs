using System.Buffers.Binary;

namespace Securely.Dns.Tests.Records;

/// <summary>Data that messages may hold but for which there are no words is written as bytes, and all data reads back as it was.</summary>
public sealed class FieldTextTests
{
    [Theory]
    // Another version; more than 90 degrees north; more than 180 east; ten centimetres by a digit that is none; a size of nothing in metres.
    [InlineData("LOC", "0100", @"\# 2 0100")]
    [InlineData("LOC", "00121613FFFFFFFF8000000000989680", @"\# 16 00121613FFFFFFFF8000000000989680")]
    [InlineData("LOC", "0012161380000000FFFFFFFF00989680", @"\# 16 0012161380000000FFFFFFFF00989680")]
    [InlineData("LOC", "00A1161380000000800000000098968" + "0", @"\# 16 00A11613800000008000000000989680")]
    [InlineData("LOC", "00021613800000008000000000989680", @"\# 16 00021613800000008000000000989680")]
    [InlineData("LOC", "00991613800000008000000000989680", "0 0 0.000 N 0 0 0.000 E 0.00m 90000000.00m 10000.00m 10.00m")]
    // An unknown family of more than 16 bytes; a zero byte at the end that text leaves out; nothing at all.
    [InlineData("APL", "000300110102030405060708091011121314151617", @"\# 21 000300110102030405060708091011121314151617")]
    [InlineData("APL", "00011802C000", @"\# 6 00011802C000")]
    [InlineData("APL", "", "")]
    // A zero byte behind the last type.
    [InlineData("NSEC", "016100" + "000120", "a. NS")]
    [InlineData("NSEC", "016100" + "00022000", @"\# 7 01610000022000")]
    [InlineData("CAA", "0003612D62", @"\# 5 0003612D62")]
    [InlineData("DS", "30390801", @"\# 4 30390801")]
    [InlineData("OPENPGPKEY", "", @"\# 0")]
    [InlineData("SVCB", "000100FFFF0000", @"\# 7 000100FFFF0000")]
    public void Writes_bytes_where_there_are_no_words(string type, string hex, string text)
    {
        Assert.True(ResourceRecord.TryParseType(type, out var known));
        var record = new ResourceRecord(DomainName.Root, known, 1, Convert.FromHexString(hex));
        Assert.Equal(text, record.DataText);
        Assert.Equal(hex, Convert.ToHexString(ResourceRecord.Parse(DomainName.Root, known, 1, text).Data.Span));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Whatever_a_message_may_hold_is_written_and_reads_back(int seed)
    {
        var random = new Random(seed);
        var types = Enumerable.Range(0, 300).Append((int)RecordType.Ta).Append((int)RecordType.Dlv).Append(65280).Select(type => (RecordType)type).ToArray();
        var seen = new HashSet<RecordType>();
        foreach (var type in types)
        {
            for (var round = 0; round < 100; round++)
            {
                var data = Data(random, type);
                if (!FieldWire.IsValid(type, data))
                    continue;
                seen.Add(type);
                var text = new ResourceRecord(DomainName.Root, type, 1, data).DataText;
                Assert.True(ResourceRecord.Parse(DomainName.Root, type, 1, text).Data.Span.SequenceEqual(data), $"{type} {Convert.ToHexString(data)}: {text}");
            }
        }

        Assert.Equal(types, seen.Order());
    }

    // Each field at random, now and then with a byte changed, so that most data is valid and much of it odd.
    private static byte[] Data(Random random, RecordType type)
    {
        var all = new List<byte>();
        foreach (var kind in RecordSchema.FieldsOf(type))
            all.AddRange(Field(random, kind));
        if (all.Count > 0 && random.Next(4) == 0)
            all[random.Next(all.Count)] = (byte)random.Next(256);
        return [.. all];
    }

    private static byte[] Field(Random random, FieldKind kind)
    {
        switch (kind)
        {
            case FieldKind.CompressedName or FieldKind.LowerName or FieldKind.Name:
                return random.Next(3) == 0 ? [0] : [2, .. Bytes(random, 2), 1, .. Bytes(random, 1), 0];
            case FieldKind.Text or FieldKind.Texts or FieldKind.Tag or FieldKind.Salt or FieldKind.HashedName:
                var length = random.Next(1, 20);
                return [(byte)length, .. Bytes(random, length)];
            case FieldKind.TypeBitmap:
                return random.Next(3) == 0 ? [] : [0, 3, .. Bytes(random, 3), 1, 1, .. Bytes(random, 1)];
            case FieldKind.Location:
                return [(byte)(random.Next(8) == 0 ? 1 : 0), .. Sizes(random), .. Angle(random, 90), .. Angle(random, 180), .. Bytes(random, 4)];
            case FieldKind.AddressRanges:
                return [0, (byte)random.Next(1, 4), (byte)random.Next(33), 0x82, .. Bytes(random, 2), 0, 2, 128, 16, .. Bytes(random, 16)];
            case FieldKind.ServiceParameters:
                return random.Next(3) == 0 ? [] : [0, 1, 0, 4, 3, .. Bytes(random, 3), 0, 3, 0, 2, .. Bytes(random, 2), 0, 7, 0, 3, .. Bytes(random, 3), .. Bytes(random, 1), 9, 0, 0];
            case FieldKind.Services or FieldKind.OldTypeBitmap or FieldKind.Nsap:
                return Bytes(random, random.Next(1, 20));
            case FieldKind.AddressSuffix:
                var prefix = random.Next(129);
                return [(byte)prefix, .. Bytes(random, 16 - (prefix / 8)), .. prefix == 0 ? [] : Field(random, FieldKind.Name)];
            case FieldKind.Gateway:
                return Host(random, algorithm: 2);
            case FieldKind.Relay:
                return Host(random, algorithm: null);
            case FieldKind.HostIdentity:
                return [3, 2, 0, 2, .. Bytes(random, 5), .. random.Next(2) == 0 ? Field(random, FieldKind.Name) : [], .. Field(random, FieldKind.Name)];
            default:
                return Enumerable.Range(0, 21).FirstOrDefault(size => FieldWire.Measure(kind, new byte[size]) >= 0) is > 0 and var size ? Bytes(random, size) : Bytes(random, random.Next(12));
        }
    }

    private static byte[] Host(Random random, byte? algorithm)
    {
        var kind = random.Next(5);
        byte[] host = kind switch { 1 => Bytes(random, 4), 2 => Bytes(random, 16), 3 => Field(random, FieldKind.Name), 4 => Bytes(random, 3), _ => [] };
        return algorithm is { } number ? [(byte)kind, number, .. host] : [(byte)(kind | (random.Next(2) << 7)), .. host];
    }

    private static byte[] Sizes(Random random) => [.. Enumerable.Range(0, 3).Select(_ => (byte)((random.Next(11) << 4) | random.Next(11)))];

    private static byte[] Angle(Random random, int most)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)((1L << 31) + random.NextInt64(-(most + 1) * 3_600_000L, (most + 1) * 3_600_000L)));
        return bytes;
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
