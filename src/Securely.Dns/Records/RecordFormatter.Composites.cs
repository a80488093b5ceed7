using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Securely.Dns.Records;

internal static partial class RecordFormatter
{
    private static void FormatComposite(FieldKind kind, ReadOnlySpan<byte> field, StringBuilder text)
    {
        switch (kind)
        {
            case FieldKind.Base64OrNone:
                text.Append(field.IsEmpty ? "-" : Convert.ToBase64String(field));
                break;
            case FieldKind.Nsap:
                text.Append("0x").Append(Convert.ToHexStringLower(field));
                break;
            case FieldKind.Scheme:
                text.Append(NumberNames.SchemeName(field[0]));
                break;
            case FieldKind.Services:
                text.Append(field[0]);
                foreach (var port in Bits(field[1..].ToArray()))
                    text.Append(' ').Append(port);
                break;
            case FieldKind.OldTypeBitmap:
                text.AppendJoin(' ', Bits(field.ToArray()).Select(type => RecordSchema.NameOf((RecordType)type)));
                break;
            case FieldKind.AddressSuffix:
                FormatSuffix(field, text);
                break;
            case FieldKind.Gateway:
                text.Append(CultureInfo.InvariantCulture, $"{field[0]} {field[1]} ");
                FormatHost(field[0], field[2..], text);
                break;
            case FieldKind.Relay:
                text.Append(CultureInfo.InvariantCulture, $"{field[0] >> 7} {field[0] & 0x7F} ");
                FormatHost(field[0] & 0x7F, field[1..], text);
                break;
            default:
                FormatHostIdentity(field, text);
                break;
        }
    }

    private static IEnumerable<int> Bits(byte[] bytes)
    {
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            if ((bytes[bit / 8] & (0x80 >> (bit % 8))) != 0)
                yield return bit;
        }
    }

    private static void FormatHost(int kind, ReadOnlySpan<byte> host, StringBuilder text)
    {
        if (kind == 0)
            text.Append('.');
        else if (kind == 3)
            NameText.Format(host, text);
        else
            text.Append(new IPAddress(host));
    }

    private static void FormatSuffix(ReadOnlySpan<byte> field, StringBuilder text)
    {
        var end = CompositeField.SuffixEnd(field[0]);
        text.Append(field[0]);
        if (field[0] < 128)
        {
            Span<byte> address = stackalloc byte[16];
            address.Clear();
            field[1..end].CopyTo(address[(field[0] / 8)..]);
            text.Append(' ').Append(new IPAddress(address));
        }

        if (field[0] > 0)
            NameText.Format(field[end..], text.Append(' '));
    }

    private static void FormatHostIdentity(ReadOnlySpan<byte> field, StringBuilder text)
    {
        int identity = field[0], key = BinaryPrimitives.ReadUInt16BigEndian(field[2..]);
        text.Append(CultureInfo.InvariantCulture, $"{field[1]} {Convert.ToHexString(field.Slice(4, identity))} {Convert.ToBase64String(field.Slice(4 + identity, key))}");
        for (var at = 4 + identity + key; at < field.Length; at += WireName.Measure(field[at..]))
            NameText.Format(field[at..], text.Append(' '));
    }
}
