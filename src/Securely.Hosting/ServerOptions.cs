using System.Net;
using System.Net.Sockets;
using Securely.Config;
using Securely.Net;

namespace Securely.Hosting;

/// <summary>
/// How a server runs: every top-level key of the configuration file (Pingora's ServerConf, section 2.1 of the specification) and what
/// only code decides. The key of a property is its name in snake case. Immutable.
/// </summary>
/// <remarks>
/// Keys that are not available yet are here so that the names are settled; <see cref="Validate"/> refuses any value of theirs that
/// would have to have an effect.
/// </remarks>
public sealed record ServerOptions
{
    /// <summary>The version of the file's format. Only 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Whether the process goes to the background. Default false. Not available yet.</summary>
    public bool Daemon { get; init; }

    /// <summary>The file that the process logs to, beside standard error. Default none.</summary>
    public string? ErrorLog { get; init; }

    /// <summary>The file that the process id is written to. Default none. Not available yet.</summary>
    public string? PidFile { get; init; }

    /// <summary>The Unix socket on which a graceful upgrade hands over the listening sockets. Default none. Not available yet.</summary>
    public string? UpgradeSock { get; init; }

    /// <summary>The user that the background process becomes. Default none. Not available yet.</summary>
    public string? User { get; init; }

    /// <summary>The group that the background process becomes. Default none. Not available yet.</summary>
    public string? Group { get; init; }

    /// <summary>The directory that the background process changes to. Default none. Not available yet.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// Worker threads of each service that does not ask for a number itself; never shared between services. Range 1 to 1,024. Default: as
    /// many as the cores that the process may use, control groups respected.
    /// </summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>How many accept loops each listening socket has on each worker. Default 1. Range 1 to 64.</summary>
    public int ListenerTasksPerFd { get; init; } = 1;

    /// <summary>Whether an idle worker may take over waiting connections of another one of its service. Default true.</summary>
    public bool WorkStealing { get; init; } = true;

    /// <summary>The authorities that upstream certificates are verified with. Default none: the system's. Not available yet.</summary>
    public string? CaFile { get; init; }

    /// <summary>Has no effect: TLS is the runtime's, which keeps its own cache.</summary>
    public int? S2nConfigCacheSize { get; init; }

    /// <summary>
    /// How long a graceful end lets requests finish, in seconds; it ends as soon as all services have returned. Default 300.
    /// Range 0 to 2,592,000 (30 days).
    /// </summary>
    public int GracePeriodSeconds { get; init; } = 300;

    /// <summary>
    /// How long the services' threads may take to end after the grace period, in seconds. A fast end takes 0. Default 5.
    /// Range 0 to 2,592,000 (30 days).
    /// </summary>
    public int GracefulShutdownTimeoutSeconds { get; init; } = 5;

    /// <summary>The local addresses that connections to IPv4 upstreams come from, one picked at random each time. Default none: the system picks.</summary>
    public IReadOnlyList<IPAddress> ClientBindToIpv4 { get; init; } = [];

    /// <summary>The local addresses that connections to IPv6 upstreams come from, one picked at random each time. Default none: the system picks.</summary>
    public IReadOnlyList<IPAddress> ClientBindToIpv6 { get; init; } = [];

    /// <summary>How many idle upstream connections each worker keeps, for each HTTP version. 0 keeps none. Default 128.</summary>
    public int UpstreamKeepalivePoolSize { get; init; } = 128;

    /// <summary>Has no effect: every worker connects by itself and never blocks.</summary>
    public int? UpstreamConnectOffloadThreadpools { get; init; }

    /// <summary>Has no effect: every worker connects by itself and never blocks.</summary>
    public int? UpstreamConnectOffloadThreadPerPool { get; init; }

    /// <summary>Whether TLS keys of upstream connections are written to the file that <c>SSLKEYLOGFILE</c> names. Default false. Not available yet.</summary>
    public bool UpstreamDebugSslKeylog { get; init; }

    /// <summary>How many tries a request may have, the first one counted. At least 1. Default 16.</summary>
    public int MaxRetries { get; init; } = 16;

    /// <summary>How often the two processes of a graceful upgrade try to meet. Default 5. Not available yet.</summary>
    public int UpgradeSockConnectAcceptMaxRetries { get; init; } = 5;

    /// <summary>Has no effect: no threads are kept for blocking work.</summary>
    public int? MaxBlockingThreads { get; init; }

    /// <summary>Has no effect: no threads are kept for blocking work.</summary>
    public int? BlockingThreadsTtlSeconds { get; init; }

    /// <summary>Whether the foreground process waits until the background process is ready. Default false. Not available yet.</summary>
    public bool DaemonWaitForReady { get; init; }

    /// <summary>How long the foreground process waits, in seconds. Default 600. Not available yet.</summary>
    public int DaemonReadyTimeoutSeconds { get; init; } = 600;

    /// <summary>How long the background process tries to say that it is ready, in seconds. Default 60. Not available yet.</summary>
    public int DaemonNotifyTimeoutSeconds { get; init; } = 60;

    /// <summary>
    /// Whether a running server takes the signals of the process: SIGINT ends it fast, SIGTERM gracefully, a second one of them makes
    /// a graceful end a fast one (SRV-05). Default true; a program that has signal handlers of its own sets it to false. No key of
    /// the file.
    /// </summary>
    public bool HandleSignals { get; init; } = true;

    /// <summary>What the services and their workers count in. Default none: nothing is counted. No key of the file.</summary>
    public MetricsRegistry? Metrics { get; init; }

    /// <summary>The file's top-level keys that are the user's own, with their places. A map, empty by default.</summary>
    public ConfigValue Extra { get; init; } = ConfigValue.EmptyMap;

    /// <summary>Refuses options that cannot be fulfilled, so that none is silently ignored.</summary>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    /// <exception cref="NotSupportedException">An option is not available yet.</exception>
    public void Validate()
    {
        CheckRange(Version, 1, 1, "version");
        CheckRange(Threads, 1, ServerOptionsReader.MostThreads, "threads");
        CheckRange(ListenerTasksPerFd, 1, ServerOptionsReader.MostListenerTasks, "listener_tasks_per_fd");
        CheckRange(GracePeriodSeconds, 0, ServerOptionsReader.LongestSeconds, "grace_period_seconds");
        CheckRange(GracefulShutdownTimeoutSeconds, 0, ServerOptionsReader.LongestSeconds, "graceful_shutdown_timeout_seconds");
        CheckRange(UpstreamKeepalivePoolSize, 0, int.MaxValue, "upstream_keepalive_pool_size");
        CheckRange(MaxRetries, 1, int.MaxValue, "max_retries");
        CheckFamily(ClientBindToIpv4, AddressFamily.InterNetwork, "client_bind_to_ipv4");
        CheckFamily(ClientBindToIpv6, AddressFamily.InterNetworkV6, "client_bind_to_ipv6");
        foreach (var (key, isSet) in NotAvailable())
        {
            if (isSet)
                throw new NotSupportedException($"[{key}] is not available yet");
        }
    }

    private (string Key, bool IsSet)[] NotAvailable() =>
    [
        ("daemon", Daemon),
        ("pid_file", PidFile is not null),
        ("upgrade_sock", UpgradeSock is not null),
        ("user", User is not null),
        ("group", Group is not null),
        ("working_directory", WorkingDirectory is not null),
        ("ca_file", CaFile is not null),
        ("upstream_debug_ssl_keylog", UpstreamDebugSslKeylog),
        ("upgrade_sock_connect_accept_max_retries", UpgradeSockConnectAcceptMaxRetries != 5),
        ("daemon_wait_for_ready", DaemonWaitForReady),
        ("daemon_ready_timeout_seconds", DaemonReadyTimeoutSeconds != 600),
        ("daemon_notify_timeout_seconds", DaemonNotifyTimeoutSeconds != 60),
    ];

    private static void CheckRange(int value, int minimum, int maximum, string key)
    {
        if (value < minimum || value > maximum)
            throw new ArgumentException($"[{key}] must be between [{minimum}] and [{maximum}], not [{value}]");
    }

    private static void CheckFamily(IReadOnlyList<IPAddress> addresses, AddressFamily family, string key)
    {
        foreach (var address in addresses)
        {
            if (address.AddressFamily != family)
                throw new ArgumentException($"[{key}] cannot have the address [{address}] of another family");
        }
    }
}
