using Securely.Http;
using Securely.Network.Tests.Http;
using Securely.Proxy;

namespace Securely.Network.Tests.Proxy.Http2;

/// <summary>A proxy in memory whose upstream speaks HTTP/2; the test plays the client and the upstream.</summary>
internal sealed class Http2Stage : IAsyncDisposable
{
    private readonly Stage _stage = new();
    private readonly Dictionary<int, Http2Upstream> _upstreams = [];
    private readonly LivePeer _peer;
    private readonly MemoryProxy<PlainContext> _service;

    public Http2Stage(PeerOptions? options = null, ProxyServiceOptions? service = null)
    {
        _peer = new LivePeer(_stage.Time, (options ?? new PeerOptions()) with { Protocol = PeerProtocol.H2 });
        Proxy = new FilteringProxy(_peer.Peer);
        _service = new MemoryProxy<PlainContext>(Proxy, service ?? Script.Plain);
    }

    public FilteringProxy Proxy { get; }

    /// <summary>How many connections the proxy has made.</summary>
    public int Connections => _peer.Count;

    /// <summary>The upstream's end of the n-th connection.</summary>
    public Http2Upstream this[int index]
    {
        get
        {
            if (!_upstreams.TryGetValue(index, out var upstream))
                _upstreams[index] = upstream = new Http2Upstream(_peer[index]);
            return upstream;
        }
    }

    public Task PlayAsync(Func<LiveClient, ValueTask> play) => _stage.PlayAsync(_service, play);

    /// <summary>Another client beside the one that plays.</summary>
    public ValueTask BesideAsync(Func<LiveClient, ValueTask> play) => _stage.PlayBesideAsync(_service, play);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();
}
