using System.Buffers;
using Securely.Http;

namespace Securely.Proxy;

/// <summary>
/// Tells the upstream who asked (RFC 7239, and the X-Forwarded fields that came before it). Append adds our own element behind what came; set
/// throws away what came, which is right at the edge of a network.
/// </summary>
internal static class ForwardingHeaders
{
    private const int MostHost = 256;
    private const int MostOnStack = 512;
    private static readonly HeaderName _for = HeaderName.XForwardedFor;
    private static readonly HeaderName _proto = HeaderName.XForwardedProto;
    private static readonly HeaderName _host = HeaderName.XForwardedHost;
    private static readonly HeaderName _forwarded = HeaderName.Forwarded;

    private static ReadOnlySpan<byte> Prefix => "x-forwarded-"u8;

    private static ReadOnlySpan<byte> RealIp => "x-real-ip"u8;

    internal static void Apply(RequestHeader request, ServerSession down, ForwardedMode mode)
    {
        Span<byte> client = stackalloc byte[64];
        var remote = down.Connection.RemoteAddress;
        var length = 0;
        if (remote is null || !remote.TryFormat(client, out length))
        {
            // A client on a Unix socket has no address; RFC 7239 6.2 has a word for it.
            "unknown"u8.CopyTo(client);
            length = 7;
        }

        var host = request.Host;
        if (host.Length > MostHost)
            host = default;
        Span<byte> element = stackalloc byte[64 + MostHost + 32];
        var written = Put("for="u8, element, 0);
        var isIPv6 = remote is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 };
        written = Put(isIPv6 ? "\"["u8 : default, element, written);
        written = Put(client[..length], element, written);
        written = Put(isIPv6 ? "]\""u8 : default, element, written);
        written = Put(down.Connection.IsEncrypted ? ";proto=https"u8 : ";proto=http"u8, element, written);
        if (!host.IsEmpty)
        {
            written = Put(";host=\""u8, element, written);
            written = Put(host, element, written);
            written = Put("\""u8, element, written);
        }

        var append = mode == ForwardedMode.Append;
        if (!append)
            RemoveClaims(request.Headers);
        Set(request.Headers, _for, client[..length], append);
        Set(request.Headers, _proto, down.Connection.IsEncrypted ? "https"u8 : "http"u8, append);
        if (!host.IsEmpty)
            Set(request.Headers, _host, host, append);
        Set(request.Headers, _forwarded, element[..written], append);
    }

    /// <summary>
    /// Removes what says something of the client and is not written here. Applications behind CGI and its kin see an underscore where a hyphen is
    /// meant.
    /// </summary>
    private static void RemoveClaims(HeaderMap headers)
    {
        for (var index = headers.Count - 1; index >= 0; index--)
        {
            if (IsClaim(headers[index].Name))
                headers.RemoveAt(index);
        }
    }

    private static bool IsClaim(ReadOnlySpan<byte> name)
    {
        if ((name[0] | 0x20) != 'x')
            return false;
        return IsSpelling(name, RealIp) || (name.Length >= Prefix.Length && IsSpelling(name[..Prefix.Length], Prefix));
    }

    private static bool IsSpelling(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lower)
    {
        if (name.Length != lower.Length)
            return false;
        for (var i = 0; i < name.Length; i++)
        {
            var letter = name[i] == '_' ? (byte)'-' : (byte)(name[i] | 0x20);
            if (letter != lower[i])
                return false;
        }

        return true;
    }

    private static void Set(HeaderMap headers, HeaderName name, ReadOnlySpan<byte> value, bool append)
    {
        if (append && headers.Contains(name))
            Join(headers, name, value);
        else
            headers.Set(name, value);
    }

    /// <summary>
    /// Makes one line of what came and of our own element behind it: a reader that looks at the first line only would else see nothing but what
    /// the client says of itself.
    /// </summary>
    private static void Join(HeaderMap headers, HeaderName name, ReadOnlySpan<byte> value)
    {
        var total = value.Length;
        foreach (var field in headers)
            total += field.Known == name.Known ? field.Value.Length + 2 : 0;
        var rented = total > MostOnStack ? ArrayPool<byte>.Shared.Rent(total) : null;
        var joined = rented ?? stackalloc byte[MostOnStack];
        var written = 0;
        foreach (var field in headers)
        {
            if (field.Known != name.Known || field.Value.IsEmpty || (name.Known == KnownHeader.Forwarded && IsQuoteOpen(field.Value)))
                continue;
            written = Put(field.Value, joined, written);
            written = Put(", "u8, joined, written);
        }

        headers.Set(name, joined[..Put(value, joined, written)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Whether a quoted string does not end: our own element would be a part of it.</summary>
    private static bool IsQuoteOpen(ReadOnlySpan<byte> value)
    {
        var isOpen = false;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '"')
                isOpen = !isOpen;
            else if (value[i] == '\\' && isOpen)
                i++;
        }

        return isOpen;
    }

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> destination, int at)
    {
        bytes.CopyTo(destination[at..]);
        return at + bytes.Length;
    }
}
