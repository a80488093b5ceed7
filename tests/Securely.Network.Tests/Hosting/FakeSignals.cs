using Securely.Hosting;

namespace Securely.Network.Tests.Hosting;

/// <summary>Signals that the test sends.</summary>
internal sealed class FakeSignals : ISignalSource
{
    private Action<ServerSignal>? _received;

    public bool IsSubscribed => _received is not null;

    public IDisposable Subscribe(Action<ServerSignal> received)
    {
        _received = received;
        return new Subscription(this);
    }

    public void Send(ServerSignal signal) => _received!(signal);

    private sealed class Subscription(FakeSignals signals) : IDisposable
    {
        public void Dispose() => signals._received = null;
    }
}
