using System.Runtime.InteropServices;

namespace Securely.Hosting;

/// <summary>
/// The signals of the process (SRV-05). While it is subscribed to, none of them has its usual effect, such as ending the process.
/// On Windows only Ctrl-C and the end of the system are taken. Thread-safe.
/// </summary>
public sealed class SignalSource : ISignalSource
{
    // The runtime names no SIGUSR1 but takes the system's own numbers.
    private static readonly PosixSignal User1 = (PosixSignal)(OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? 10 : 30);

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<ServerSignal> received)
    {
        ArgumentNullException.ThrowIfNull(received);
        var subscription = new Subscription();
        try
        {
            subscription.Add(PosixSignal.SIGINT, ServerSignal.Interrupt, received);
            subscription.Add(PosixSignal.SIGTERM, ServerSignal.Terminate, received);
            if (OperatingSystem.IsWindows())
                return subscription;
            subscription.Add(PosixSignal.SIGQUIT, ServerSignal.Quit, received);
            subscription.Add(PosixSignal.SIGHUP, ServerSignal.HangUp, received);
            subscription.Add(User1, ServerSignal.User1, received);
            return subscription;
        }
        catch
        {
            subscription.Dispose();
            throw;
        }
    }

    private sealed class Subscription : IDisposable
    {
        private readonly List<PosixSignalRegistration> _registrations = [];

        public void Add(PosixSignal signal, ServerSignal meaning, Action<ServerSignal> received) =>
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                received(meaning);
            }));

        public void Dispose()
        {
            foreach (var registration in _registrations)
                registration.Dispose();
        }
    }
}
