using System.Net;
using System.Net.Sockets;
using Securely.Config;

namespace Securely.Hosting;

/// <summary>
/// Reads the top level of a configuration file: Pingora's keys (section 2.1 of the specification) become options, sections that others
/// read are left to them, what is announced but not there is an error, and the rest is the user's own.
/// </summary>
public static class ServerOptionsReader
{
    internal const int MostThreads = 1024;
    internal const int MostListenerTasks = 64;
    internal const int LongestSeconds = 30 * 24 * 60 * 60;

    private static readonly string[] Effective =
    [
        "version", "threads", "work_stealing", "listener_tasks_per_fd", "client_bind_to_ipv4", "client_bind_to_ipv6",
        "upstream_keepalive_pool_size", "max_retries", "grace_period_seconds", "graceful_shutdown_timeout_seconds", "error_log",
    ];

    // The value is the one that has no effect and is therefore accepted.
    private static readonly Dictionary<string, string?> NotAvailable = new(StringComparer.Ordinal)
    {
        ["daemon"] = "false",
        ["pid_file"] = null,
        ["upgrade_sock"] = null,
        ["user"] = null,
        ["group"] = null,
        ["working_directory"] = null,
        ["ca_file"] = null,
        ["upstream_debug_ssl_keylog"] = "false",
        ["upgrade_sock_connect_accept_max_retries"] = "5",
        ["daemon_wait_for_ready"] = "false",
        ["daemon_ready_timeout_seconds"] = "600",
        ["daemon_notify_timeout_seconds"] = "60",
    };

    private static readonly Dictionary<string, string> WithoutMeaning = new(StringComparer.Ordinal)
    {
        ["s2n_config_cache_size"] = "TLS is the runtime's, which keeps its own cache",
        ["max_blocking_threads"] = "no threads are kept for blocking work",
        ["blocking_threads_ttl_seconds"] = "no threads are kept for blocking work",
        ["upstream_connect_offload_threadpools"] = "every worker connects by itself and never blocks",
        ["upstream_connect_offload_thread_per_pool"] = "every worker connects by itself and never blocks",
    };

    private static readonly string[] Sections =
    [
        "listeners", "upstreams", "sites", "forwarded", "data_dir", "control_socket", "trusted_proxies", "metrics", "access_log", "traces", "dns", "store", "queue",
        "workers", "schedule", "log", "mail", "settings", "daemons",
    ];

    /// <summary>Reads the options. Errors are reported and their keys keep the defaults, so look at the diagnostics before use.</summary>
    /// <param name="root">The file.</param>
    /// <param name="diagnostics">Takes errors and warnings.</param>
    /// <param name="sectionsOfOurs">The sections that others read, such as <c>listeners</c>; all other sections of ours are errors.</param>
    public static ServerOptions Read(ConfigValue root, ConfigDiagnostics diagnostics, IReadOnlySet<string> sectionsOfOurs)
    {
        ArgumentNullException.ThrowIfNull(sectionsOfOurs);
        var reader = new SectionReader(root, "", diagnostics);
        if (reader.IsUnreadable)
            return new ServerOptions();

        var defaults = new ServerOptions();
        return new ServerOptions
        {
            Version = ReadVersion(reader),
            Threads = reader.Integer("threads", defaults.Threads, 1, MostThreads),
            WorkStealing = reader.Boolean("work_stealing", defaults.WorkStealing),
            ListenerTasksPerFd = reader.Integer("listener_tasks_per_fd", defaults.ListenerTasksPerFd, 1, MostListenerTasks),
            ClientBindToIpv4 = ReadAddresses(reader, "client_bind_to_ipv4", AddressFamily.InterNetwork, "IPv4", "192.0.2.1"),
            ClientBindToIpv6 = ReadAddresses(reader, "client_bind_to_ipv6", AddressFamily.InterNetworkV6, "IPv6", "2001:db8::1"),
            UpstreamKeepalivePoolSize = reader.Integer("upstream_keepalive_pool_size", defaults.UpstreamKeepalivePoolSize),
            MaxRetries = reader.Integer("max_retries", defaults.MaxRetries, 1),
            GracePeriodSeconds = reader.IntegerOrNull("grace_period_seconds", 0, LongestSeconds) ?? defaults.GracePeriodSeconds,
            GracefulShutdownTimeoutSeconds =
                reader.IntegerOrNull("graceful_shutdown_timeout_seconds", 0, LongestSeconds) ?? defaults.GracefulShutdownTimeoutSeconds,
            ErrorLog = ReadErrorLog(reader),
            Extra = ReadOthers(root, diagnostics, sectionsOfOurs),
        };
    }

    /// <summary>Whether a key of the top level is one of the process's that has an effect.</summary>
    /// <param name="key">The key.</param>
    public static bool IsKnown(string key) => Effective.Contains(key, StringComparer.Ordinal);

    private static int ReadVersion(SectionReader reader)
    {
        var version = reader.Integer("version", 1, int.MinValue);
        if (version != 1)
            reader.Error("version", $"[version] must be [1], the only version there is, not [{version}]");
        return 1;
    }

    private static string? ReadErrorLog(SectionReader reader)
    {
        // Reports a key without a value, which a path may be left without elsewhere.
        reader.Text("error_log", "");
        return reader.PathOrNull("error_log");
    }

    private static IPAddress[] ReadAddresses(SectionReader reader, string key, AddressFamily family, string name, string example)
    {
        var addresses = new List<IPAddress>();
        foreach (var item in reader.Items(key))
        {
            if (IPAddress.TryParse(item.Text, out var address) && address.AddressFamily == family && IsWhole(item.Text, address))
                addresses.Add(address);
            else
                reader.Diagnostics.Error(item.Origin, $"[{key}]: [{item.Text}] is not an {name} address; write it as in [{example}]");
        }

        return [.. addresses];
    }

    // The runtime also takes 127.1 and 0x7f000001 for addresses, which here are more likely mistakes.
    private static bool IsWhole(string text, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? !text.StartsWith('[') : text == address.ToString();

    private static ConfigValue ReadOthers(ConfigValue root, ConfigDiagnostics diagnostics, IReadOnlySet<string> sectionsOfOurs)
    {
        string[] known = [.. Effective, .. NotAvailable.Keys, .. WithoutMeaning.Keys, .. Sections, .. sectionsOfOurs];
        var own = new List<ConfigEntry>();
        foreach (var entry in root.Entries)
        {
            if (Effective.Contains(entry.Key) || sectionsOfOurs.Contains(entry.Key))
                continue;
            if (Sections.Contains(entry.Key))
                diagnostics.Error(entry.KeyOrigin, $"[{entry.Key}] is not available yet");
            else if (NotAvailable.TryGetValue(entry.Key, out var withoutEffect))
                RefuseUnlessWithoutEffect(entry, withoutEffect, diagnostics);
            else if (WithoutMeaning.TryGetValue(entry.Key, out var reason))
                diagnostics.Warning(entry.KeyOrigin, $"[{entry.Key}] has no effect: {reason}; remove it");
            else
                KeepOwn(entry, known, own, diagnostics);
        }

        return ConfigValue.FromMap(own, root.Origin);
    }

    private static void RefuseUnlessWithoutEffect(ConfigEntry entry, string? withoutEffect, ConfigDiagnostics diagnostics)
    {
        var value = entry.Value;
        if (value.Kind == ConfigKind.Null || (!value.IsQuoted && value.TryGetText(out var text) && text == withoutEffect))
            return;
        diagnostics.Error(entry.KeyOrigin, $"[{entry.Key}] is not available yet");
    }

    private static void KeepOwn(ConfigEntry entry, string[] known, List<ConfigEntry> own, ConfigDiagnostics diagnostics)
    {
        own.Add(entry);
        if (NearestName.Find(entry.Key, known) is { } nearest)
            diagnostics.Warning(entry.KeyOrigin, $"[{entry.Key}] is taken for a key of your own; did you mean [{nearest}]?");
    }
}
