using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Securely.Dns;

/// <summary>A name server that is asked. Immutable, for any thread.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Protocol">How it is spoken to.</param>
public sealed record DnsUpstream(IPEndPoint Address, DnsProtocol Protocol = DnsProtocol.Udp)
{
    /// <summary>The name in its certificate; empty for its address.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>The path of its questions over HTTP (RFC 8484). Default: <c>/dns-query</c>.</summary>
    public string Path { get; init; } = "/dns-query";

    /// <summary>The only authorities whose certificates it may have; null for the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Reads an address: <c>IP</c>, <c>IP:PORT</c>, <c>tcp://IP</c>, <c>tls://IP</c>, <c>https://IP/path</c>; ports are 53, 853 and 443 by default.</summary>
    /// <param name="text">The address. After <c>#</c> the name in the certificate may stand, as in <c>tls://192.0.2.1#dns.example</c>.</param>
    /// <param name="upstream">The upstream.</param>
    /// <param name="error">What is wrong, in brackets, with the way out.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out DnsUpstream? upstream, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        upstream = null;
        error = $"[{text}] is no address of a name server; write IP, IP:PORT, tcp://IP, tls://IP or https://IP/dns-query";
        var (protocol, rest) = Split(text);
        if (rest is null)
            return false;
        var name = "";
        if (rest.IndexOf('#', StringComparison.Ordinal) is >= 0 and var hash)
            (rest, name) = (rest[..hash], rest[(hash + 1)..]);
        var path = "/dns-query";
        if (protocol == DnsProtocol.Https && rest.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash)
            (rest, path) = (rest[..slash], rest[slash..]);
        if (!TryParseEndPoint(rest, protocol, out var address))
        {
            if (protocol is DnsProtocol.Tls or DnsProtocol.Https && Uri.CheckHostName(rest.Split(':')[0]) == UriHostNameType.Dns)
                error = $"[{text}] names its server, and who shall say where that is? Write the address and then the name, as in [tls://192.0.2.1#{rest.Split(':')[0]}]";
            return false;
        }

        if (name.Length > 0 && protocol is DnsProtocol.Udp or DnsProtocol.Tcp)
        {
            error = $"[{text}] has the name of a certificate, and shows none over {(protocol == DnsProtocol.Udp ? "UDP" : "TCP")}; write [tls://{rest}#{name}]";
            return false;
        }

        error = null;
        upstream = new DnsUpstream(address, protocol) { ServerName = name, Path = path };
        return true;
    }

    /// <summary>The address as it is written.</summary>
    /// <returns>A text that <see cref="TryParse"/> reads.</returns>
    public override string ToString()
    {
        var name = ServerName.Length > 0 ? "#" + ServerName : "";
        return Protocol switch
        {
            DnsProtocol.Tcp => $"tcp://{Address}",
            DnsProtocol.Tls => $"tls://{Address}{name}",
            DnsProtocol.Https => $"https://{Address}{Path}{name}",
            _ => Address.ToString(),
        };
    }

    private static (DnsProtocol Protocol, string? Target) Split(string text)
    {
        var end = text.IndexOf("://", StringComparison.Ordinal);
        if (end < 0)
            return (DnsProtocol.Udp, text);
        return text[..end] switch
        {
            "udp" => (DnsProtocol.Udp, text[(end + 3)..]),
            "tcp" => (DnsProtocol.Tcp, text[(end + 3)..]),
            "tls" => (DnsProtocol.Tls, text[(end + 3)..]),
            "https" => (DnsProtocol.Https, text[(end + 3)..]),
            _ => (DnsProtocol.Udp, null),
        };
    }

    private static bool TryParseEndPoint(string text, DnsProtocol protocol, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        var port = protocol switch { DnsProtocol.Tls => 853, DnsProtocol.Https => 443, _ => 53 };
        endPoint = !text.StartsWith('[') && IPAddress.TryParse(text, out var address) ? new IPEndPoint(address, port) : null;
        if (endPoint is null && IPEndPoint.TryParse(text, out endPoint) && endPoint.Port == 0)
            endPoint.Port = port;
        return endPoint is not null && !endPoint.Address.Equals(IPAddress.Any) && !endPoint.Address.Equals(IPAddress.IPv6Any);
    }
}

/// <summary>How a name server is spoken to.</summary>
public enum DnsProtocol
{
    /// <summary>Datagrams, and streams for what does not fit.</summary>
    Udp,

    /// <summary>Streams (RFC 7766).</summary>
    Tcp,

    /// <summary>Streams inside of TLS (RFC 7858).</summary>
    Tls,

    /// <summary>HTTP inside of TLS (RFC 8484).</summary>
    Https,
}
