using System.Net;
using System.Net.Sockets;

namespace Securely.Net;

/// <summary>
/// How one worker waits for its sockets. Life: made before the worker's thread starts; <see cref="Poll"/> is called once a loop turn;
/// <see cref="Wake"/> may be called by anyone, also afterwards; disposed on the worker's thread when the loop has ended.
/// </summary>
internal interface IPoller : IDisposable
{
    /// <summary>The name that <c>SECURELY_POLLER</c> and the logs use.</summary>
    string Name { get; }

    /// <summary>Waits for events and dispatches them.</summary>
    /// <param name="timeoutMilliseconds">0 looks once, -1 waits until woken.</param>
    void Poll(int timeoutMilliseconds);

    /// <summary>Makes a waiting <see cref="Poll"/> return.</summary>
    void Wake();

    /// <summary>Accepts on a listening socket; each accepted socket is handed to the listener.</summary>
    /// <param name="listener">What takes the accepted sockets.</param>
    /// <returns>What accepts, until it is stopped.</returns>
    /// <exception cref="NetException">The poller cannot watch the socket.</exception>
    IAcceptor Accept(Listener listener);

    /// <summary>Dials; the result belongs to this worker.</summary>
    /// <param name="socket">A configured socket, not connected; owned from here on.</param>
    /// <param name="address">Where to.</param>
    /// <param name="remote">The same, for the digest.</param>
    /// <param name="timeout">How long the connect may take.</param>
    /// <returns>The connection and 0, or null and a <see cref="SocketError"/>.</returns>
    ValueTask<(SocketConnection? Connection, SocketError Error)> ConnectAsync(Socket socket, SocketAddress address, EndPoint remote, TimeSpan timeout);

    /// <summary>Takes over a connection that another worker has released, or a new one.</summary>
    /// <param name="accepted">An accepted socket.</param>
    /// <param name="worker">The worker of this poller.</param>
    /// <returns>The connection.</returns>
    SocketConnection Adopt(in AcceptedSocket accepted, Worker worker);
}

/// <summary>What accepts on one listening socket for one worker. Only that worker touches it, but for <see cref="Stopped"/>.</summary>
internal interface IAcceptor
{
    /// <summary>Ends when nothing more is handed over; that may take until the listening socket has been closed.</summary>
    Task Stopped { get; }

    /// <summary>Stops accepting, after what waits in the kernel's queue has been handed over.</summary>
    void Stop();
}

/// <summary>A socket between accept and adoption by its worker.</summary>
internal readonly struct AcceptedSocket
{
    internal int Descriptor { get; init; }

    internal Socket? Socket { get; init; }

    internal EndPoint? Remote { get; init; }

    /// <summary>Whom it is counted for; null where connections are not limited.</summary>
    internal PeerShare? Peer { get; init; }

    /// <summary>Whether the kernel notes when its bytes arrive (LIS-12).</summary>
    internal bool IsTimestamped { get; init; }

    internal void Close()
    {
        if (Socket is not null)
            Socket.Dispose();
        else
            _ = LinuxCalls.Close(Descriptor);
    }
}

/// <summary>Which poller a group of workers uses.</summary>
public enum PollerKind
{
    /// <summary>What <c>SECURELY_POLLER</c> says (<c>epoll</c> or <c>portable</c>), else epoll on Linux and portable elsewhere.</summary>
    Default,

    /// <summary>Edge-triggered epoll, Linux only.</summary>
    Epoll,

    /// <summary>System.Net.Sockets, everywhere.</summary>
    Portable,
}
