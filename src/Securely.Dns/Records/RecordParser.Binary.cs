using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Securely.Dns.Records;

internal sealed partial class RecordParser
{
    private static readonly SearchValues<char> _hexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    // RFC 3597, 5: \# LENGTH HEX...
    private string? ParseUnknown(RecordType type)
    {
        _at++;
        if (_at >= _count || !ushort.TryParse(Word, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            return @"must be the length of the data, as in [\# 4 0A000001]";
        _at++;
        if (length > 0 && (_at >= _count ? @"The data after [\#] is missing" : ParseHex()) is { } error)
            return error;
        if (_length != length)
            return string.Create(CultureInfo.InvariantCulture, $"The data has {_length} bytes, not {length}");
        return FieldWire.IsValid(type, Data) ? null : $"The bytes are not {RecordSchema.NameOf(type)} data";
    }

    private string? ParseHex()
    {
        var high = -1;
        for (; _at < _count; _at++)
        {
            foreach (var letter in Word)
            {
                if (!char.IsAsciiHexDigit(letter))
                    return "is not hexadecimal";
                var digit = char.IsAsciiDigit(letter) ? letter - '0' : (letter | 0x20) - 'a' + 10;
                if (high < 0)
                    high = digit;
                else if (PutByte((byte)((high << 4) | digit)) is { } error)
                    return error;
                else
                    high = -1;
            }
        }

        return high < 0 ? null : "The hexadecimal digits are odd in number";
    }

    private string? ParseBase64()
    {
        var letters = new char[FieldWire.Maximum * 2];
        var count = 0;
        for (; _at < _count; _at++)
        {
            if (count + Word.Length > letters.Length)
                return "makes the data longer than 65,535 bytes";
            Word.CopyTo(letters.AsSpan(count));
            count += Word.Length;
        }

        if (!Convert.TryFromBase64Chars(letters.AsSpan(0, count), _data.AsSpan(_length), out var written))
            return "The data is not Base64";
        _length += written;
        return null;
    }

    private string? ParseSalt()
    {
        if (Word is "-")
            return Put([0]);
        var start = _length;
        if (Word.Length is 0 or > 510 || Word.Length % 2 != 0 || Word.ContainsAnyExcept(_hexDigits))
            return "is neither hexadecimal nor a hyphen";
        Span<byte> bytes = stackalloc byte[256];
        Convert.FromHexString(Word, bytes[1..], out _, out var written);
        bytes[0] = (byte)written;
        return start + written < _data.Length ? Put(bytes[..(written + 1)]) : "makes the data too long";
    }

    private string? ParseHashedName()
    {
        Span<byte> bytes = stackalloc byte[256];
        return Base32.TryRead(Word, bytes[1..], out var written) && written > 0 ? PutCounted(bytes, written) : "is not Base32 with extended hex";
    }

    private string? PutCounted(scoped Span<byte> bytes, int length)
    {
        bytes[0] = (byte)length;
        return Put(bytes[..(length + 1)]);
    }

    private string? ParseTypes()
    {
        var types = new List<RecordType>();
        for (; _at < _count; _at++)
        {
            if (!RecordSchema.TryFind(Word, out var type))
                return "is not a record type";
            types.Add(type);
        }

        return Append(TypeBitmap.Write(types));
    }

    private string? ParseGroups(int bytes, int digits, char separator)
    {
        var word = Word;
        Span<byte> all = stackalloc byte[8];
        var groups = bytes * 2 / digits;
        if (word.Length != (bytes * 2) + groups - 1)
            return Wrong(separator);
        for (var group = 0; group < groups; group++)
        {
            var at = group * (digits + 1);
            if ((group > 0 && word[at - 1] != separator) || !ulong.TryParse(word.Slice(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
                return Wrong(separator);
            if (digits == 2)
                all[group] = (byte)number;
            else
                BinaryPrimitives.WriteUInt16BigEndian(all[(group * 2)..], (ushort)number);
        }

        return Put(all[..bytes]);

        static string Wrong(char separator) => separator == '-' ? "is not an address such as 00-00-5e-00-53-2a" : "is not a locator such as 0014:4fff:ff20:ee64";
    }

    // [!]AFI:ADDRESS/PREFIX, trailing zero bytes left out (RFC 3123, 4).
    private string? ParseRanges()
    {
        Span<byte> bytes = stackalloc byte[20];
        for (; _at < _count; _at++)
        {
            var word = Word;
            var negated = word.StartsWith("!");
            if (negated)
                word = word[1..];
            int colon = word.IndexOf(':'), slash = word.LastIndexOf('/');
            if (colon < 1 || slash < colon || word.ContainsAny("%[]") || !IPAddress.TryParse(word[(colon + 1)..slash], out var address)
                || !byte.TryParse(word[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var prefix))
                return "is not a range such as 1:192.0.2.0/24";
            address.TryWriteBytes(bytes[4..], out var size);
            var family = size == 4 ? 1 : 2;
            if (word[..colon] is not ['1' or '2'] || word[0] - '0' != family || prefix > size * 8)
                return "is not a range of its family";
            while (size > 0 && bytes[3 + size] == 0)
                size--;
            BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)family);
            bytes[2] = prefix;
            bytes[3] = (byte)(size | (negated ? 0x80 : 0));
            if (Append(bytes[..(4 + size)]) is { } error)
                return error;
        }

        return null;
    }

    private string? ParseLocation()
    {
        Span<byte> bytes = stackalloc byte[16];
        var words = new string[_count - _at];
        for (var i = 0; i < words.Length; i++)
            words[i] = _tokens[_at + i].In(_text).ToString();
        if (!LocationText.TryParse(words, bytes, out var used))
            return "is not a position such as [52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m]";
        _at += used - 1;
        return Put(bytes);
    }
}
