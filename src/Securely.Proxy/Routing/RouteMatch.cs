namespace Securely.Proxy;

/// <summary>What a <see cref="RouteTable"/> says about a request.</summary>
public enum RouteMatchKind
{
    /// <summary>No site has the host, or none of its routes matches: 404.</summary>
    NotFound,

    /// <summary>
    /// The host or the path must not be served, because a dot segment leads above the root or is one to some servers only, or a NUL or
    /// half an escape is in it: 400.
    /// </summary>
    BadRequest,

    /// <summary>A route matches.</summary>
    Route,
}

/// <summary>The route of a request, or why it has none. The default value is <see cref="RouteMatchKind.NotFound"/>.</summary>
public readonly struct RouteMatch
{
    internal static readonly RouteMatch BadRequest = new(RouteMatchKind.BadRequest, null);

    internal RouteMatch(Route route, int matchedLength, SiteFigures site)
    {
        Kind = RouteMatchKind.Route;
        Route = route;
        MatchedLength = matchedLength;
        Site = site;
    }

    internal RouteMatch(RouteMatchKind kind, SiteFigures? site)
    {
        Kind = kind;
        Site = site;
    }

    /// <summary>Whether there is a route.</summary>
    public RouteMatchKind Kind { get; }

    /// <summary>The route; null unless <see cref="Kind"/> is <see cref="RouteMatchKind.Route"/>.</summary>
    public Route? Route { get; }

    /// <summary>
    /// How many bytes of the normalised path the route's pattern took; what follows is the rest that a redirection keeps.
    /// </summary>
    public int MatchedLength { get; }

    /// <summary>Whether the path had dot segments: an upstream is asked for the path without them, which is the one that was matched.</summary>
    internal bool HasDotSegments { get; init; }

    /// <summary>The site of the host, also where none of its routes matches; null when no site has the host.</summary>
    public SiteFigures? Site { get; }
}
