using System.Net;
using System.Net.Sockets;

namespace Securely.Cli;

/// <summary>What somebody wants of the resolver of a machine.</summary>
internal sealed record ResolverRequest
{
    /// <summary>The domains whose names are asked of the server.</summary>
    public required IReadOnlyList<string> Domains { get; init; }

    /// <summary>Where the server answers.</summary>
    public required IPEndPoint Server { get; init; }

    /// <summary>The single names of the file of hosts.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>What those names lead to.</summary>
    public IReadOnlyList<IPAddress> HostAddresses { get; init; } = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    /// <summary>Whether no other server is asked any more; the server then has to forward.</summary>
    public bool IsOnly { get; init; }

    /// <summary>The interface that the server is told to, in place of all; null for all.</summary>
    public string? Link { get; init; }

    /// <summary><c>127.0.0.1:5353</c>, <c>[::1]:5353</c>.</summary>
    public string ServerText => Server.ToString();

    /// <summary><c>127.0.0.1#5353</c>, as dnsmasq writes it.</summary>
    public string DnsmasqText => string.Create(null, $"{Server.Address}#{Server.Port}");

    public bool IsIPv6 => Server.AddressFamily == AddressFamily.InterNetworkV6;
}
