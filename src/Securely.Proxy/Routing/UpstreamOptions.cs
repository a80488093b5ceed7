using Securely.Http;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>A named group of servers with a balancer over them.</summary>
public sealed record UpstreamOptions
{
    /// <summary>The name that routes use. Not empty; a name used twice is an error.</summary>
    public required string Name { get; init; }

    /// <summary>The servers, at least one.</summary>
    public required IReadOnlyList<BackendOptions> Servers { get; init; }

    /// <summary>The algorithm. Default <c>round_robin</c>; an unknown name is an error.</summary>
    public string Balance { get; init; } = "round_robin";

    /// <summary>How long each step towards a server may take.</summary>
    public UpstreamTimeouts Timeouts { get; init; } = new();

    /// <summary>Further tries after a failure that is safe to retry. Default 1; 0 to 100.</summary>
    public int Retries { get; init; } = 1;

    /// <summary>Which HTTP version is spoken to the servers. Default <see cref="PeerProtocol.H1"/>.</summary>
    public PeerProtocol Protocol { get; init; }

    /// <summary>How many requests one HTTP/2 connection carries at a time; a server's own limit holds, too. Default 100; 1 to 10,000.</summary>
    public int MaxHttp2Streams { get; init; } = 100;

    /// <summary>After how much silence an HTTP/2 connection with requests on it is asked whether it lives. Default null, never.</summary>
    public TimeSpan? Http2PingInterval { get; init; }

    /// <summary>How servers that cannot be asked are found out, so that others are asked. Default null, all are taken for healthy.</summary>
    public HealthCheckOptions? HealthCheck { get; init; }

    /// <summary>
    /// How to speak TLS to the servers. Default null, no TLS. An empty <see cref="ClientTls.ServerName"/> is the host name of the servers where
    /// all have the same; servers that are IP addresses are known by these; in any other case a name is required, unless none is verified.
    /// </summary>
    public ClientTls? Tls { get; init; }

    /// <summary>Whether the servers may be spoken to in HTTP/2, as gRPC needs it.</summary>
    internal bool MaySpeakHttp2 => Protocol == PeerProtocol.H2 || (Protocol == PeerProtocol.Auto && Tls is not null);
}

/// <summary>One server of an upstream.</summary>
/// <param name="Address">
/// <c>IP:PORT</c>, <c>[IPv6]:PORT</c>, <c>HOST:PORT</c> (resolved at load and every 30 s) or <c>unix:/path</c>.
/// </param>
/// <param name="Weight">Share of the work relative to the other servers. Default 1; 1 to 65,535.</param>
public sealed record BackendOptions(string Address, int Weight = 1);

/// <summary>
/// How long each step towards an upstream server may take. All are more than zero, but <see cref="Idle"/>, where zero means that
/// connections are not reused.
/// </summary>
public sealed record UpstreamTimeouts
{
    /// <summary>Until the TCP connection stands. Default 1 s: a server nearby answers in milliseconds, and another may be tried.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Until the connection is usable, TLS included. Default 3 s; the shorter of this and <see cref="Connect"/> ends the TCP part.
    /// </summary>
    public TimeSpan TotalConnect { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Between two reads of a response. Default 60 s.</summary>
    public TimeSpan Read { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For one write of a request. Default 60 s.</summary>
    public TimeSpan Write { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an unused connection is kept for the next request. Default 60 s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);
}
