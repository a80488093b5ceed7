namespace Securely.Proxy;

/// <summary>What is served under some host names.</summary>
public sealed record SiteOptions
{
    /// <summary>
    /// The names, at least one: <c>app.test</c>, <c>*.app.test</c> (any number of labels before the suffix, but not <c>app.test</c>
    /// itself), <c>[::1]</c>, <c>10.0.0.1</c>, or <c>*</c> for every request that no other name takes. No port: it takes no part.
    /// An exact name wins over a wildcard, a longer wildcard over a shorter, and both over <c>*</c>. A name used twice is an error.
    /// </summary>
    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>The routes in order; the first that matches wins, and a request that none matches gets 404.</summary>
    public required IReadOnlyList<RouteOptions> Routes { get; init; }
}
