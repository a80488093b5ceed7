using Securely.Hosting;
using Securely.Http;
using Securely.Proxy;
using Securely.Proxy.LoadBalancing;

namespace Securely.Examples;

/// <summary>
/// Three servers take turns. Nobody listens on the third, so a request that meets it is tried again with the next; the client never sees it.
/// </summary>
/// <remarks>Try <c>curl 127.0.0.1:8080/</c> a few times.</remarks>
internal sealed class Balanced : HttpProxy<object?>
{
    // Each server's peer is made once and hangs on its backend: a peer holds what every request to it needs.
    private readonly LoadBalancer _servers = new(
        new StaticDiscovery(Backend.Parse("127.0.0.1:4001"), Backend.Parse("127.0.0.1:4002"), Backend.Parse("127.0.0.1:4003")),
        new RoundRobin(),
        new LoadBalancerOptions { Extend = backend => new HttpPeer(backend.Address) { Options = new() { ConnectionTimeout = TimeSpan.FromSeconds(1) } } });

    public static async Task<int> RunAsync()
    {
        // One worker: every worker walks the servers at its own pace, and a few requests by hand show the turns better on one.
        var front = new ProxyService<object?>(new Balanced(), new ProxyServiceOptions { Threads = 1, MaxTries = 3 });
        front.AddTcp("127.0.0.1:8080");

        await using var server = new Server(loggerFactory: new ConsoleLog());
        server.Add(Origin.At("127.0.0.1:4001", "first"));
        server.Add(Origin.At("127.0.0.1:4002", "second"));
        server.Add(front);
        return await server.RunAsync();
    }

    public override object? NewContext() => null;

    public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, object? context, CancellationToken cancellationToken)
    {
        var backend = _servers.Select(default) ?? throw new ProxyException(ProxyError.Status(503, "No server is known"));
        return ValueTask.FromResult((HttpPeer)backend.Extension!);
    }

    public override ValueTask UpstreamRequestFilterAsync(Session session, RequestHeader upstreamRequest, object? context, CancellationToken cancellationToken)
    {
        upstreamRequest.Headers.Set(HeaderName.Host, "app.internal");
        return default;
    }

    // Nothing was sent yet, so any request may go to the next server.
    public override ProxyError FailToConnect(Session session, HttpPeer peer, object? context, ProxyError error)
    {
        Console.WriteLine($"{peer} is not there, trying the next");
        error.Retry = RetryKind.Always;
        return error;
    }
}
