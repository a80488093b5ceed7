namespace Securely.Hosting;

/// <summary>A signal that a server knows.</summary>
public enum ServerSignal
{
    /// <summary>SIGINT, or Ctrl-C: a fast end; on Windows a graceful one (SRV-05).</summary>
    Interrupt,

    /// <summary>SIGTERM: a graceful end.</summary>
    Terminate,

    /// <summary>SIGQUIT.</summary>
    Quit,

    /// <summary>SIGHUP.</summary>
    HangUp,

    /// <summary>SIGUSR1.</summary>
    User1,
}

/// <summary>Where a server's signals come from; tests and embedding programs give their own.</summary>
public interface ISignalSource
{
    /// <summary>Begins to deliver signals.</summary>
    /// <param name="received">Called for each signal, from any thread; does not block.</param>
    /// <returns>Ends the delivery when disposed.</returns>
    IDisposable Subscribe(Action<ServerSignal> received);
}
