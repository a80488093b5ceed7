using System.Net.Sockets;

namespace Securely.Net;

/// <summary>Accepts through System.Net.Sockets; each accept is announced to the worker.</summary>
internal sealed class PortableAcceptor : IDisposable
{
    private readonly Worker _worker;
    private readonly Listener _listener;
    private readonly SocketAsyncEventArgs _arguments = new();
    private readonly WorkerTimer _pause;
    private bool _ended;

    internal PortableAcceptor(Worker worker, Listener listener)
    {
        _worker = worker;
        _listener = listener;
        _pause = new WorkerTimer(static self => ((PortableAcceptor)self!).Begin(), this);
        _arguments.Completed += (_, _) => _worker.Post(static self => ((PortableAcceptor)self!).OnCompleted(), this);
        Begin();
    }

    public void Dispose()
    {
        if (_ended)
            return;
        _ended = true;
        _pause.Detach();
        // What the kernel has already completed a handshake for is served, not reset. The pending accept takes the first of them itself.
        while (_listener.Socket.Poll(0, SelectMode.SelectRead))
        {
            try
            {
                Deliver(_listener.Socket.Accept());
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    private void Begin()
    {
        while (!_ended)
        {
            _arguments.AcceptSocket = null;
            try
            {
                if (_listener.Socket.AcceptAsync(_arguments))
                    return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            if (!Take())
                return;
        }
    }

    private void OnCompleted()
    {
        if (Take())
            Begin();
    }

    private bool Take()
    {
        if (_arguments.SocketError == SocketError.Success && _arguments.AcceptSocket is { } socket)
        {
            _arguments.AcceptSocket = null;
            Deliver(socket);
            return true;
        }

        if (_ended || _arguments.SocketError is SocketError.OperationAborted or SocketError.Interrupted)
            return false;
        if (_arguments.SocketError is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            return true;
        _listener.OnAcceptFailed(_arguments.SocketError);
        _pause.Set(_worker, TimeSpan.FromSeconds(1));
        return false;
    }

    private void Deliver(Socket socket)
    {
        System.Net.EndPoint? remote = null;
        try
        {
            remote = socket.RemoteEndPoint is System.Net.IPEndPoint ip ? LinuxAddress.Unmap(ip) : null;
        }
        catch (SocketException)
        {
            // The peer has gone already; the first read finds out.
        }

        _listener.OnAccepted(new AcceptedSocket { Socket = socket, Remote = remote });
    }
}
