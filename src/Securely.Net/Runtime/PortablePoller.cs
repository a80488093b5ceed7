using System.Net;
using System.Net.Sockets;

namespace Securely.Net;

/// <summary>
/// The poller of every platform: System.Net.Sockets makes the system calls and completes on its own threads, which post to the worker.
/// </summary>
internal sealed class PortablePoller(Worker worker) : IPoller
{
    private readonly AutoResetEvent _signal = new(false);

    public string Name => "portable";

    public void Poll(int timeoutMilliseconds)
    {
        if (timeoutMilliseconds != 0)
            _signal.WaitOne(timeoutMilliseconds);
        worker.AfterWait();
    }

    public void Wake()
    {
        try
        {
            _signal.Set();
        }
        catch (ObjectDisposedException)
        {
            // A late completion of a worker that has ended: nobody waits for it.
        }
    }

    public IAcceptor Accept(Listener listener) => new PortableAcceptor(worker, listener);

    public SocketConnection Adopt(in AcceptedSocket accepted, Worker worker) => new PortableConnection(worker, accepted.Socket!, accepted.Remote);

    public async ValueTask<(SocketConnection? Connection, SocketError Error)> ConnectAsync(Socket socket, SocketAddress address, EndPoint remote, TimeSpan timeout)
    {
        using var deadline = timeout == Timeout.InfiniteTimeSpan ? null : new CancellationTokenSource(timeout, worker.Time);
        try
        {
            await socket.ConnectAsync(remote, deadline?.Token ?? CancellationToken.None);
            return (new PortableConnection(worker, socket, remote), SocketError.Success);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            // A missing Unix socket, or one with a full queue: nobody takes the connection now.
            var isAbsent = remote is UnixDomainSocketEndPoint && e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.WouldBlock;
            return (null, isAbsent ? SocketError.ConnectionRefused : e.SocketErrorCode);
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            return (null, SocketError.TimedOut);
        }
    }

    public void Dispose() => _signal.Dispose();
}
