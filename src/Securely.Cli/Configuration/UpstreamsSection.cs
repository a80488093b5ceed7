using Securely.Config;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>
/// Reads <c>upstreams</c>: the groups of servers that routes forward to, by name. Only the structure is read here; what the values mean
/// is checked by <see cref="RouteTable.Check"/>. What cannot be read leaves a placeholder, so that positions stay those of the file.
/// </summary>
internal static class UpstreamsSection
{
    public const string Name = "upstreams";

    private const string Placeholder = "127.0.0.1:1";

    private static readonly Dictionary<string, string> Balances = new(StringComparer.Ordinal) { ["round_robin"] = "round_robin" };

    private static readonly string[] BalancesToCome = ["random", "fnv_hash", "consistent", "least_connections", "power_of_two"];

    private static readonly Dictionary<string, string> Protocols = new(StringComparer.Ordinal) { ["h1"] = "h1" };

    private static readonly string[] ProtocolsToCome = ["h2", "h2c", "auto"];

    /// <summary>All upstreams.</summary>
    /// <param name="root">The file.</param>
    /// <param name="time">Tells which certificates have expired.</param>
    public static IReadOnlyList<UpstreamOptions> Read(SectionReader root, TimeProvider time) => [.. root.NamedMaps(Name).Select(section => ReadUpstream(section, time))];

    private static UpstreamOptions ReadUpstream(SectionReader section, TimeProvider time)
    {
        section.Announce("hash_on", "health_check");
        section.OneOf("protocol", "h1", Protocols, ProtocolsToCome);
        return new UpstreamOptions
        {
            Name = section.Key,
            Servers = section.IsUnreadable
                ? [new BackendOptions(Placeholder)]
                : [.. section.List("servers").Select((item, index) => ReadServer(section, item, index))],
            Balance = section.OneOf("balance", "round_robin", Balances, BalancesToCome),
            Timeouts = ReadTimeouts(section),
            Retries = section.Integer("retries", 1),
            Tls = UpstreamTlsSection.Read(section, time),
        };
    }

    private static BackendOptions ReadServer(SectionReader section, ConfigValue item, int index)
    {
        if (item.TryGetText(out var text))
            return new BackendOptions(UnixAddress.Resolve(text, item.Origin));
        var map = section.Section(item, string.Create(null, $"servers.{index}"));
        var weight = map.Integer("weight", 1);
        if (!map.Require("address") || map.Text("address", "") is not { Length: > 0 } address)
            return new BackendOptions(Placeholder);
        return new BackendOptions(UnixAddress.Resolve(address, map.OriginOf("address")), weight);
    }

    private static UpstreamTimeouts ReadTimeouts(SectionReader section)
    {
        var defaults = new UpstreamTimeouts();
        if (section.Map("timeouts") is not { } timeouts)
            return defaults;
        return new UpstreamTimeouts
        {
            Connect = timeouts.Duration("connect", defaults.Connect),
            TotalConnect = timeouts.Duration("total_connect", defaults.TotalConnect),
            Read = timeouts.Duration("read", defaults.Read),
            Write = timeouts.Duration("write", defaults.Write),
            Idle = timeouts.Duration("idle", defaults.Idle),
        };
    }
}
