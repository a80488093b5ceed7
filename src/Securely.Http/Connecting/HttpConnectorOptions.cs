using System.Net;

namespace Securely.Http;

/// <summary>The settings that all connections of a service to its upstreams have in common.</summary>
public sealed record HttpConnectorOptions
{
    /// <summary>How many idle connections one worker keeps (<c>upstream_keepalive_pool_size</c>). Default: 128. 0 keeps none.</summary>
    public int PoolSize { get; init; } = 128;

    /// <summary>Own addresses to take turns with, by the peer's family (<c>client_bind_to_ipv4</c>, <c>client_bind_to_ipv6</c>). Default: none.</summary>
    public IReadOnlyList<IPAddress> SourceAddresses { get; init; } = [];
}
