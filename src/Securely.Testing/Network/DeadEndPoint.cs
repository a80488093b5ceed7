using System.Net;
using System.Net.Sockets;

namespace Securely.Testing;

/// <summary>An address of 127.0.0.1 that nobody answers: it refuses connections, or stays silent. The port stays taken until disposed.</summary>
public sealed class DeadEndPoint : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _filler = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private DeadEndPoint()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
    }

    /// <summary>The address.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The address as a server is written in configuration: <c>127.0.0.1:PORT</c>.</summary>
    public string Address => EndPoint.ToString();

    /// <summary>An address that refuses every connection: it is bound, but nobody listens.</summary>
    public static DeadEndPoint Refusing() => new();

    /// <summary>An address where connecting never ends (Linux): the only place of its accept queue is taken, so further SYNs are dropped.</summary>
    public static DeadEndPoint Silent()
    {
        var dead = new DeadEndPoint();
        dead._listener.Listen(0);
        dead._filler.Connect(dead.EndPoint);
        return dead;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _filler.Dispose();
        _listener.Dispose();
    }
}
