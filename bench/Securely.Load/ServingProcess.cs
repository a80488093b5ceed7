using System.Globalization;
using System.Net.Security;
using Securely.Hosting;
using Securely.Http;
using Securely.Net;
using Securely.Proxy;

namespace Securely.Load;

/// <summary>
/// The process that is measured: a configured proxy as <c>securely serve</c> runs it, with a control on standard input, because what was
/// allocated can only be asked from inside.
/// </summary>
internal static class ServingProcess
{
    public static async Task<int> RunAsync(Options options)
    {
        var configuration = Configuration(options.Text("upstream"), options.Flag("full"));
        var metrics = new MetricsRegistry();
        var table = await ConfiguredProxy.BuildTableAsync(configuration, metrics);
        var front = new ProxyService<RouteContext>(new ConfiguredProxy(table), new ProxyServiceOptions
        {
            Name = "sites",
            Threads = options.Number("threads", 1),
            Forwarded = configuration.Forwarded,
            ConnectionLimit = new ConnectionLimit(ConnectionLimit.DefaultMaximum),
        });
        if (options.Text("cert", "") is { Length: > 0 } certificate)
        {
            var store = new CertificateStore([ServerCertificate.FromFiles(certificate, options.Text("key"))]);
            front.AddTls(options.Text("listen", "127.0.0.1:0"), new ServerTls(store) { ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] });
        }
        else
        {
            front.AddTcp(options.Text("listen", "127.0.0.1:0"));
        }

        await using var server = new Server(new ServerOptions { Metrics = metrics }, new StandardErrorLog());
        var handle = server.Add(front);
        var running = server.RunAsync();
        await Task.WhenAny(handle.Ready, running);
        if (!handle.Ready.IsCompletedSuccessfully)
            return await running;
        Console.WriteLine(front.BoundEndPoints[0]);
        // Reading blocks, and a signal ends the process all the same.
        new Thread(() => Obey(server, front)) { IsBackground = true, Name = "control" }.Start();
        return await running;
    }

    private static void Obey(Server server, HttpService front)
    {
        while (Console.ReadLine() is { } command)
        {
            if (command == "collect")
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Console.WriteLine(Figures(front));
        }

        _ = server.StopAsync(ShutdownKind.Fast).AsTask();
    }

    private static string Figures(HttpService front) => string.Create(
        CultureInfo.InvariantCulture,
        $"allocated={GC.GetTotalAllocatedBytes(precise: true)} gen0={GC.CollectionCount(0)} gen2={GC.CollectionCount(2)} heap={GC.GetTotalMemory(forceFullCollection: false)} rss={Environment.WorkingSet} connections={front.ActiveConnections} requests={front.RequestCount}");

    /// <summary>One route; or five of which a request matches the last, an edit on each side, and forwarding headers.</summary>
    private static ProxyConfiguration Configuration(string upstream, bool isFull)
    {
        var last = new RouteOptions { Upstream = "origin" };
        if (isFull)
        {
            last = last with
            {
                RequestHeaders = new HeaderEdits { Set = [new("x-from", "securely")] },
                ResponseHeaders = new HeaderEdits { Set = [new("server", "Securely")] },
            };
        }

        RouteOptions[] before =
        [
            new() { Path = "/api/*", Methods = ["POST", "PUT"], Upstream = "origin" },
            new() { Path = "/beta/*", Headers = new Dictionary<string, string> { ["x-beta"] = "1" }, Upstream = "origin" },
            new() { Path = "/old/*", Redirect = new RedirectOptions("/new/") },
            new() { Path = "/health", Respond = new RespondOptions(Body: "ok") },
        ];
        return new ProxyConfiguration
        {
            Upstreams = [new UpstreamOptions { Name = "origin", Servers = [new BackendOptions(upstream)] }],
            Sites = [new SiteOptions { Hosts = ["*"], Routes = isFull ? [.. before, last] : [last] }],
            Forwarded = isFull ? ForwardedMode.Append : ForwardedMode.Off,
        };
    }
}
