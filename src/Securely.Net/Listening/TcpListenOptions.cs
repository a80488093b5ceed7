namespace Securely.Net;

/// <summary>Socket options of a listening TCP endpoint (LIS-01, LIS-02). Accepted connections inherit them; TCP_NODELAY is always on.</summary>
public sealed record TcpListenOptions
{
    /// <summary>How many finished handshakes may wait. Default: 65,535, which the kernel cuts to its own maximum.</summary>
    public int Backlog { get; init; } = 65535;

    /// <summary>Whether an IPv6 wildcard address leaves IPv4 alone. Default: null, the system's choice.</summary>
    public bool? IPv6Only { get; init; }

    /// <summary>The queue of TCP Fast Open. Default: null, off. Linux only.</summary>
    public int? FastOpen { get; init; }

    /// <summary>Keep-alive probes. Default: null, off.</summary>
    public TcpKeepAlive? KeepAlive { get; init; }

    /// <summary>The raw traffic class byte of sent packets (IP_TOS, IPV6_TCLASS), 0 to 255. Default: null. Linux only.</summary>
    public int? Dscp { get; init; }

    /// <summary>Whether other processes may listen on the same address (SO_REUSEPORT). Default: false. Linux only.</summary>
    public bool ReusePort { get; init; }

    /// <summary>
    /// Whether the kernel notes when bytes arrive, for <see cref="ConnectionDigest.LastReceivedAt"/> (LIS-12). Default: false, which costs nothing.
    /// Linux with the epoll poller; elsewhere the time stays unknown.
    /// </summary>
    public bool ReceiveTimestamps { get; init; }

    /// <summary>
    /// How many bytes may wait in the kernel that have not been sent for the first time (TCP_NOTSENT_LOWAT), so that a client that does not read holds
    /// little memory and work. What is on its way does not count, so it does not slow a fast client. Default: 128 KiB; null leaves it to the kernel.
    /// Linux only.
    /// </summary>
    public int? UnsentLimit { get; init; } = 128 * 1024;

    /// <summary>The kernel's send buffer in bytes. Default: null, the kernel's own tuning.</summary>
    public int? SendBuffer { get; init; }

    /// <summary>The kernel's receive buffer in bytes. Default: null, the kernel's own tuning.</summary>
    public int? ReceiveBuffer { get; init; }
}
