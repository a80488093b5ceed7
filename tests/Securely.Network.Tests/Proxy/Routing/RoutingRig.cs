using System.Net;
using Securely.Http;
using Securely.Proxy;
using Securely.Proxy.LoadBalancing;

namespace Securely.Network.Tests.Proxy.Routing;

/// <summary>Builds tables and requests for the tests of this folder.</summary>
internal static class RoutingRig
{
    public static readonly UpstreamOptions App = new() { Name = "app", Servers = [new BackendOptions("127.0.0.1:3000")] };

    /// <summary>A table of these sites over the upstream app. Names resolve to 10.0.0.1, but those that begin with bad.</summary>
    public static async Task<RouteTable> BuildAsync(params SiteOptions[] sites) =>
        await RouteTable.BuildAsync(
            new ProxyConfiguration { Upstreams = [App], Sites = sites }, Options, TestContext.Current.CancellationToken);

    public static RouteTableOptions Options => new()
    {
        Discovery = new HostDiscoveryOptions
        {
            Resolve = (host, _) => host.StartsWith("bad", StringComparison.Ordinal)
                ? throw new InvalidOperationException("no such name")
                : ValueTask.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.1")]),
        },
    };

    /// <summary>A site for every host.</summary>
    public static SiteOptions Everywhere(params RouteOptions[] routes) => new() { Hosts = ["*"], Routes = routes };

    /// <summary>A route to the upstream app.</summary>
    public static RouteOptions ToApp(string? path = null) => new() { Path = path, Upstream = "app" };

    public static RequestHeader Request(string target, string host = "app.test", string method = "GET", params (string Name, string Value)[] headers)
    {
        var request = new RequestHeader(method, target);
        request.Headers.Set(HeaderName.Host, host);
        foreach (var (name, value) in headers)
        {
            request.Headers.Append(name, value);
        }

        return request;
    }

    /// <summary>The position of the route within its site, -1 for not found, 400 for a bad request.</summary>
    public static int Number(RouteMatch match) => match.Kind switch
    {
        RouteMatchKind.NotFound => -1,
        RouteMatchKind.BadRequest => 400,
        _ => match.Route!.Name[^2] - '0',
    };

    /// <summary>Status and fields of a route's own answer.</summary>
    public static ResponseHeader Answer(RouteTable table, RequestHeader request)
    {
        var match = table.Find(request);
        var response = new ResponseHeader(200);
        match.Route!.PrepareResponse(request, match.MatchedLength, response);
        return response;
    }
}
