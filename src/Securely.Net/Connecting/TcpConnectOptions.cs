using System.Net;

namespace Securely.Net;

/// <summary>How a connection is dialled.</summary>
public sealed record TcpConnectOptions
{
    /// <summary>The options of a plain dial.</summary>
    public static TcpConnectOptions Default { get; } = new();

    /// <summary>How long the connect may take. Default: infinite; the kernel gives up after about two minutes.</summary>
    public TimeSpan ConnectTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>The own address; port 0 for any port. Default: null, one of <see cref="SourceAddresses"/> or the system's choice (CON-05).</summary>
    public IPAddress? BindTo { get; init; }

    /// <summary>
    /// The own ports, both ends included, 1 to 65,535 (IP_LOCAL_PORT_RANGE); what lies outside of the machine's range for outgoing connections does
    /// not count. Default: null. Linux 6.3 and later; an older kernel ignores it.
    /// </summary>
    public (int Low, int High)? PortRange { get; init; }

    /// <summary>Whether a connect for which the range has no free port is tried once more without it. Default: true (CON-05).</summary>
    public bool PortRangeFallback { get; init; } = true;

    /// <summary>Own addresses to take turns with, by the peer's family (<c>client_bind_to_ipv4</c>, <c>client_bind_to_ipv6</c>). Default: none.</summary>
    public IReadOnlyList<IPAddress> SourceAddresses { get; init; } = [];

    /// <summary>Keep-alive probes. Default: null, off.</summary>
    public TcpKeepAlive? KeepAlive { get; init; }

    /// <summary>Whether the first bytes may travel with the SYN (TCP_FASTOPEN_CONNECT, Linux). Default: false.</summary>
    public bool FastOpen { get; init; }

    /// <summary>The kernel's receive buffer in bytes. Default: null, the kernel's own tuning.</summary>
    public int? ReceiveBuffer { get; init; }

    /// <summary>The raw traffic class byte of sent packets, 0 to 255. Default: null. Linux only.</summary>
    public int? Dscp { get; init; }
}
