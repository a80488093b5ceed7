using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Securely.Net;

/// <summary>A socket of the epoll poller. It is registered once, for both directions; only its descriptor is kept.</summary>
internal unsafe class EpollConnection : SocketConnection, IEpollTarget
{
    private const int Ended = LinuxCalls.EpollReadHangUp | LinuxCalls.EpollHangUp | LinuxCalls.EpollError;

    private int _descriptor;
    private int _slot = EpollPoller.NoSlot;
    private Action<SocketError>? _connected;

    internal EpollConnection(Worker worker, int descriptor, EndPoint? remote)
        : base(worker, remote)
    {
        _descriptor = descriptor;
        Register();
        Link();
    }

    private protected int Descriptor => _descriptor;

    public void Prepare(int events)
    {
        // With an end or an error the reader looks itself: the kernel tells an error once.
        if (_connected is null && (events & (LinuxCalls.EpollIn | Ended)) == LinuxCalls.EpollIn)
            ReceiveAhead();
    }

    public void OnEvents(int events)
    {
        if (_connected is not null)
        {
            FinishConnect(events);
            return;
        }

        if ((IsWriting || IsHeldUp) && (events & (LinuxCalls.EpollOut | LinuxCalls.EpollHangUp | LinuxCalls.EpollError)) != 0)
        {
            var poller = (EpollPoller)Worker.Poller;
            var slot = _slot;
            OnWritable();
            // The writer may have closed the connection, or moved on with it: then the rest of the event is nobody's, or another worker's.
            if (!poller.Holds(slot, this))
                return;
        }

        if ((events & (LinuxCalls.EpollIn | Ended)) != 0)
            OnReadable((events & Ended) != 0, (events & LinuxCalls.EpollError) != 0 ? SocketError.ConnectionReset : SocketError.Success);
    }

    public sealed override void ShutdownWrite()
    {
        if (!IsClosed && MayEnd())
            _ = LinuxCalls.Shutdown(_descriptor, 1);
    }

    internal int BeginConnect(SocketAddress address)
    {
        fixed (byte* start = address.Buffer.Span)
            return LinuxCalls.Connect(_descriptor, start, address.Size) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>The next event tells how the connect ended.</summary>
    internal void WhenConnected(Action<SocketError> connected) => _connected = connected;

    internal sealed override int GetOption(int level, int name, Span<byte> value)
    {
        if (IsClosed)
            return -1;
        var length = value.Length;
        fixed (byte* start = value)
            return LinuxCalls.GetOption(_descriptor, level, name, start, &length) == 0 ? length : -1;
    }

    internal sealed override EndPoint? GetLocalEndPoint()
    {
        if (IsClosed)
            return null;
        var address = stackalloc byte[128];
        var length = 128;
        return LinuxCalls.GetLocalName(_descriptor, address, &length) == 0 ? LinuxAddress.Read(new ReadOnlySpan<byte>(address, length)) : null;
    }

    private protected override int Receive(Span<byte> buffer, out SocketError error) => Receive(buffer, 0, out error);

    private protected sealed override int Peek(Span<byte> buffer, out SocketError error) => Receive(buffer, LinuxCalls.Peek, out error);

    private int Receive(Span<byte> buffer, int flags, out SocketError error)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = (int)LinuxCalls.Receive(_descriptor, start, buffer.Length, flags);
                if (count >= 0)
                {
                    error = SocketError.Success;
                    return count;
                }

                if (count == -LinuxCalls.Interrupted)
                    continue;
                error = LinuxAddress.ToSocketError(-count);
                return -1;
            }
        }
    }

    private protected sealed override int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, out SocketError error)
    {
        while (true)
        {
            var count = second.IsEmpty ? SendOne(first) : first.IsEmpty ? SendOne(second) : SendTwo(first, second);
            if (count >= 0)
            {
                error = SocketError.Success;
                return count;
            }

            if (count == -LinuxCalls.Interrupted)
                continue;
            error = LinuxAddress.ToSocketError(-count);
            return -1;
        }
    }

    private protected sealed override void ArmRead()
    {
    }

    private protected sealed override bool ArmWrite(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second) => true;

    private protected sealed override bool Register()
    {
        _slot = ((EpollPoller)Worker.Poller).Register(
            this, _descriptor, LinuxCalls.EpollIn | LinuxCalls.EpollOut | LinuxCalls.EpollReadHangUp | LinuxCalls.EpollEdgeTriggered);
        return true;
    }

    private protected sealed override void Unregister()
    {
        var poller = (EpollPoller)Worker.Poller;
        poller.Remove(_descriptor);
        poller.Release(_slot);
        _slot = EpollPoller.NoSlot;
    }

    private protected sealed override void CloseSocket(bool reset)
    {
        if (_slot != EpollPoller.NoSlot)
            ((EpollPoller)Worker.Poller).Release(_slot);
        _slot = EpollPoller.NoSlot;
        if (reset)
        {
            // Linger of zero seconds: close sends a reset, so that the peer never takes a cut message for a whole one.
            var linger = 1L;
            _ = LinuxCalls.SetOption(_descriptor, 1, 13, &linger, sizeof(long));
        }

        _ = LinuxCalls.Close(_descriptor);
        _descriptor = -1;
        if (_connected is { } connected)
            Worker.Post(static call => ((Action<SocketError>)call!)(SocketError.OperationAborted), connected);
        _connected = null;
    }

    private int SendOne(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
            return (int)LinuxCalls.Send(_descriptor, start, bytes.Length, LinuxCalls.NoSignal);
    }

    [SkipLocalsInit]
    private int SendTwo(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        fixed (byte* firstStart = first, secondStart = second)
        {
            var segments = stackalloc LinuxCalls.Segment[2];
            segments[0] = new LinuxCalls.Segment { Start = firstStart, Length = first.Length };
            segments[1] = new LinuxCalls.Segment { Start = secondStart, Length = second.Length };
            var message = default(LinuxCalls.MessageHeader);
            message.Segments = segments;
            message.SegmentCount = 2;
            return (int)LinuxCalls.SendMessage(_descriptor, &message, LinuxCalls.NoSignal);
        }
    }

    private void FinishConnect(int events)
    {
        var connected = _connected!;
        _connected = null;
        var error = LinuxCalls.TakeError(_descriptor);
        // A peer that speaks first, or ends at once, may be told by the same event, and by no other one.
        if (error == 0 && (events & (LinuxCalls.EpollIn | Ended)) != 0)
            OnReadable((events & Ended) != 0);
        connected(error == 0 ? SocketError.Success : LinuxAddress.ToSocketError(error));
    }
}
