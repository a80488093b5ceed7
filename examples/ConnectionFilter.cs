using System.Net;
using Securely.Hosting;
using Securely.Http;
using Securely.Net;
using Securely.Proxy;

namespace Securely.Examples;

/// <summary>Turns addresses away before a byte of theirs is read: their connections are closed without a word.</summary>
/// <param name="denied">The networks that are not served.</param>
/// <remarks>Try <c>curl 127.0.0.1:8080/</c>, and that with <c>--interface 127.0.0.2</c>.</remarks>
internal sealed class DenyList(params IReadOnlyList<IPNetwork> denied) : IConnectionFilter
{
    private long _turnedAway;

    public static async Task<int> RunAsync()
    {
        var filter = new DenyList(IPNetwork.Parse("127.0.0.2/32"), IPNetwork.Parse("192.0.2.0/24"));
        var front = new ProxyService<object?>(new Forwarding(), new ProxyServiceOptions { Filter = filter });
        front.AddTcp("127.0.0.1:8080");

        await using var server = new Server(loggerFactory: new ConsoleLog());
        server.Add(Origin.At("127.0.0.1:4001", "app"));
        server.Add(front);
        return await server.RunAsync();
    }

    // Asked on the worker that will own the connection. A filter that has to ask somebody else may wait; it delays this connection only.
    public ValueTask<bool> ShouldAcceptAsync(EndPoint? remote, CancellationToken cancellationToken)
    {
        if (remote is not IPEndPoint { Address: var address } || !denied.Any(network => network.Contains(address)))
            return ValueTask.FromResult(true);
        Console.WriteLine($"{Interlocked.Increment(ref _turnedAway)}. turned away: {address}");
        return ValueTask.FromResult(false);
    }

    private sealed class Forwarding : HttpProxy<object?>
    {
        private readonly HttpPeer _app = HttpPeer.Parse("127.0.0.1:4001");

        public override object? NewContext() => null;

        public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, object? context, CancellationToken cancellationToken) =>
            ValueTask.FromResult(_app);
    }
}
