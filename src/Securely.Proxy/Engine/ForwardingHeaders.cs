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
        Set(request.Headers, _for, client[..length], append);
        Set(request.Headers, _proto, down.Connection.IsEncrypted ? "https"u8 : "http"u8, append);
        if (!host.IsEmpty)
            Set(request.Headers, _host, host, append);
        else if (!append)
            request.Headers.Remove(_host);
        Set(request.Headers, _forwarded, element[..written], append);
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
            if (field.Known != name.Known || field.Value.IsEmpty)
                continue;
            written = Put(field.Value, joined, written);
            written = Put(", "u8, joined, written);
        }

        headers.Set(name, joined[..Put(value, joined, written)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> destination, int at)
    {
        bytes.CopyTo(destination[at..]);
        return at + bytes.Length;
    }
}
