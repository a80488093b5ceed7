using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Securely.Dns.Records;

internal sealed partial class RecordParser
{
    // KEY, KEY=VALUE or KEY="VALUE" in any order; the bytes are in the order of the keys (RFC 9460, 2.1).
    private string? ParseServiceParameters()
    {
        var parameters = new SortedList<ushort, byte[]>();
        for (; _at < _count; _at++)
        {
            var word = Word;
            var equals = word.IndexOf('=');
            var name = equals < 0 ? word : word[..equals];
            if (!ServiceParameters.TryFind(name, out var key))
                return "is not a parameter of a service";
            var index = _at;
            var value = equals < 0 ? default : word[(equals + 1)..];
            // The value may be quoted: the lexer ends the word at the quote, and the quoted word follows without a space.
            if (equals == word.Length - 1 && _at + 1 < _count && _tokens[_at + 1].IsQuoted && _tokens[_at + 1].Start == _tokens[_at].Start + word.Length + 1)
                value = _tokens[++_at].In(_text);
            if (ToValue(key, value, equals >= 0, out var bytes) is { } error)
            {
                _at = index;
                return error;
            }

            if (!parameters.TryAdd(key, bytes))
                return "is there twice";
        }

        return PutParameters(parameters);
    }

    private string? PutParameters(SortedList<ushort, byte[]> parameters)
    {
        Span<byte> head = stackalloc byte[4];
        foreach (var (key, bytes) in parameters)
        {
            BinaryPrimitives.WriteUInt16BigEndian(head, key);
            BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)bytes.Length);
            if ((Append(head) ?? Append(bytes)) is { } error)
                return error;
        }

        return null;
    }

    private static string? ToValue(ushort key, ReadOnlySpan<char> text, bool hasValue, out byte[] bytes)
    {
        bytes = [];
        if (!TryUnescape(text, out var value) || value.Length > 65000)
            return "has a character or an escape that is no byte";
        switch (key)
        {
            case ServiceParameters.NoDefaultAlpn or ServiceParameters.Ohttp:
                return hasValue && value.Length > 0 ? "must not have a value" : null;
            case ServiceParameters.Mandatory:
                return ToKeys(text, out bytes);
            case ServiceParameters.Alpn:
                return TrySplit(value, out bytes) ? null : "is not a list of protocols";
            case ServiceParameters.Port:
                if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
                    return "is not a port";
                bytes = [(byte)(port >> 8), (byte)port];
                return null;
            case ServiceParameters.Ipv4Hint:
                return ToAddresses(text, AddressFamily.InterNetwork, out bytes);
            case ServiceParameters.Ipv6Hint:
                return ToAddresses(text, AddressFamily.InterNetworkV6, out bytes);
            case ServiceParameters.Ech:
                var buffer = new byte[text.Length];
                if (text.IsEmpty || !Convert.TryFromBase64Chars(text, buffer, out var written))
                    return "is not Base64";
                bytes = buffer[..written];
                return null;
            default:
                bytes = value;
                return null;
        }
    }

    private static string? ToKeys(ReadOnlySpan<char> text, out byte[] bytes)
    {
        var keys = new SortedSet<ushort>();
        bytes = [];
        foreach (var part in text.Split(','))
        {
            if (!ServiceParameters.TryFind(text[part], out var key) || key == ServiceParameters.Mandatory || !keys.Add(key))
                return "is not a list of other parameters, each once";
        }

        bytes = [.. keys.SelectMany(key => new[] { (byte)(key >> 8), (byte)key })];
        return null;
    }

    private static string? ToAddresses(ReadOnlySpan<char> text, AddressFamily family, out byte[] bytes)
    {
        var all = new List<byte>();
        bytes = [];
        foreach (var part in text.Split(','))
        {
            if (text[part].ContainsAny("%[]/") || !IPAddress.TryParse(text[part], out var address) || address.AddressFamily != family)
                return "is not a list of addresses";
            all.AddRange(address.GetAddressBytes());
        }

        bytes = [.. all];
        return null;
    }

    // A comma parts the items, a backslash keeps the next byte from doing so (RFC 9460, A.1).
    private static bool TrySplit(byte[] value, out byte[] bytes)
    {
        var all = new List<byte> { 0 };
        var start = 0;
        bytes = [];
        for (var i = 0; i <= value.Length; i++)
        {
            if (i < value.Length && value[i] != (byte)',')
            {
                if (value[i] == (byte)'\\' && ++i == value.Length)
                    return false;
                all.Add(value[i]);
                continue;
            }

            var length = all.Count - start - 1;
            if (length is 0 or > 255)
                return false;
            all[start] = (byte)length;
            start = all.Count;
            if (i < value.Length)
                all.Add(0);
        }

        bytes = [.. all];
        return true;
    }

    private static bool TryUnescape(ReadOnlySpan<char> text, out byte[] value)
    {
        var bytes = new byte[text.Length];
        var count = 0;
        value = [];
        for (var i = 0; i < text.Length; i++)
        {
            if (!NameText.TryReadByte(text, ref i, out bytes[count++]))
                return false;
        }

        value = bytes[..count];
        return true;
    }
}
