using Securely.Http;
using Securely.Network.Tests.Http;

namespace Securely.Network.Tests.Proxy.Http2;

/// <summary>An origin behind a proxy, both over sockets.</summary>
internal sealed class Line : IAsyncDisposable
{
    private readonly RunningHttp _origin;
    private readonly RunningHttp _proxy;

    private Line(RunningHttp origin, RunningHttp proxy)
    {
        _origin = origin;
        _proxy = proxy;
    }

    public static async Task<Line> StartAsync(PeerProtocol protocol, Func<ServerSession, ValueTask> handle)
    {
        var origin = await RunningHttp.StartAsync(handle);
        var peer = new HttpPeer(origin.EndPoints[0]) { Options = new PeerOptions { Protocol = protocol } };
        return new Line(origin, await RunningHttp.StartAsync(new PlainProxy(peer), Script.Plain));
    }

    /// <summary>A client of its own connections.</summary>
    public HttpClient Client(int version, bool drains = true) => new(new SocketsHttpHandler { UseProxy = false, ResponseDrainTimeout = TimeSpan.FromSeconds(drains ? 2 : 0) })
    {
        BaseAddress = new Uri($"http://{_proxy.EndPoints[0]}"),
        DefaultRequestVersion = new Version(version, version == 1 ? 1 : 0),
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromMinutes(5),
    };

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _origin.DisposeAsync();
    }
}
