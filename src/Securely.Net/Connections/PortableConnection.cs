using System.Net;
using System.Net.Sockets;

namespace Securely.Net;

/// <summary>
/// A socket of the portable poller. Readiness comes from an asynchronous peek of one byte, which needs no buffer of ours and tells the peer's end
/// from input; the reads themselves are non-blocking.
/// </summary>
internal sealed class PortableConnection : SocketConnection
{
    private readonly Socket _socket;
    private readonly byte[] _peeked = new byte[1];
    private SocketAsyncEventArgs? _peek;
    private SocketAsyncEventArgs? _send;
    private bool _peeking;
    private bool _sending;

    internal PortableConnection(Worker worker, Socket socket, EndPoint? remote)
        : base(worker, remote)
    {
        _socket = socket;
        _socket.Blocking = false;
        Link();
    }

    public override void ShutdownWrite()
    {
        if (IsClosed)
            return;
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The peer has broken the connection; the next read says so.
        }
    }

    internal override int GetOption(int level, int name, Span<byte> value)
    {
        if (IsClosed)
            return -1;
        try
        {
            return _socket.GetRawSocketOption(level, name, value);
        }
        catch (SocketException)
        {
            return -1;
        }
    }

    internal override EndPoint? GetLocalEndPoint()
    {
        if (IsClosed)
            return null;
        try
        {
            return _socket.LocalEndPoint is IPEndPoint ip ? LinuxAddress.Unmap(ip) : _socket.LocalEndPoint;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private protected override int Receive(Span<byte> buffer, out SocketError error)
    {
        var count = _socket.Receive(buffer, SocketFlags.None, out error);
        return error == SocketError.Success ? count : -1;
    }

    private protected override int Peek(Span<byte> buffer, out SocketError error)
    {
        var count = _socket.Receive(buffer, SocketFlags.Peek, out error);
        return error == SocketError.Success ? count : -1;
    }

    private protected override int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, out SocketError error)
    {
        // A partial send reports both its count and WouldBlock.
        error = SocketError.Success;
        var sent = first.IsEmpty ? 0 : _socket.Send(first, SocketFlags.None, out error);
        if (sent == first.Length && !second.IsEmpty)
            sent += _socket.Send(second, SocketFlags.None, out error);
        return sent > 0 || error == SocketError.Success ? sent : -1;
    }

    private protected override void ArmRead()
    {
        if (_peeking || IsClosed)
            return;
        if (_peek is null)
        {
            _peek = new SocketAsyncEventArgs();
            _peek.SetBuffer(_peeked, 0, 1);
            _peek.Completed += (_, _) => Worker.Post(static self => ((PortableConnection)self!).OnPeeked(), this);
        }

        // A completion overwrites the flags with those that the kernel reported.
        _peek.SocketFlags = SocketFlags.Peek;
        _peeking = true;
        if (!_socket.ReceiveAsync(_peek))
            Worker.Post(static self => ((PortableConnection)self!).OnPeeked(), this);
    }

    private protected override bool ArmWrite(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        if (_send is null)
        {
            _send = new SocketAsyncEventArgs();
            _send.Completed += (_, _) => Worker.Post(static self => ((PortableConnection)self!).OnSendCompleted(), this);
        }

        var rest = new List<ArraySegment<byte>>(2);
        Add(rest, first);
        Add(rest, second);
        _send.BufferList = rest;
        _sending = true;
        if (!_socket.SendAsync(_send))
            Worker.Post(static self => ((PortableConnection)self!).OnSendCompleted(), this);
        return false;
    }

    // Completions follow the connection: they are posted to the worker that it belongs to by then.
    private protected override bool Register() => !_peeking;

    private protected override void Unregister()
    {
    }

    private protected override void CloseSocket(bool reset)
    {
        if (reset)
        {
            try
            {
                _socket.LingerState = new LingerOption(enable: true, 0);
            }
            catch (SocketException)
            {
                // Broken already, which is what a reset is for.
            }
        }

        if (reset || !_peeking)
            Dispose();
        else
            EndThenDispose();
    }

    /// <summary>Disposing a socket with a pending operation resets it; so both directions are ended first, which completes the peek.</summary>
    private void EndThenDispose()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            Dispose();
        }
    }

    private void Dispose()
    {
        _socket.Dispose();
        if (!_peeking)
            _peek?.Dispose();
        if (!_sending)
            _send?.Dispose();
    }

    private static void Add(List<ArraySegment<byte>> list, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        list.Add(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment) ? segment : bytes.ToArray());
    }

    private void OnPeeked()
    {
        if (!ReferenceEquals(Worker, Worker.Current))
        {
            Worker.Post(static self => ((PortableConnection)self!).OnPeeked(), this);
            return;
        }

        _peeking = false;
        if (IsClosed)
        {
            Dispose();
            return;
        }

        // The kernel tells an error once, and the peek has taken it: the reads have to repeat it.
        var failure = _peek!.SocketError;
        OnReadable(failure != SocketError.Success || _peek.BytesTransferred == 0, failure);
    }

    private void OnSendCompleted()
    {
        var error = _send!.SocketError;
        _send.BufferList = null;
        _sending = false;
        if (IsClosed)
            _send.Dispose();
        else
            OnSent(error);
    }
}
