using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Securely.Net;

/// <summary>
/// Accepts on a listening socket that every worker polls exclusively. It takes a few connections a wake-up and leaves the rest to the others.
/// </summary>
internal sealed unsafe class EpollAcceptor : IEpollTarget, IAcceptor
{
    /// <summary>The longest queue that the kernel keeps, more or less: a flood must not hold up the stop for ever.</summary>
    private const int MostAtStop = 65_536;

    private readonly EpollPoller _poller;
    private readonly Worker _worker;
    private readonly Listener _listener;
    private readonly int _descriptor;
    private readonly WorkerTimer _pause;
    private int _slot = EpollPoller.NoSlot;
    private bool _ended;

    internal EpollAcceptor(EpollPoller poller, Worker worker, Listener listener)
    {
        _poller = poller;
        _worker = worker;
        _listener = listener;
        _descriptor = (int)listener.Socket.SafeHandle.DangerousGetHandle();
        _pause = new WorkerTimer(static self => ((EpollAcceptor)self!).Resume(), this);
        Register();
    }

    public Task Stopped => Task.CompletedTask;

    public void Prepare(int events)
    {
    }

    public void OnEvents(int events) => Accept(_listener.AcceptsPerWake);

    public void Stop()
    {
        if (_ended)
            return;
        _ended = true;
        _pause.Detach();
        // What the kernel has already completed a handshake for is served, not reset.
        Accept(MostAtStop);
        Unregister();
    }

    private void Accept(int most)
    {
        var address = stackalloc byte[128];
        for (var taken = 0; taken < most; taken++)
        {
            var length = 128;
            var descriptor = LinuxCalls.Accept(_descriptor, address, &length, LinuxCalls.NonBlocking | LinuxCalls.CloseOnExec);
            if (descriptor >= 0)
            {
                _listener.OnAccepted(new AcceptedSocket
                {
                    Descriptor = descriptor,
                    Remote = LinuxAddress.Read(new ReadOnlySpan<byte>(address, length)),
                    IsTimestamped = _listener.IsTimestamped,
                });
                if (!DescriptorReserve.IsTouchedBy(descriptor, DescriptorReserve.OfClients))
                    continue;
                Pause(SocketError.TooManyOpenSockets);
                return;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == LinuxCalls.Interrupted || LinuxAddress.IsOfOneConnection(error))
                continue;
            if (error != LinuxCalls.Again)
                Pause(LinuxAddress.ToSocketError(error));
            return;
        }
    }

    /// <summary>Out of descriptors, most likely: the socket stays readable, so waiting is the only way not to spin.</summary>
    private void Pause(SocketError error)
    {
        _listener.OnAcceptFailed(error);
        Unregister();
        if (!_ended)
            _pause.Set(_worker, Listener.AcceptPause);
    }

    private void Resume()
    {
        if (DescriptorReserve.IsTouched(DescriptorReserve.OfClients))
        {
            Pause(SocketError.TooManyOpenSockets);
            return;
        }

        try
        {
            Register();
        }
        catch (NetException)
        {
            Pause(LinuxAddress.ToSocketError(Marshal.GetLastPInvokeError()));
        }
    }

    private void Register() => _slot = _poller.Register(this, _descriptor, LinuxCalls.EpollIn | LinuxCalls.EpollExclusive);

    private void Unregister()
    {
        if (_slot == EpollPoller.NoSlot)
            return;
        _poller.Remove(_descriptor);
        _poller.Release(_slot);
        _slot = EpollPoller.NoSlot;
    }
}
