using System.Text;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>Hides the values of some query parameters. Used by one thread.</summary>
internal sealed class QueryRedaction
{
    internal static ReadOnlySpan<byte> Hidden => "***"u8;

    private const int LongestName = 256;

    private readonly byte[][] _names;
    private readonly LogBuffer _output = new();

    internal QueryRedaction(IEnumerable<string> names) => _names = [.. names.Select(Encoding.UTF8.GetBytes)];

    /// <summary>A query without its question mark, as it may be shown; valid until the next call.</summary>
    internal ReadOnlySpan<byte> Apply(ReadOnlySpan<byte> query)
    {
        if (_names.Length == 0 || query.IsEmpty)
            return query;
        _output.Clear();
        AddQuery(query);
        return _output.Written;
    }

    /// <summary>An address with a query, as it may be shown; valid until the next call.</summary>
    internal ReadOnlySpan<byte> ApplyToAddress(ReadOnlySpan<byte> address)
    {
        var start = address.IndexOf((byte)'?') + 1;
        if (_names.Length == 0 || start == 0)
            return address;
        var length = address[start..].IndexOf((byte)'#');
        if (length < 0)
            length = address.Length - start;
        _output.Clear();
        _output.Put(address[..start]);
        AddQuery(address.Slice(start, length));
        _output.Put(address[(start + length)..]);
        return _output.Written;
    }

    private void AddQuery(ReadOnlySpan<byte> query)
    {
        while (true)
        {
            var end = query.IndexOfAny((byte)'&', (byte)';');
            var parameter = end < 0 ? query : query[..end];
            var equals = parameter.IndexOf((byte)'=');
            if (equals >= 0 && IsHidden(parameter[..equals]))
            {
                _output.Put(parameter[..(equals + 1)]);
                _output.Put(Hidden);
            }
            else
            {
                _output.Put(parameter);
            }

            if (end < 0)
                return;
            _output.Put(query.Slice(end, 1));
            query = query[(end + 1)..];
        }
    }

    private bool IsHidden(ReadOnlySpan<byte> written)
    {
        // What is longer than any name in use is hidden, rather than looked at for ever.
        if (written.Length > LongestName)
            return true;
        Span<byte> name = stackalloc byte[LongestName];
        name = name[..Decode(written, name)];
        // token[] and token[0] are how some frameworks write a list.
        var bracket = name.IndexOf((byte)'[');
        var stem = bracket > 0 ? name[..bracket] : name;
        foreach (var hidden in _names)
        {
            if (Ascii.EqualsIgnoreCase(name, hidden) || Ascii.EqualsIgnoreCase(stem, hidden) || name.SequenceEqual(hidden))
                return true;
        }

        return false;
    }

    private static int Decode(ReadOnlySpan<byte> written, Span<byte> name)
    {
        var length = 0;
        for (var i = 0; i < written.Length; i++)
        {
            if (written[i] == '%' && i + 2 < written.Length && char.IsAsciiHexDigit((char)written[i + 1]) && char.IsAsciiHexDigit((char)written[i + 2]))
            {
                name[length++] = (byte)((Digit(written[i + 1]) << 4) | Digit(written[i + 2]));
                i += 2;
            }
            else
            {
                name[length++] = written[i] == '+' ? (byte)' ' : written[i];
            }
        }

        return length;
    }

    private static int Digit(byte letter) => letter <= '9' ? letter - '0' : (letter | 0x20) - 'a' + 10;
}
