using System.Net;
using Securely.Http;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>An upstream whose connections play scripts: the n-th connection the n-th script.</summary>
internal sealed class MemoryPeer
{
    private readonly List<ReplayConnection> _connections = [];

    public MemoryPeer(params Func<ReplayConnection>[] scripts)
        : this(new PeerOptions(), scripts)
    {
    }

    public MemoryPeer(PeerOptions options, params Func<ReplayConnection>[] scripts) => Peer = new HttpPeer(new IPEndPoint(IPAddress.Loopback, 1))
    {
        Options = options with { Connect = _ => ConnectAsync(scripts) },
    };

    public HttpPeer Peer { get; }

    public IReadOnlyList<ReplayConnection> Connections => _connections;

    private ValueTask<Connection> ConnectAsync(Func<ReplayConnection>[] scripts)
    {
        if (_connections.Count == scripts.Length)
            throw new InvalidOperationException($"There is no script for connection {_connections.Count + 1}");
        var connection = scripts[_connections.Count]();
        _connections.Add(connection);
        return ValueTask.FromResult<Connection>(connection);
    }
}
