using System.Net;
using Securely.Http;

namespace Securely.Proxy;

/// <summary>
/// Decides who the client is behind proxies that one trusts: the right-most address of X-Forwarded-For that is not trusted itself. What stands to
/// the left of it is whatever the client has claimed. Immutable; safe to share.
/// </summary>
public sealed class TrustedProxies
{
    /// <summary>The name of a client on a Unix socket among the trusted.</summary>
    public const string Unix = "unix";

    private readonly IPNetwork[] _networks;
    private readonly bool _unix;

    /// <summary>Trusts these networks.</summary>
    /// <param name="networks">Addresses of proxies; an IPv4 address that IPv6 maps counts as IPv4.</param>
    /// <param name="unix">Whether whoever comes over a Unix socket is trusted too. Default: false.</param>
    public TrustedProxies(IEnumerable<IPNetwork> networks, bool unix = false)
    {
        ArgumentNullException.ThrowIfNull(networks);
        _networks = [.. networks];
        _unix = unix;
    }

    /// <summary>Nobody is trusted, so that the peer is the client.</summary>
    public static TrustedProxies None { get; } = new([]);

    /// <summary>Whether nobody is trusted.</summary>
    public bool IsEmpty => _networks.Length == 0 && !_unix;

    /// <summary>Reads a network.</summary>
    /// <param name="text">An address, <c>10.0.0.1</c>, or a network, <c>10.0.0.0/8</c> or <c>fd00::/8</c>.</param>
    /// <param name="network">The network.</param>
    /// <param name="error">Why it is none, for a user; null when it is one.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string text, out IPNetwork network, out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        network = default;
        error = null;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var isAddress = IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address) && (text.Contains(':', StringComparison.Ordinal) || text.Count(c => c == '.') == 3);
        if (!isAddress)
        {
            error = $"[{text}] is not an address or network; write it as in [10.0.0.0/8] or [::1]";
            return false;
        }

        var bits = address!.GetAddressBytes().Length * 8;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out length) || length > bits))
        {
            error = $"[{text}] has no prefix length from 0 to {bits} behind its slash";
            return false;
        }

        var own = Masked(address, length);
        if (slash >= 0 && !own.Equals(address))
        {
            error = $"[{text}] has bits behind its prefix; did you mean [{own}/{length}]?";
            return false;
        }

        network = new IPNetwork(own, length);
        return true;
    }

    /// <summary>Finds the client of a request.</summary>
    /// <param name="peer">Who made the connection; null for a Unix socket's client.</param>
    /// <param name="headers">The request's fields.</param>
    /// <returns>The client; the peer itself when it is not trusted or says nothing that can be read. Allocates only for a trusted peer.</returns>
    public IPAddress? ClientOf(IPAddress? peer, HeaderMap headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        if (!Trusts(peer))
            return peer;
        var client = peer;
        for (var index = headers.Count - 1; index >= 0; index--)
        {
            var field = headers[index];
            if (field.Known != KnownHeader.XForwardedFor)
                continue;
            var rest = field.Value;
            while (true)
            {
                var comma = rest.LastIndexOf((byte)',');
                // What cannot be read was not written by a proxy that one can trust: the last address that could is as far as one can see.
                if (!TryRead(rest[(comma + 1)..].Trim(" \t"u8), out var address))
                    return client;
                client = address;
                if (!Contains(address))
                    return client;
                if (comma < 0)
                    break;
                rest = rest[..comma];
            }
        }

        return client;
    }

    /// <summary>Whether who has made a connection is trusted; null is a Unix socket's client.</summary>
    internal bool Trusts(IPAddress? peer) => peer is null ? _unix : Contains(peer);

    private bool Contains(IPAddress address)
    {
        foreach (var network in _networks)
        {
            if (network.Contains(address))
                return true;
        }

        return false;
    }

    /// <summary>An address with or without a port, IPv6 with or without its brackets.</summary>
    private static bool TryRead(ReadOnlySpan<byte> text, out IPAddress address)
    {
        address = IPAddress.None;
        if (text.IsEmpty)
            return false;
        if (text[0] == '[')
        {
            var end = text.IndexOf((byte)']');
            if (end < 0 || (end + 1 < text.Length && text[end + 1] != ':'))
                return false;
            text = text[1..end];
        }
        else if (text.IndexOf((byte)':') is > 0 and var colon && text[(colon + 1)..].IndexOf((byte)':') < 0)
        {
            text = text[..colon];
        }

        // The runtime also takes 1 and 0x7f000001 for addresses; no proxy writes them. A zone means nothing here.
        if (text.Contains((byte)'%') || (!text.Contains((byte)':') && text.Count((byte)'.') != 3))
            return false;
        if (!IPAddress.TryParse(text, out var read))
            return false;
        address = read.IsIPv4MappedToIPv6 ? read.MapToIPv4() : read;
        return true;
    }

    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] &= (byte)(0xFF00 >> Math.Clamp(length - (i * 8), 0, 8));
        return new IPAddress(bytes);
    }
}
