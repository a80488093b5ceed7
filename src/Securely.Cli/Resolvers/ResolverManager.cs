using System.Text.Json.Serialization;

namespace Securely.Cli;

/// <summary>Who decides on a machine where names are asked for; each has its own place to be told (spec/dns.md 5.2).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ResolverManager>))]
internal enum ResolverManager
{
    /// <summary>systemd-resolved, which sends the names of a domain to a server of its own.</summary>
    [JsonStringEnumMemberName("resolved")]
    Resolved,

    /// <summary>NetworkManager with its dnsmasq.</summary>
    [JsonStringEnumMemberName("networkmanager")]
    NetworkManager,

    /// <summary>Debian's resolvconf.</summary>
    [JsonStringEnumMemberName("resolvconf")]
    Resolvconf,

    /// <summary>openresolv, whose configuration is a script.</summary>
    [JsonStringEnumMemberName("openresolv")]
    Openresolv,

    /// <summary>Nobody: the C library reads a file.</summary>
    [JsonStringEnumMemberName("file")]
    File,

    /// <summary>macOS, with a file for each domain.</summary>
    [JsonStringEnumMemberName("macos")]
    MacOs,

    /// <summary>Windows, with a policy for each domain.</summary>
    [JsonStringEnumMemberName("windows")]
    Windows,

    /// <summary>The file of hosts: single names, on any system.</summary>
    [JsonStringEnumMemberName("hosts")]
    Hosts,
}

/// <summary>The managers as options name them and people know them.</summary>
internal static class ResolverManagers
{
    public static IReadOnlyDictionary<string, ResolverManager> ByName { get; } = new Dictionary<string, ResolverManager>(StringComparer.Ordinal)
    {
        ["resolved"] = ResolverManager.Resolved,
        ["networkmanager"] = ResolverManager.NetworkManager,
        ["resolvconf"] = ResolverManager.Resolvconf,
        ["openresolv"] = ResolverManager.Openresolv,
        ["file"] = ResolverManager.File,
        ["macos"] = ResolverManager.MacOs,
        ["windows"] = ResolverManager.Windows,
        ["hosts"] = ResolverManager.Hosts,
    };

    /// <summary>As people know it.</summary>
    public static string Title(ResolverManager manager) => manager switch
    {
        ResolverManager.Resolved => "systemd-resolved",
        ResolverManager.NetworkManager => "NetworkManager with dnsmasq",
        ResolverManager.Resolvconf => "resolvconf",
        ResolverManager.Openresolv => "openresolv",
        ResolverManager.File => "/etc/resolv.conf",
        ResolverManager.MacOs => "macOS",
        ResolverManager.Windows => "Windows",
        _ => "the file of hosts",
    };

    /// <summary>Who decides in a tree of files: Windows and macOS by what only they have, then who writes <c>/etc/resolv.conf</c>.</summary>
    public static ResolverManager Detect(SystemTree tree)
    {
        if (tree.HasDirectory("/Windows/System32"))
            return ResolverManager.Windows;
        if (tree.HasDirectory("/System/Library/CoreServices"))
            return ResolverManager.MacOs;
        if (tree.Read("/etc/resolv.conf").Link is { } link && link.Contains("systemd/resolve/", StringComparison.Ordinal))
            return ResolverManager.Resolved;
        if (HasDnsmasqOfNetworkManager(tree))
            return ResolverManager.NetworkManager;
        if (!((string[])["/usr/sbin/resolvconf", "/sbin/resolvconf", "/usr/bin/resolvconf"]).Any(tree.HasFile))
            return ResolverManager.File;
        return tree.HasDirectory("/etc/resolvconf") ? ResolverManager.Resolvconf : ResolverManager.Openresolv;
    }

    private static bool HasDnsmasqOfNetworkManager(SystemTree tree) =>
        ((string[])["/etc/NetworkManager/NetworkManager.conf", .. tree.Files("/usr/lib/NetworkManager/conf.d"), .. tree.Files("/etc/NetworkManager/conf.d")])
            .Select(tree.ReadText)
            .SelectMany(text => (text ?? "").Split('\n'))
            .Select(line => line.Replace(" ", "", StringComparison.Ordinal).Trim())
            // What is read last counts.
            .LastOrDefault(line => line.StartsWith("dns=", StringComparison.Ordinal)) == "dns=dnsmasq";
}
