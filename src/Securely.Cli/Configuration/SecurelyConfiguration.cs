using Securely.Config;
using Securely.Hosting;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>Everything a file says, as plain options of the projects that do it.</summary>
internal sealed record SecurelyConfiguration
{
    /// <summary>The file as it was named; null for the defaults of a program without one.</summary>
    public string? File { get; init; }

    /// <summary>What the file holds, to find the line of what turns out to be wrong later; null where there is no file.</summary>
    public ConfigValue? Source { get; init; }

    /// <summary>The keys that belong to the process.</summary>
    public required ServerOptions Server { get; init; }

    public required IReadOnlyList<ListenerOptions> Listeners { get; init; }

    public required ProxyConfiguration Proxy { get; init; }

    /// <summary>The most connections of clients; null leaves it to the system's limit of open files.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Where a monitor can ask; null for nowhere.</summary>
    public MetricsOptions? Metrics { get; init; }

    /// <summary>The log of requests; null for none.</summary>
    public AccessLogOptions? AccessLog { get; init; }

    /// <summary>Where the spans of requests go; null for nowhere.</summary>
    public TracesOptions? Traces { get; init; }

    /// <summary>The channels of the server's own log; null for standard error and <c>error_log</c> alone.</summary>
    public LogChannelsOptions? Log { get; init; }

    /// <summary>Where settings stand, and who is told of changes.</summary>
    public SettingsSectionOptions Settings { get; init; } = SettingsSectionOptions.Default;

    /// <summary>The name server; null for none.</summary>
    public DnsOptions? Dns { get; init; }

    /// <summary>An absolute path; the directory is made by whoever stores something in it first.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where the running server can be asked; null for one that cannot be.</summary>
    public ControlSocketOptions? ControlSocket { get; init; }

    /// <summary><c>1 listener, 2 upstreams, 0 sites</c>.</summary>
    public string Summary => string.Join(", ", Counts());

    private IEnumerable<string> Counts()
    {
        yield return Count(Listeners.Count, "listener");
        yield return Count(Proxy.Upstreams.Count, "upstream");
        yield return Count(Proxy.Sites.Count, "site");
        if (Dns is not null)
            yield return Count(Dns.Zones.Count + Dns.LocalNames.Count, "zone");
    }

    private static string Count(int count, string thing) => string.Create(null, $"{count} {thing}{(count == 1 ? "" : "s")}");
}
