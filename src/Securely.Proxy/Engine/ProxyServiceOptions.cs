using Securely.Http;

namespace Securely.Proxy;

/// <summary>How a proxy service behaves.</summary>
public record ProxyServiceOptions : HttpServiceOptions
{
    /// <summary>The service's name in logs and threads. Default: <c>proxy</c>.</summary>
    public string Name { get; init; } = "proxy";

    /// <summary>The most tries of one request, the first included (<c>max_retries</c>). Default: 16. Range: 1 and more.</summary>
    public int MaxTries { get; init; } = 16;

    /// <summary>The pool and the own addresses of upstream connections.</summary>
    public HttpConnectorOptions Connector { get; init; } = new();

    /// <summary>Gets a line for each request. Default: null, there is none. Whoever made it disposes it, after the service has ended.</summary>
    public AccessLog? AccessLog { get; init; }

    /// <summary>Whose X-Forwarded-For decides who the client is (<see cref="Session.ClientAddress"/>). Default: nobody's.</summary>
    public TrustedProxies TrustedProxies { get; init; } = TrustedProxies.None;

    /// <summary>Which forwarding headers upstreams get: X-Forwarded-For, -Proto, -Host and Forwarded. Default: append.</summary>
    public ForwardedMode Forwarded { get; init; } = ForwardedMode.Append;
}
