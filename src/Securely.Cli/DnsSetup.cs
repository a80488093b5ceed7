using Microsoft.Extensions.Logging;
using Securely.Dns;
using Securely.Hosting;

namespace Securely.Cli;

/// <summary>The name server of a composition.</summary>
internal static partial class DnsSetup
{
    /// <summary>Reads the zones and makes the services; not started.</summary>
    /// <param name="options">The name server.</param>
    /// <param name="directory">Where changes of zones are saved; null for nowhere.</param>
    /// <param name="log">What it logs to.</param>
    /// <param name="queryLog">Where questions are written down; null for nowhere.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="Config.ConfigException">A zone has errors.</exception>
    public static (DnsServer Server, ZoneReloader Reloader, ZoneKeeper Keeper) Build(DnsOptions options, string? directory, ILoggerFactory log, DnsQueryLog? queryLog, TimeProvider time)
    {
        var logger = log.CreateLogger(typeof(DnsSetup).FullName!);
        var (catalog, reloader) = ZoneLoading.Load(options.Zones, warning => LogWarning(logger, warning));
        catalog.PutAll(options.LocalNames.Select(name => LocalZone.Build(name, options.LocalAddresses)));
        var keeper = new ZoneKeeper(catalog, new ZoneKeeperOptions { Directory = directory, Zones = [.. options.Zones.Select(zone => zone.Kept)], Keys = options.Server.Keys }, time);
        reloader.Keeper = keeper;
        var server = new DnsServer(catalog, options.Server with { Keeper = keeper, QueryLog = queryLog });
        foreach (var address in options.Listen)
            server.Add(address);
        return (server, reloader, keeper);
    }

    /// <summary>Ends when the name server answers too.</summary>
    public static async Task ReadyAsync(Task others, ServiceHandle? dns)
    {
        if (dns is not null)
            await dns.Ready;
        await others;
    }

    [LoggerMessage(4002, LogLevel.Warning, "{Problem}")]
    private static partial void LogWarning(ILogger logger, string problem);
}
