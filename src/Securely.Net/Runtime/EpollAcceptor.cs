using System.Runtime.InteropServices;

namespace Securely.Net;

/// <summary>
/// Accepts on a listening socket that every worker polls exclusively. It takes a few connections a wake-up and leaves the rest to the others.
/// </summary>
internal sealed unsafe class EpollAcceptor : IEpollTarget, IDisposable
{
    private readonly EpollPoller _poller;
    private readonly Worker _worker;
    private readonly Listener _listener;
    private readonly int _descriptor;
    private readonly WorkerTimer _pause;
    private int _slot = -1;
    private bool _ended;

    internal EpollAcceptor(EpollPoller poller, Worker worker, Listener listener)
    {
        _poller = poller;
        _worker = worker;
        _listener = listener;
        _descriptor = (int)listener.Socket.SafeHandle.DangerousGetHandle();
        _pause = new WorkerTimer(static self => ((EpollAcceptor)self!).Resume(), this);
        Resume();
    }

    public void OnEvents(int events) => Accept(_listener.AcceptsPerWake);

    public void Dispose()
    {
        if (_ended)
            return;
        _ended = true;
        _pause.Detach();
        // What the kernel has already completed a handshake for is served, not reset.
        Accept(int.MaxValue);
        Pause();
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
                _listener.OnAccepted(new AcceptedSocket { Descriptor = descriptor, Remote = LinuxAddress.Read(new ReadOnlySpan<byte>(address, length)) });
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error is LinuxCalls.Interrupted or 103)
                continue;
            if (error == LinuxCalls.Again)
                return;
            _listener.OnAcceptFailed(LinuxAddress.ToSocketError(error));
            // Out of descriptors, most likely: the socket stays readable, so waiting is the only way not to spin.
            Pause();
            if (!_ended)
                _pause.Set(_worker, TimeSpan.FromSeconds(1));
            return;
        }
    }

    private void Resume()
    {
        if (!_ended && _slot < 0)
            _slot = _poller.Register(this, _descriptor, LinuxCalls.EpollIn | LinuxCalls.EpollExclusive);
    }

    private void Pause()
    {
        if (_slot < 0)
            return;
        _poller.Remove(_descriptor);
        _poller.Release(_slot);
        _slot = -1;
    }
}
