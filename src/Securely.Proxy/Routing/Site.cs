using Securely.Http;

namespace Securely.Proxy;

/// <summary>The routes of some hosts, in order. Filled once while the table is built, then only read.</summary>
internal sealed class Site(SiteFigures figures)
{
    private Route[] _routes = [];

    public void SetRoutes(IEnumerable<Route> routes) => _routes = [.. routes];

    /// <summary>The first route that matches.</summary>
    /// <param name="request">The method and the fields.</param>
    /// <param name="path">The normalised path.</param>
    public RouteMatch Find(RequestHeader request, ReadOnlySpan<byte> path)
    {
        foreach (var route in _routes)
        {
            var length = route.Match(request, path);
            if (length >= 0)
            {
                return new RouteMatch(route, length, figures);
            }
        }

        return new RouteMatch(RouteMatchKind.NotFound, figures);
    }
}
