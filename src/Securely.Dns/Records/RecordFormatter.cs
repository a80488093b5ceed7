using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Securely.Dns.Records;

/// <summary>Writes record data as zone files have it, by the table of types; <see cref="RecordParser"/> reads it back.</summary>
internal static partial class RecordFormatter
{
    /// <summary>Writes data; what does not fit its type, or has no words, is written as bytes (RFC 3597, 5). Every data that is valid reads back as it was.</summary>
    internal static void Format(RecordType type, ReadOnlySpan<byte> data, StringBuilder text)
    {
        var fields = RecordSchema.FieldsOf(type);
        if (fields[0] == FieldKind.Opaque || !FieldWire.IsValid(type, data) || !FieldText.Covers(fields, data))
        {
            text.Append(CultureInfo.InvariantCulture, $@"\# {data.Length}");
            if (!data.IsEmpty)
                text.Append(' ').Append(Convert.ToHexString(data));
            return;
        }

        var first = true;
        foreach (var kind in fields)
        {
            var length = FieldWire.Measure(kind, data);
            if (!first && (length > 0 || kind is FieldKind.LongText or FieldKind.Base64OrNone))
                text.Append(' ');
            first = false;
            FormatField(kind, data[..length], text);
            data = data[length..];
        }
    }

    private static void FormatField(FieldKind kind, ReadOnlySpan<byte> field, StringBuilder text)
    {
        switch (kind)
        {
            case FieldKind.CompressedName or FieldKind.LowerName or FieldKind.Name:
                NameText.Format(field, text);
                break;
            case FieldKind.Number8 or FieldKind.Algorithm:
                text.Append(field[0]);
                break;
            case FieldKind.Number16 or FieldKind.CertificateType:
                text.Append(BinaryPrimitives.ReadUInt16BigEndian(field));
                break;
            case FieldKind.Number32 or FieldKind.Duration:
                text.Append(BinaryPrimitives.ReadUInt32BigEndian(field));
                break;
            case FieldKind.Time:
                TimeText.FormatMoment(BinaryPrimitives.ReadUInt32BigEndian(field), text);
                break;
            case FieldKind.TypeName:
                text.Append(RecordSchema.NameOf((RecordType)BinaryPrimitives.ReadUInt16BigEndian(field)));
                break;
            case FieldKind.Address4 or FieldKind.Address6:
                text.Append(new IPAddress(field));
                break;
            case FieldKind.Text or FieldKind.Texts:
                FormatTexts(field, text);
                break;
            default:
                FormatBinary(kind, field, text);
                break;
        }
    }

    private static void FormatBinary(FieldKind kind, ReadOnlySpan<byte> field, StringBuilder text)
    {
        switch (kind)
        {
            case FieldKind.LongText:
                AppendQuoted(field, text);
                break;
            case FieldKind.Tag:
                text.Append(Encoding.Latin1.GetString(field[1..]));
                break;
            case FieldKind.Hex:
                text.Append(Convert.ToHexString(field));
                break;
            case FieldKind.Base64 or FieldKind.OptionalBase64:
                text.Append(Convert.ToBase64String(field));
                break;
            case FieldKind.Salt:
                text.Append(field.Length == 1 ? "-" : Convert.ToHexString(field[1..]));
                break;
            case FieldKind.HashedName:
                Base32.Write(field[1..], text);
                break;
            case FieldKind.Mac48 or FieldKind.Mac64:
                AppendGroups(field, 1, '-', text);
                break;
            case FieldKind.Groups64:
                AppendGroups(field, 2, ':', text);
                break;
            default:
                FormatList(kind, field, text);
                break;
        }
    }

    private static void FormatList(FieldKind kind, ReadOnlySpan<byte> field, StringBuilder text)
    {
        switch (kind)
        {
            case FieldKind.TypeBitmap:
                text.AppendJoin(' ', TypeBitmap.Read(field).Select(RecordSchema.NameOf));
                break;
            case FieldKind.ServiceParameters:
                FormatParameters(field, text);
                break;
            case FieldKind.Location:
                LocationText.Format(field, text);
                break;
            case FieldKind.AddressRanges:
                FormatRanges(field, text);
                break;
            default:
                FormatComposite(kind, field, text);
                break;
        }
    }

    private static void FormatTexts(ReadOnlySpan<byte> field, StringBuilder text)
    {
        for (var at = 0; at < field.Length; at += field[at] + 1)
        {
            if (at > 0)
                text.Append(' ');
            AppendQuoted(field.Slice(at + 1, field[at]), text);
        }
    }

    private static void AppendQuoted(ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        text.Append('"');
        foreach (var value in bytes)
            AppendEscaped(value, text);
        text.Append('"');
    }

    private static void AppendEscaped(byte value, StringBuilder text)
    {
        if (value is (byte)'"' or (byte)'\\')
            text.Append('\\').Append((char)value);
        else if (value is >= 32 and < 127)
            text.Append((char)value);
        else
            text.Append(CultureInfo.InvariantCulture, $@"\{value:000}");
    }

    private static void AppendGroups(ReadOnlySpan<byte> field, int size, char separator, StringBuilder text)
    {
        for (var at = 0; at < field.Length; at += size)
        {
            if (at > 0)
                text.Append(separator);
            text.Append(Convert.ToHexStringLower(field.Slice(at, size)));
        }
    }

    private static void FormatRanges(ReadOnlySpan<byte> field, StringBuilder text)
    {
        Span<byte> address = stackalloc byte[16];
        for (var at = 0; at < field.Length;)
        {
            var size = field[at + 3] & 0x7F;
            var family = BinaryPrimitives.ReadUInt16BigEndian(field[at..]);
            address.Clear();
            field.Slice(at + 4, size).CopyTo(address);
            text.Append(at > 0 ? " " : "").Append((field[at + 3] & 0x80) != 0 ? "!" : "")
                .Append(CultureInfo.InvariantCulture, $"{family}:{new IPAddress(address[..(family == 1 ? 4 : 16)])}/{field[at + 2]}");
            at += 4 + size;
        }
    }

    private static void FormatParameters(ReadOnlySpan<byte> field, StringBuilder text)
    {
        for (var at = 0; at < field.Length;)
        {
            var key = BinaryPrimitives.ReadUInt16BigEndian(field[at..]);
            var value = field.Slice(at + 4, BinaryPrimitives.ReadUInt16BigEndian(field[(at + 2)..]));
            text.Append(at > 0 ? " " : "").Append(ServiceParameters.NameOf(key));
            if (!value.IsEmpty)
                FormatParameter(key, value, text.Append('='));
            at += 4 + value.Length;
        }
    }

    private static void FormatParameter(ushort key, ReadOnlySpan<byte> value, StringBuilder text)
    {
        switch (key)
        {
            case ServiceParameters.Mandatory:
                for (var i = 0; i < value.Length; i += 2)
                    text.Append(i > 0 ? "," : "").Append(ServiceParameters.NameOf(BinaryPrimitives.ReadUInt16BigEndian(value[i..])));
                break;
            case ServiceParameters.Alpn:
                FormatProtocols(value, text);
                break;
            case ServiceParameters.Port:
                text.Append(BinaryPrimitives.ReadUInt16BigEndian(value));
                break;
            case ServiceParameters.Ipv4Hint or ServiceParameters.Ipv6Hint:
                var size = key == ServiceParameters.Ipv4Hint ? 4 : 16;
                for (var i = 0; i < value.Length; i += size)
                    text.Append(i > 0 ? "," : "").Append(new IPAddress(value.Slice(i, size)));
                break;
            case ServiceParameters.Ech:
                text.Append(Convert.ToBase64String(value));
                break;
            default:
                AppendQuoted(value, text);
                break;
        }
    }

    private static void FormatProtocols(ReadOnlySpan<byte> value, StringBuilder text)
    {
        text.Append('"');
        for (var at = 0; at < value.Length; at += value[at] + 1)
        {
            if (at > 0)
                text.Append(',');
            foreach (var letter in value.Slice(at + 1, value[at]))
            {
                // Once for the list, once more for the text it stands in.
                if (letter is (byte)',' or (byte)'\\')
                    text.Append(@"\\");
                AppendEscaped(letter, text);
            }
        }

        text.Append('"');
    }
}
