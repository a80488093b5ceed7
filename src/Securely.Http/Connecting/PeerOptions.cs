using System.Net;
using Securely.Net;

namespace Securely.Http;

/// <summary>How to connect to a peer (CON-14). Every default is written next to its property.</summary>
public sealed record PeerOptions
{
    /// <summary>The options that apply unless others are given.</summary>
    public static PeerOptions Default { get; } = new();

    /// <summary>The own address. Default: null, the service's source addresses or the system's choice.</summary>
    public IPAddress? BindTo { get; init; }

    /// <summary>The own ports, both ends included (Linux 6.3). Default: null.</summary>
    public (int Low, int High)? PortRange { get; init; }

    /// <summary>Whether a connect for which the range has no free port is tried once more without it. Default: true.</summary>
    public bool PortRangeFallback { get; init; } = true;

    /// <summary>How long one step of connecting may take. Default: null, no limit.</summary>
    public TimeSpan? ConnectionTimeout { get; init; }

    /// <summary>How long all steps of connecting may take together. Default: null, no limit.</summary>
    public TimeSpan? TotalConnectionTimeout { get; init; }

    /// <summary>How long a single read of the response may take. Default: null, no limit.</summary>
    public TimeSpan? ReadTimeout { get; init; }

    /// <summary>How long a single write of the request may take. Default: null, no limit.</summary>
    public TimeSpan? WriteTimeout { get; init; }

    /// <summary>How long the connection may be idle in the pool. Default: null, for ever. Zero: it is not reused.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Keep-alive probes. Default: null, off.</summary>
    public TcpKeepAlive? KeepAlive { get; init; }

    /// <summary>Whether the first bytes may travel with the SYN. Default: false. Linux only.</summary>
    public bool FastOpen { get; init; }

    /// <summary>The kernel's receive buffer in bytes. Default: null, the kernel's own tuning.</summary>
    public int? ReceiveBuffer { get; init; }

    /// <summary>The raw traffic class byte of sent packets, 0 to 255. Default: null. Linux only.</summary>
    public int? Dscp { get; init; }

    /// <summary>Whether a repeated or malformed Content-Length makes the body end at close instead of an error. Default: false.</summary>
    public bool AllowInvalidContentLength { get; init; }

    /// <summary>The HTTP version. Default: <see cref="PeerProtocol.H1"/>.</summary>
    public PeerProtocol Protocol { get; init; }

    /// <summary>
    /// How many requests one HTTP/2 connection carries at a time (<c>max_h2_streams</c>); the upstream's own limit holds, too. When all are in use,
    /// another connection is made. Default: 100.
    /// </summary>
    public int MaxHttp2Streams { get; init; } = 100;

    /// <summary>
    /// After how much silence of the upstream an HTTP/2 connection with requests on it is asked whether it lives (<c>h2_ping_interval</c>); without
    /// an answer within fifteen seconds it is given up. Default: null, never.
    /// </summary>
    public TimeSpan? Http2PingInterval { get; init; }

    /// <summary>Makes the connection instead of a socket (CON-07, LIS-13): a connection in memory or over a stream. Default: null.</summary>
    public Func<HttpPeer, ValueTask<Connection>>? Connect { get; init; }
}
