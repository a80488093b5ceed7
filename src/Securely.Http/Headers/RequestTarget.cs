using System.Buffers;
using System.Net;
using System.Text;

namespace Securely.Http;

/// <summary>The four forms of a request target (RFC 9112 3.2).</summary>
internal enum TargetForm : byte
{
    /// <summary><c>/path?query</c>.</summary>
    Origin,

    /// <summary><c>http://host/path?query</c>: its host wins over the Host field.</summary>
    Absolute,

    /// <summary><c>host:port</c>, only with CONNECT.</summary>
    Authority,

    /// <summary><c>*</c>, only with OPTIONS.</summary>
    Asterisk,
}

/// <summary>Where the parts of a request target are, relative to its start. A query offset of 0 is no query.</summary>
internal struct TargetParts
{
    public TargetForm Form;
    public int AuthorityOffset;
    public int AuthorityLength;
    public int PathOffset;
    public int PathLength;
    public int QueryOffset;
}

/// <summary>Splits and checks request targets and hosts (RFC 9112 3.2, RFC 3986 3.2.2; rows A11 and A12).</summary>
internal static class RequestTarget
{
    /// <summary>
    /// What a target may hold: visible ASCII without the fragment sign. That is more than RFC 3986 allows; the rest is forwarded as it
    /// came, because browsers send it and it cannot end a target.
    /// </summary>
    public static readonly SearchValues<byte> Allowed = SearchValues.Create(
        [.. Enumerable.Range(0x21, 0x7E - 0x20).Where(static value => value != '#').Select(static value => (byte)value)]);

    private static readonly SearchValues<byte> HostCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;="u8);

    private static readonly SearchValues<byte> AddressCharacters = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <summary>Finds the parts of a target whose characters are already known to be <see cref="Allowed"/>.</summary>
    public static bool TrySplit(KnownMethod method, ReadOnlySpan<byte> target, out TargetParts parts)
    {
        parts = default;
        if (target.IsEmpty)
        {
            return false;
        }

        if (method == KnownMethod.Connect)
        {
            parts.Form = TargetForm.Authority;
            parts.AuthorityLength = target.Length;
            return IsHost(target, portRequired: true);
        }

        if (target[0] == '/')
        {
            SplitPath(target, 0, ref parts);
            return true;
        }

        if (target.Length == 1 && target[0] == '*')
        {
            parts.Form = TargetForm.Asterisk;
            parts.PathLength = 1;
            return method == KnownMethod.Options;
        }

        return TrySplitAbsolute(target, ref parts);
    }

    /// <summary>
    /// Whether the bytes are a host with an optional port. Stricter than the grammar in that the host is not empty, and a port is a number
    /// up to 65535.
    /// </summary>
    public static bool IsHost(ReadOnlySpan<byte> host, bool portRequired = false)
    {
        int end;
        if (!host.IsEmpty && host[0] == '[')
        {
            end = host.IndexOf((byte)']') + 1;
            if (end == 0 || !IsAddress(host[1..(end - 1)]))
            {
                return false;
            }
        }
        else
        {
            end = EndOfName(host);
            if (end <= 0)
            {
                return false;
            }
        }

        if (end == host.Length)
        {
            return !portRequired;
        }

        return host[end] == ':' && IsPort(host[(end + 1)..], portRequired);
    }

    /// <summary>
    /// Whether the bytes are an IPv6 address as RFC 3986 3.2.2 has it: without a zone, and without leading zeros in a part that is written as
    /// IPv4, which some read as octal.
    /// </summary>
    private static bool IsAddress(ReadOnlySpan<byte> address)
    {
        if (!address.Contains((byte)':') || address.ContainsAnyExcept(AddressCharacters) || !IPAddress.IsValidUtf8(address))
        {
            return false;
        }

        var last = address[(address.LastIndexOf((byte)':') + 1)..];
        for (int index = 0; last.Contains((byte)'.') && index + 1 < last.Length; index++)
        {
            if (last[index] == '0' && (index == 0 || last[index - 1] == '.') && last[index + 1] != '.')
            {
                return false;
            }
        }

        return true;
    }

    private static bool TrySplitAbsolute(ReadOnlySpan<byte> target, ref TargetParts parts)
    {
        int start = StartsWith(target, "http://"u8) ? 7 : StartsWith(target, "https://"u8) ? 8 : 0;
        if (start == 0)
        {
            return false;
        }

        var rest = target[start..];
        int length = rest.IndexOfAny((byte)'/', (byte)'?');
        if (length < 0)
        {
            length = rest.Length;
        }

        parts.Form = TargetForm.Absolute;
        parts.AuthorityOffset = start;
        parts.AuthorityLength = length;
        SplitPath(target, start + length, ref parts);
        return IsHost(rest[..length]);
    }

    private static void SplitPath(ReadOnlySpan<byte> target, int start, ref TargetParts parts)
    {
        parts.PathOffset = start;
        int query = target[start..].IndexOf((byte)'?');
        parts.PathLength = query < 0 ? target.Length - start : query;
        parts.QueryOffset = query < 0 ? 0 : start + query + 1;
    }

    /// <summary>Where a registered name ends; -1 when a percent sign in it is not followed by two hexadecimal digits.</summary>
    private static int EndOfName(ReadOnlySpan<byte> host)
    {
        int end = 0;
        while (true)
        {
            int length = host[end..].IndexOfAnyExcept(HostCharacters);
            if (length < 0)
            {
                return host.Length;
            }

            end += length;
            if (host[end] != '%')
            {
                return end;
            }

            if (host.Length - end < 3 || !char.IsAsciiHexDigit((char)host[end + 1]) || !char.IsAsciiHexDigit((char)host[end + 2]))
            {
                return -1;
            }

            end += 3;
        }
    }

    private static bool IsPort(ReadOnlySpan<byte> port, bool required)
    {
        int value = 0;
        foreach (byte digit in port)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            value = (value * 10) + digit - '0';
            if (value > ushort.MaxValue)
            {
                return false;
            }
        }

        return !required || !port.IsEmpty;
    }

    private static bool StartsWith(ReadOnlySpan<byte> target, ReadOnlySpan<byte> scheme) =>
        target.Length > scheme.Length && Ascii.EqualsIgnoreCase(target[..scheme.Length], scheme);
}
