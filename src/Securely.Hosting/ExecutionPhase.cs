namespace Securely.Hosting;

/// <summary>
/// Where a server is in its life, in this order (SRV-01). A graceful end goes through <see cref="Bootstrap"/>,
/// <see cref="BootstrapComplete"/>, <see cref="Running"/>, <see cref="GracefulTerminate"/>, <see cref="ShutdownStarted"/>,
/// <see cref="ShutdownGracePeriod"/>, <see cref="ShutdownRuntimes"/>, <see cref="Terminated"/> (SRV-02); a fast one leaves out
/// <see cref="GracefulTerminate"/> and <see cref="ShutdownGracePeriod"/> (SRV-03). <see cref="Running"/> is left out when the end
/// begins before every service is ready.
/// </summary>
public enum ExecutionPhase
{
    /// <summary>Made, and nothing done yet. Never announced.</summary>
    Setup,

    /// <summary>Getting ready for services.</summary>
    Bootstrap,

    /// <summary>Ready for services.</summary>
    BootstrapComplete,

    /// <summary>Every service is ready.</summary>
    Running,

    /// <summary>A graceful upgrade hands the listening sockets to the next process (SRV-04).</summary>
    GracefulUpgradeTransferringFds,

    /// <summary>A graceful upgrade waits until the next process accepts connections (SRV-04).</summary>
    GracefulUpgradeCloseTimeout,

    /// <summary>A graceful end was asked for.</summary>
    GracefulTerminate,

    /// <summary>Services are being told to end.</summary>
    ShutdownStarted,

    /// <summary>Services finish what they have; left as soon as all have returned.</summary>
    ShutdownGracePeriod,

    /// <summary>The services' threads end.</summary>
    ShutdownRuntimes,

    /// <summary>Over.</summary>
    Terminated,
}
