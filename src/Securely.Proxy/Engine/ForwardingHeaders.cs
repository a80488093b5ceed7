using Securely.Http;

namespace Securely.Proxy;

/// <summary>
/// Tells the upstream who asked (RFC 7239, and the X-Forwarded fields that came before it). Append adds our own element behind what came; set
/// throws away what came, which is right at the edge of a network.
/// </summary>
internal static class ForwardingHeaders
{
    private const int MostHost = 256;
    private static readonly HeaderName _for = "X-Forwarded-For";
    private static readonly HeaderName _proto = "X-Forwarded-Proto";
    private static readonly HeaderName _host = "X-Forwarded-Host";
    private static readonly HeaderName _forwarded = "Forwarded";

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
        written = Put(";proto=http"u8, element, written);
        if (!host.IsEmpty)
        {
            written = Put(";host=\""u8, element, written);
            written = Put(host, element, written);
            written = Put("\""u8, element, written);
        }

        var append = mode == ForwardedMode.Append;
        Set(request.Headers, _for, client[..length], append);
        Set(request.Headers, _proto, "http"u8, append);
        if (!host.IsEmpty)
            Set(request.Headers, _host, host, append);
        Set(request.Headers, _forwarded, element[..written], append);
    }

    private static void Set(HeaderMap headers, HeaderName name, ReadOnlySpan<byte> value, bool append)
    {
        if (append)
            headers.Append(name, value);
        else
            headers.Set(name, value);
    }

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> destination, int at)
    {
        bytes.CopyTo(destination[at..]);
        return at + bytes.Length;
    }
}
