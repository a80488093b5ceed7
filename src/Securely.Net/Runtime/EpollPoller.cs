using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Securely.Net;

/// <summary>
/// Edge-triggered epoll. A descriptor is registered once, for both directions; events carry a slot and its generation, so that an event that was
/// fetched before its descriptor was closed is recognised and dropped.
/// </summary>
internal sealed unsafe class EpollPoller : IPoller
{
    private const int BatchSize = 256;
    private const uint WakeSlot = 0;

    private readonly Worker _worker;
    private readonly int _epoll;
    private readonly int _wake;
    private readonly byte* _events;
    private readonly Stack<int> _free = new();
    private IEpollTarget?[] _targets = new IEpollTarget?[64];
    private uint[] _generations = new uint[64];
    private int _used = 1;

    internal EpollPoller(Worker worker)
    {
        _worker = worker;
        _epoll = LinuxCalls.EpollCreate(LinuxCalls.CloseOnExec);
        _wake = LinuxCalls.EventDescriptor(0, LinuxCalls.CloseOnExec | LinuxCalls.NonBlocking);
        if (_epoll < 0 || _wake < 0)
            throw new NetException(NetErrorKind.Internal, $"Worker [{worker.Name}] cannot make its poller (errno {Marshal.GetLastPInvokeError()}); is the limit of open files too low?", ErrorSource.Internal);
        _events = (byte*)NativeMemory.AlignedAlloc((nuint)(BatchSize * LinuxCalls.EventSize), 64);
        Control(LinuxCalls.EpollAdd, _wake, LinuxCalls.EpollIn | LinuxCalls.EpollEdgeTriggered, WakeSlot);
    }

    public string Name => "epoll";

    public void Poll(int timeoutMilliseconds)
    {
        var count = timeoutMilliseconds == 0
            ? LinuxCalls.EpollLook(_epoll, _events, BatchSize, 0)
            : LinuxCalls.EpollWait(_epoll, _events, BatchSize, timeoutMilliseconds);
        _worker.AfterWait();
        for (var i = 0; i < count; i++)
        {
            var entry = _events + (i * LinuxCalls.EventSize);
            var events = *(int*)entry;
            var data = *(ulong*)(entry + LinuxCalls.EventDataOffset);
            var slot = (uint)data;
            if (slot == WakeSlot)
            {
                DrainWake();
                continue;
            }

            var target = _targets[slot];
            if (target is null || _generations[slot] != (uint)(data >> 32))
                continue;
            Dispatch(target, events);
        }
    }

    public void Wake()
    {
        var one = 1UL;
        _ = LinuxCalls.Write(_wake, &one, sizeof(ulong));
    }

    public IDisposable Accept(Listener listener) => new EpollAcceptor(this, _worker, listener);

    public SocketConnection Adopt(in AcceptedSocket accepted, Worker worker) => new EpollConnection(worker, accepted.Descriptor, accepted.Remote);

    public ValueTask<(SocketConnection? Connection, SocketError Error)> ConnectAsync(Socket socket, SocketAddress address, EndPoint remote, TimeSpan timeout)
    {
        var descriptor = TakeDescriptor(socket);
        var connection = new EpollConnection(_worker, descriptor, remote);
        var error = connection.BeginConnect(address);
        if (error == 0)
            return new((connection, SocketError.Success));
        if (error is LinuxCalls.InProgress or LinuxCalls.Interrupted)
            return new EpollConnect(_worker, connection, timeout).Task;
        connection.Close();
        // A Unix socket with a full queue says EAGAIN; a missing one ENOENT. Both mean that nobody takes the connection now.
        return new((null, error is LinuxCalls.Again or 2 ? SocketError.ConnectionRefused : LinuxAddress.ToSocketError(error)));
    }

    public void Dispose()
    {
        _ = LinuxCalls.Close(_wake);
        _ = LinuxCalls.Close(_epoll);
        NativeMemory.AlignedFree(_events);
    }

    internal int Register(IEpollTarget target, int descriptor, uint events)
    {
        if (!_free.TryPop(out var slot))
        {
            slot = _used++;
            if (slot == _targets.Length)
            {
                Array.Resize(ref _targets, slot * 2);
                Array.Resize(ref _generations, slot * 2);
            }
        }

        _targets[slot] = target;
        Control(LinuxCalls.EpollAdd, descriptor, events, (uint)slot | ((ulong)_generations[slot] << 32));
        return slot;
    }

    internal void Release(int slot)
    {
        _targets[slot] = null;
        _generations[slot]++;
        _free.Push(slot);
    }

    internal void Remove(int descriptor) => Control(LinuxCalls.EpollDelete, descriptor, 0, 0);

    private static int TakeDescriptor(Socket socket)
    {
        socket.Blocking = false;
        var descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        socket.SafeHandle.SetHandleAsInvalid();
        return descriptor;
    }

    private void Dispatch(IEpollTarget target, int events)
    {
        _worker.RefillBudget();
        try
        {
            target.OnEvents(events);
        }
        catch (Exception e)
        {
            _worker.ReportStray(e);
        }

        _worker.RestoreContext();
    }

    private void DrainWake()
    {
        ulong value;
        _ = LinuxCalls.Read(_wake, &value, sizeof(ulong));
    }

    private void Control(int operation, int descriptor, uint events, ulong data)
    {
        var entry = stackalloc byte[16];
        *(uint*)entry = events;
        *(ulong*)(entry + LinuxCalls.EventDataOffset) = data;
        if (LinuxCalls.EpollControl(_epoll, operation, descriptor, entry) != 0 && operation == LinuxCalls.EpollAdd)
            throw new NetException(NetErrorKind.Internal, $"Worker [{_worker.Name}] cannot watch a socket (errno {Marshal.GetLastPInvokeError()})", ErrorSource.Internal);
    }
}

/// <summary>What an epoll event is dispatched to.</summary>
internal interface IEpollTarget
{
    void OnEvents(int events);
}
