using System.Net;
using System.Net.Sockets;

namespace Securely.Net;

/// <summary>Accepts through System.Net.Sockets; each accept is announced to the worker.</summary>
internal sealed class PortableAcceptor : IAcceptor, IDisposable
{
    private readonly Worker _worker;
    private readonly Listener _listener;
    private readonly SocketAsyncEventArgs _arguments = new();
    private readonly WorkerTimer _pause;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    internal PortableAcceptor(Worker worker, Listener listener)
    {
        _worker = worker;
        _listener = listener;
        _pause = new WorkerTimer(static self => ((PortableAcceptor)self!).Resume(), this);
        _arguments.Completed += (_, _) => _worker.Post(static self => ((PortableAcceptor)self!).OnCompleted(), this);
        Begin();
    }

    public Task Stopped => _stopped.Task;

    public void Stop()
    {
        if (_ended)
            return;
        _ended = true;
        if (_pause.IsSet)
            End();
        _pause.Detach();
        // What the kernel has already completed a handshake for is served, not reset. The pending accept takes the first of them itself, and ends
        // with the listening socket otherwise.
        try
        {
            while (_listener.Socket.Poll(0, SelectMode.SelectRead))
                Deliver(_listener.Socket.Accept());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Another worker has taken the last one.
        }
    }

    public void Dispose() => _arguments.Dispose();

    private void Begin()
    {
        for (var taken = 0; taken < _listener.AcceptsPerWake; taken++)
        {
            _arguments.AcceptSocket = null;
            try
            {
                if (_listener.Socket.AcceptAsync(_arguments))
                    return;
            }
            catch (ObjectDisposedException)
            {
                End();
                return;
            }

            if (!Take())
                return;
        }

        // The other connections of the worker come first.
        _worker.Post(static self => ((PortableAcceptor)self!).BeginUnlessEnded(), this);
    }

    private void OnCompleted()
    {
        if (Take())
            BeginUnlessEnded();
    }

    private void BeginUnlessEnded()
    {
        if (_ended)
            End();
        else
            Begin();
    }

    /// <summary>Hands over what was accepted. False: there is nothing to accept for now, or any more.</summary>
    private bool Take()
    {
        var error = _arguments.SocketError;
        if (error == SocketError.Success && _arguments.AcceptSocket is { } socket)
        {
            _arguments.AcceptSocket = null;
            var descriptor = (int)socket.SafeHandle.DangerousGetHandle();
            Deliver(socket);
            if (_ended || !DescriptorReserve.IsTouchedBy(descriptor, DescriptorReserve.OfClients))
                return true;
            Pause(SocketError.TooManyOpenSockets);
            return false;
        }

        if (_ended || error is SocketError.OperationAborted or SocketError.Interrupted)
        {
            End();
            return false;
        }

        if (error is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            return true;
        Pause(error);
        return false;
    }

    private void Pause(SocketError error)
    {
        _listener.OnAcceptFailed(error);
        _pause.Set(_worker, Listener.AcceptPause);
    }

    private void Resume()
    {
        if (DescriptorReserve.IsTouched(DescriptorReserve.OfClients))
            Pause(SocketError.TooManyOpenSockets);
        else
            Begin();
    }

    private void End()
    {
        Dispose();
        _stopped.TrySetResult();
    }

    private void Deliver(Socket socket)
    {
        EndPoint? remote = null;
        try
        {
            remote = socket.RemoteEndPoint is IPEndPoint ip ? LinuxAddress.Unmap(ip) : null;
        }
        catch (SocketException)
        {
            // The peer has gone already; the first read finds out.
        }

        _listener.OnAccepted(new AcceptedSocket { Socket = socket, Remote = remote });
    }
}
