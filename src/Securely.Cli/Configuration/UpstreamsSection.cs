using Securely.Config;
using Securely.Http;
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

    // Below what timers can take, and far above what anybody waits for.
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan _longest = TimeSpan.FromDays(24);

    private static readonly Dictionary<string, string> Balances = new(StringComparer.Ordinal) { ["round_robin"] = "round_robin" };

    private static readonly string[] BalancesToCome = ["random", "fnv_hash", "consistent", "least_connections", "power_of_two"];

    private static readonly Dictionary<string, string> HealthChecks = new(StringComparer.Ordinal) { ["tcp"] = "tcp", ["http"] = "http", ["grpc"] = "grpc" };

    private static readonly Dictionary<string, string> Protocols = new(StringComparer.Ordinal) { ["h1"] = "h1", ["h2"] = "h2", ["h2c"] = "h2c", ["auto"] = "auto" };

    /// <summary>All upstreams.</summary>
    /// <param name="root">The file.</param>
    /// <param name="time">Tells which certificates have expired.</param>
    public static IReadOnlyList<UpstreamOptions> Read(SectionReader root, TimeProvider time) => [.. root.NamedMaps(Name).Select(section => ReadUpstream(section, time))];

    private static UpstreamOptions ReadUpstream(SectionReader section, TimeProvider time)
    {
        section.Announce("hash_on");
        var tls = UpstreamTlsSection.Read(section, time);
        return new UpstreamOptions
        {
            Name = section.Key,
            Servers = section.IsUnreadable
                ? [new BackendOptions(Placeholder)]
                : [.. section.List("servers").Select((item, index) => ReadServer(section, item, index))],
            Balance = section.OneOf("balance", "round_robin", Balances, BalancesToCome),
            Timeouts = ReadTimeouts(section),
            Retries = section.Integer("retries", 1),
            Protocol = ReadProtocol(section, tls is not null),
            MaxHttp2Streams = section.Integer("max_h2_streams", 100),
            Http2PingInterval = section.Has("h2_ping_interval") ? section.Duration("h2_ping_interval", TimeSpan.FromSeconds(30), _shortest, _longest) : null,
            HealthCheck = ReadHealthCheck(section),
            Tls = tls,
        };
    }

    /// <summary><c>h2c</c> is HTTP/2 that cannot be meant for TLS; <c>h2</c> is either, as the file says.</summary>
    private static PeerProtocol ReadProtocol(SectionReader section, bool hasTls)
    {
        const string Key = "protocol";
        var name = section.OneOf(Key, "h1", Protocols);
        if (name == "h2c" && hasTls)
            section.Error(Key, "[h2c] is HTTP/2 without TLS; write [h2], or take [tls] out");
        if (name == "auto" && !hasTls)
            section.Warning(Key, "[auto] is agreed on in TLS, and there is none: HTTP/1.1 is spoken; write [h2c] for servers that speak HTTP/2 without it");
        foreach (var key in name == "h1" ? (string[])["max_h2_streams", "h2_ping_interval"] : [])
        {
            if (section.Has(key))
                section.Warning(key, $"[{key}] has no meaning where [protocol] is [h1]; take it out, or write [protocol: h2]");
        }

        return name switch
        {
            "h2" or "h2c" => PeerProtocol.H2,
            "auto" => PeerProtocol.Auto,
            _ => PeerProtocol.H1,
        };
    }

    private static HealthCheckOptions? ReadHealthCheck(SectionReader section)
    {
        if (section.Map("health_check") is not { } check)
            return null;
        var hasType = check.Require("type");
        var options = new HealthCheckOptions
        {
            Kind = check.OneOf("type", "tcp", HealthChecks) switch { "http" => HealthCheckKind.Http, "grpc" => HealthCheckKind.Grpc, _ => HealthCheckKind.Tcp },
            Path = check.TextOrNull("path"),
            Host = check.TextOrNull("host"),
            Service = check.TextOrNull("service"),
            Interval = check.Duration("interval", TimeSpan.FromSeconds(1), _shortest, _longest),
            Timeout = check.Duration("timeout", TimeSpan.FromSeconds(1), _shortest, _longest),
            Healthy = check.Integer("healthy", 1),
            Unhealthy = check.Integer("unhealthy", 1),
        };
        // Without a type nothing more can be said of what the others mean.
        return hasType ? options : null;
    }

    private static BackendOptions ReadServer(SectionReader section, ConfigValue item, int index)
    {
        if (item.TryGetText(out var text) && (text.Length == 0 || text.All(char.IsAsciiDigit)))
        {
            section.Diagnostics.Error(item.Origin, $"[servers]: [{text}] has no host; write IP:PORT, as in [127.0.0.1:{(text.Length == 0 ? "3000" : text)}]");
            return new BackendOptions(Placeholder);
        }

        if (text is not null)
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
        var read = new UpstreamTimeouts
        {
            Connect = timeouts.Duration("connect", defaults.Connect, _shortest, _longest),
            TotalConnect = timeouts.Duration("total_connect", defaults.TotalConnect, _shortest, _longest),
            Read = timeouts.Duration("read", defaults.Read, _shortest, _longest),
            Write = timeouts.Duration("write", defaults.Write, _shortest, _longest),
            Idle = timeouts.Duration("idle", defaults.Idle, TimeSpan.Zero, _longest),
        };
        if (timeouts.Has("connect") && read.Connect > read.TotalConnect)
            timeouts.Warning("connect", "[connect] has no effect: [total_connect] is shorter and ends it before; raise [total_connect], which is [3s] unless told");
        return read;
    }
}
