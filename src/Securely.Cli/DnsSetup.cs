using System.Net;
using System.Net.Security;
using Microsoft.Extensions.Logging;
using Securely.Dns;
using Securely.Hosting;

namespace Securely.Cli;

/// <summary>The name server of a composition.</summary>
internal static partial class DnsSetup
{
    private static readonly DomainName _localhost = DomainName.Parse("localhost");

    /// <summary>Reads the zones and makes the services; not started.</summary>
    /// <param name="options">The name server.</param>
    /// <param name="directory">Where changes of zones are saved; null for nowhere.</param>
    /// <param name="endpoints">Makes the TLS of its addresses.</param>
    /// <param name="log">What it logs to.</param>
    /// <param name="queryLog">Where questions are written down; null for nowhere.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="Config.ConfigException">A zone has errors.</exception>
    public static (DnsServer Server, IReadOnlyList<ZoneReloader> Reloaders, ZoneKeeper Keeper) Build(DnsOptions options, string? directory, TlsEndpoints endpoints, ILoggerFactory log, DnsQueryLog? queryLog, TimeProvider time)
    {
        var logger = log.CreateLogger(typeof(DnsSetup).FullName!);
        var (catalog, reloader) = ZoneLoading.Load(options.Zones, warning => LogWarning(logger, warning));
        AddLocal(catalog, options.LocalNames, options.LocalAddresses);
        // Nobody else is asked where this machine is (RFC 6761, 6.3).
        if ((options.Server.Forwarding is not null || options.Views.Any(view => view.Forwarding is not null)) && !catalog.TryGet(_localhost, out _))
            AddLocal(catalog, [_localhost], [IPAddress.Loopback, IPAddress.IPv6Loopback]);
        var keeper = new ZoneKeeper(catalog, new ZoneKeeperOptions { Directory = directory, Zones = [.. options.Zones.Select(zone => zone.Kept)], Keys = options.Server.Keys }, time);
        reloader.Keeper = keeper;
        var reloaders = new List<ZoneReloader> { reloader };
        var server = new DnsServer(catalog, options.Server with { Keeper = keeper, QueryLog = queryLog, Views = [.. options.Views.Select(view => MakeView(view, reloaders, logger))] });
        foreach (var address in options.Listen)
            server.Add(address);
        foreach (var address in options.Dot?.Listen ?? [])
            server.AddTls(address, endpoints.Make(options.Dot!.Tls!, new SslApplicationProtocol("dot")));
        return (server, reloaders, keeper);
    }

    /// <summary>Adds the name server with all that runs beside it: its lists before it, questions over HTTP behind it.</summary>
    /// <param name="services">Where they run.</param>
    /// <param name="before">What they depend on.</param>
    /// <param name="options">The name server's options.</param>
    /// <param name="server">The name server.</param>
    /// <param name="endpoints">Makes the TLS of its addresses.</param>
    /// <param name="dataDirectory">Where lists of the network are kept.</param>
    /// <returns>The name server, and what ends when all of them answer.</returns>
    public static (ServiceHandle Server, Task Ready) Add(Server services, ServiceHandle[] before, DnsOptions options, DnsServer server, TlsEndpoints endpoints, string dataDirectory)
    {
        if (options.Lists is { } lists)
            before = [.. before, services.Add(new NameListService(options.Server.Forwarding!.Names!, lists with { Directory = Path.Combine(dataDirectory, "dns", "lists") }), before)];
        var names = services.Add(server, before);
        if (options.Doh is not { } doh)
            return (names, names.Ready);
        var service = new DnsHttpService(server, doh.Path);
        foreach (var address in doh.Listen)
        {
            if (doh.Tls is null)
                service.AddTcp(address);
            else
                service.AddTls(address, endpoints.Make(doh.Tls, SslApplicationProtocol.Http2, SslApplicationProtocol.Http11));
        }

        return (names, Task.WhenAll(names.Ready, services.Add(service, names).Ready));
    }

    // Their files are watched too, each view's by itself.
    private static DnsView MakeView(DnsViewOptions view, List<ZoneReloader> reloaders, ILogger logger)
    {
        var (catalog, reloader) = ZoneLoading.Load(view.Zones, warning => LogWarning(logger, warning), $"zones-of-view-{reloaders.Count}");
        reloaders.Add(reloader);
        AddLocal(catalog, view.LocalNames, view.LocalAddresses);
        return new DnsView(view.Networks, catalog) { Forwarding = view.Forwarding };
    }

    private static void AddLocal(Catalog catalog, IEnumerable<DomainName> names, IReadOnlyList<IPAddress> addresses) =>
        catalog.PutAll(names.Select(name => LocalZone.Build(name, addresses)));

    /// <summary>Ends when the name server answers too.</summary>
    public static async Task ReadyAsync(Task others, Task dns)
    {
        await dns;
        await others;
    }

    [LoggerMessage(4002, LogLevel.Warning, "{Problem}")]
    private static partial void LogWarning(ILogger logger, string problem);
}
