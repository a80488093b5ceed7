namespace Securely.Proxy;

/// <summary>
/// Everything a configured proxy does: plain data, read from a file or written in code, checked when a <see cref="RouteTable"/> is
/// built.
/// </summary>
public sealed record ProxyConfiguration
{
    /// <summary>The upstreams that routes may name. Default none.</summary>
    public IReadOnlyList<UpstreamOptions> Upstreams { get; init; } = [];

    /// <summary>The sites. Default none, which answers 404 to everything.</summary>
    public IReadOnlyList<SiteOptions> Sites { get; init; } = [];

    /// <summary>
    /// How <c>X-Forwarded-For</c>, <c>-Proto</c>, <c>-Host</c> and <c>Forwarded</c> (RFC 7239) reach the upstream. Default
    /// <see cref="ForwardedMode.Append"/>.
    /// </summary>
    public ForwardedMode Forwarded { get; init; } = ForwardedMode.Append;

    /// <summary>Whose <c>X-Forwarded-For</c> decides who the client is. Default: nobody's.</summary>
    public TrustedProxies TrustedProxies { get; init; } = TrustedProxies.None;
}

/// <summary>What happens to the forwarding headers of a request.</summary>
public enum ForwardedMode
{
    /// <summary>This hop is added behind what the request brought.</summary>
    Append,

    /// <summary>What the request brought is dropped and this hop written alone: for a proxy that faces the public.</summary>
    Set,

    /// <summary>The headers pass as they came.</summary>
    Off,
}
