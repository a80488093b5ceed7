namespace Securely.Hosting;

/// <summary>How a server ends.</summary>
public enum ShutdownKind
{
    /// <summary>At once: requests are cut off. What SIGINT does (SRV-03).</summary>
    Fast,

    /// <summary>Requests in flight finish, at most for the grace period. What SIGTERM does (SRV-02).</summary>
    Graceful,
}
