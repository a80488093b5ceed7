using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Securely.Http;
using Securely.Proxy;

namespace Securely.Benchmarks;

/// <summary>Finding the route of a request in a compiled configuration.</summary>
[MemoryDiagnoser]
public class Routing
{
    private readonly RequestHeader _lastRoute = new();
    private readonly RequestHeader _lastSite = new();
    private readonly RequestHeader _wildcard = new();
    private RouteTable _table = null!;

    /// <summary>How many sites there are beside the one that has as many routes.</summary>
    [Params(5, 100)]
    public int Count { get; set; }

    [GlobalSetup]
    public async Task SetupAsync()
    {
        var upstream = new UpstreamOptions { Name = "app", Servers = [new BackendOptions("127.0.0.1:3000")] };
        var routes = Numbers().Select(i => new RouteOptions { Path = $"/part{i}/*", Upstream = "app" });
        var sites = Numbers().Select(i => new SiteOptions { Hosts = [$"site{i}.test"], Routes = [new RouteOptions { Upstream = "app" }] });
        _table = await RouteTable.BuildAsync(new ProxyConfiguration
        {
            Upstreams = [upstream],
            Sites =
            [
                new SiteOptions { Hosts = ["app.test"], Routes = [.. routes] },
                new SiteOptions { Hosts = ["*.wild.test"], Routes = [new RouteOptions { Upstream = "app" }] },
                .. sites,
            ],
        });
        var last = (Count - 1).ToString(CultureInfo.InvariantCulture);
        Read(_lastRoute, $"/part{last}/index.html", "app.test");
        Read(_lastSite, "/", $"site{last}.test:8080");
        Read(_wildcard, "/", "a.b.wild.test");
    }

    /// <summary>The last route of a site, by its path.</summary>
    [Benchmark]
    public Route? FindLastRoute() => _table.Find(_lastRoute).Route;

    /// <summary>The only route of the last site, by its host.</summary>
    [Benchmark]
    public Route? FindLastSite() => _table.Find(_lastSite).Route;

    /// <summary>A site whose name is a wildcard.</summary>
    [Benchmark]
    public Route? FindWildcardSite() => _table.Find(_wildcard).Route;

    private static void Read(RequestHeader request, string path, string host)
    {
        var bytes = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n");
        if (new RequestParser(HttpLimits.Default).Parse(request, bytes, 0, bytes.Length) != HeadStatus.Done)
            throw new InvalidOperationException("The request of the benchmark is not valid");
    }

    private IEnumerable<string> Numbers() => Enumerable.Range(0, Count).Select(i => i.ToString(CultureInfo.InvariantCulture));
}
