using Securely.Hosting;
using Securely.Http;
using Securely.Proxy;
using Securely.Proxy.LoadBalancing;

namespace Securely.Examples;

/// <summary>
/// A balancer for each part of a site. The servers are names: each balancer is a service too, which resolves them every ten seconds, and the
/// proxy waits until both have done so for the first time.
/// </summary>
/// <remarks>Try <c>curl 127.0.0.1:8080/</c> and <c>curl 127.0.0.1:8080/static/logo.png</c>.</remarks>
internal sealed class MultipleBalancers(LoadBalancer pages, LoadBalancer files) : HttpProxy<object?>
{
    public static async Task<int> RunAsync()
    {
        var pages = Over("pages", "localhost:4001");
        var files = Over("files", "localhost:4002");
        var front = new ProxyService<object?>(new MultipleBalancers(pages, files));
        front.AddTcp("127.0.0.1:8080");

        await using var server = new Server(loggerFactory: new ConsoleLog());
        server.Add(Origin.At("127.0.0.1:4001", "pages-1"));
        server.Add(Origin.At("127.0.0.1:4002", "files-1"));
        server.Add(front, server.Add(pages), server.Add(files));
        return await server.RunAsync();
    }

    public override object? NewContext() => null;

    public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, object? context, CancellationToken cancellationToken)
    {
        var balancer = session.Request.Path.StartsWith("/static/"u8) ? files : pages;
        var backend = balancer.Select(default) ?? throw new ProxyException(ProxyError.Status(503, $"[{balancer.Name}] has no server"));
        return ValueTask.FromResult((HttpPeer)backend.Extension!);
    }

    // A name may have addresses of both families of which only one is served: the next try takes another.
    public override ProxyError FailToConnect(Session session, HttpPeer peer, object? context, ProxyError error)
    {
        error.Retry = RetryKind.Always;
        return error;
    }

    private static LoadBalancer Over(string name, params string[] servers) => new(
        new HostDiscovery([.. servers.Select(server => new BackendOptions(server))], new HostDiscoveryOptions { Interval = TimeSpan.FromSeconds(10) }),
        new RoundRobin(),
        new LoadBalancerOptions { Name = name, Extend = backend => new HttpPeer(backend.Address) });
}
