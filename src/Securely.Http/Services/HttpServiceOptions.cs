using Securely.Net;

namespace Securely.Http;

/// <summary>How an HTTP service behaves. The defaults are those of the configuration file.</summary>
public record HttpServiceOptions : ListeningServiceOptions
{
    /// <summary>How long clients may take, unless their endpoint says otherwise.</summary>
    public HttpTimeouts Timeouts { get; init; } = HttpTimeouts.Default;

    /// <summary>How large messages may be, unless their endpoint says otherwise.</summary>
    public HttpLimits Limits { get; init; } = HttpLimits.Default;

    /// <summary>
    /// Whether HTTP/2 is spoken too, unless an endpoint says otherwise: where TLS has chosen it, and on cleartext to a client that begins with its
    /// preface (RFC 9113 3.3). Default: true.
    /// </summary>
    public bool Http2 { get; init; } = true;

    /// <summary>How many requests one connection serves (SVC-07); the last response says <c>Connection: close</c>. Default: null, no limit.</summary>
    public int? KeepAliveRequestLimit { get; init; }

    /// <summary>Whether CONNECT reaches the handler instead of being answered 405 (H1S-25), with an empty Allow. Default: false.</summary>
    public bool AllowConnect { get; init; }

    /// <summary>How long nothing may happen in a tunnel, after 101 or a 2xx to CONNECT. Default: 10 minutes.</summary>
    public TimeSpan TunnelTimeout { get; init; } = TimeSpan.FromMinutes(10);
}
