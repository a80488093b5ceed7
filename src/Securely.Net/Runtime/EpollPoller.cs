using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Securely.Net;

/// <summary>
/// Edge-triggered epoll. A descriptor is registered once, for both directions; events carry a slot and its generation, so that an event that was
/// fetched before its descriptor was closed is recognised and dropped.
/// </summary>
internal sealed unsafe class EpollPoller : IPoller, IEpollTarget
{
    internal const int NoSlot = -1;

    private const int BatchSize = 256;

    // So many connections' input is received before the first of them runs; their buffers fit the second cache beside the code.
    private const int GroupSize = 32;
    private const uint WakeSlot = 0;

    private readonly Worker _worker;
    private readonly int _epoll;
    private readonly int _wake;
    private readonly byte* _events;
    private readonly Lock _wakeLock = new();
    private readonly Stack<int> _free = new();
    private IEpollTarget?[] _targets = new IEpollTarget?[64];
    private uint[] _generations = new uint[64];
    private int _used = 1;
    private bool _disposed;

    internal EpollPoller(Worker worker)
    {
        _worker = worker;
        _epoll = LinuxCalls.EpollCreate(LinuxCalls.CloseOnExec);
        _wake = LinuxCalls.EventDescriptor(0, LinuxCalls.CloseOnExec | LinuxCalls.NonBlocking);
        if (_epoll < 0 || _wake < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (_epoll >= 0)
                _ = LinuxCalls.Close(_epoll);
            throw new NetException(NetErrorKind.Internal, $"Worker [{worker.Name}] cannot make its poller (errno {error}); is the limit of open files too low?", ErrorSource.Internal);
        }

        _events = (byte*)NativeMemory.AlignedAlloc((nuint)(BatchSize * LinuxCalls.EventSize), 64);
        _targets[WakeSlot] = this;
        Control(LinuxCalls.EpollAdd, _wake, LinuxCalls.EpollIn | LinuxCalls.EpollEdgeTriggered, WakeSlot);
    }

    public string Name => "epoll";

    /// <summary>Whether the numbers of the system calls and the layout of its structures are known here.</summary>
    internal static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture
        is Architecture.X64 or Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64;

    public void Poll(int timeoutMilliseconds)
    {
        var count = timeoutMilliseconds == 0
            ? LinuxCalls.EpollLook(_epoll, _events, BatchSize, 0)
            : LinuxCalls.EpollWait(_epoll, _events, BatchSize, timeoutMilliseconds);
        _worker.AfterWait();
        for (var first = 0; first < count; first += GroupSize)
        {
            var end = Math.Min(count, first + GroupSize);
            // One event alone has nothing to share, and would only pay for the copies.
            if (end - first > 1)
                Prepare(first, end);
            for (var i = first; i < end; i++)
            {
                if (TargetOf(i, out var events) is { } target)
                    Dispatch(target, events);
            }

            _worker.Held.End();
        }
    }

    private void Prepare(int first, int end)
    {
        for (var i = first; i < end; i++)
            TargetOf(i, out var events)?.Prepare(events);
        _worker.Held.Begin();
    }

    void IEpollTarget.Prepare(int events)
    {
    }

    /// <summary>Somebody has woken the poller.</summary>
    void IEpollTarget.OnEvents(int events)
    {
        ulong value;
        _ = LinuxCalls.Read(_wake, &value, sizeof(ulong));
    }

    public void Wake()
    {
        // Late callers outlive the worker, and the number of its descriptor may be somebody else's by then.
        lock (_wakeLock)
        {
            if (_disposed)
                return;
            var one = 1UL;
            _ = LinuxCalls.Write(_wake, &one, sizeof(ulong));
        }
    }

    public IAcceptor Accept(Listener listener) => new EpollAcceptor(this, _worker, listener);

    public SocketConnection Adopt(in AcceptedSocket accepted, Worker worker) => accepted.IsTimestamped
        ? new TimestampedConnection(worker, accepted.Descriptor, accepted.Remote)
        : new EpollConnection(worker, accepted.Descriptor, accepted.Remote);

    public ValueTask<(SocketConnection? Connection, SocketError Error)> ConnectAsync(Socket socket, SocketAddress address, EndPoint remote, TimeSpan timeout)
    {
        var connection = Take(socket, remote);
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
        lock (_wakeLock)
        {
            if (_disposed)
                return;
            _disposed = true;
            _ = LinuxCalls.Close(_wake);
        }

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
        try
        {
            Control(LinuxCalls.EpollAdd, descriptor, events, (uint)slot | ((ulong)_generations[slot] << 32));
            return slot;
        }
        catch (NetException)
        {
            Release(slot);
            throw;
        }
    }

    /// <summary>Whether the slot is still the target's. A target asks it when what it has called may have given the slot back.</summary>
    internal bool Holds(int slot, IEpollTarget target) => ReferenceEquals(_targets[slot], target);

    internal void Release(int slot)
    {
        _targets[slot] = null;
        _generations[slot]++;
        _free.Push(slot);
    }

    internal void Remove(int descriptor) => Control(LinuxCalls.EpollDelete, descriptor, 0, 0);

    [SuppressMessage("Usage", "CA1816", Justification = "To dispose the socket would wait for a descriptor that it does not have any more.")]
    private EpollConnection Take(Socket socket, EndPoint remote)
    {
        var descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        // The framework's own way makes everything that its asynchronous calls need.
        if (LinuxCalls.SetStatusFlags(descriptor, LinuxCalls.NonBlocking) != 0)
            throw new SocketException((int)LinuxAddress.ToSocketError(Marshal.GetLastPInvokeError()));
        var connection = new EpollConnection(_worker, descriptor, remote);
        // The connection closes the descriptor from here on, and nobody has to wait for a finalizer.
        socket.SafeHandle.SetHandleAsInvalid();
        GC.SuppressFinalize(socket);
        return connection;
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

    /// <summary>Whom an event is for; null when its descriptor was closed since it was fetched.</summary>
    private IEpollTarget? TargetOf(int index, out int events)
    {
        var entry = _events + (index * LinuxCalls.EventSize);
        events = *(int*)entry;
        var data = *(ulong*)(entry + LinuxCalls.EventDataOffset);
        var slot = (uint)data;
        return _generations[slot] == (uint)(data >> 32) ? _targets[slot] : null;
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
    /// <summary>Comes before <see cref="OnEvents"/> when several targets have events. Runs nothing of anybody's.</summary>
    void Prepare(int events);

    void OnEvents(int events);
}
