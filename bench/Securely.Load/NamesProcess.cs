using System.Globalization;
using Securely.Dns;
using Securely.Hosting;
using Securely.Net;

namespace Securely.Load;

/// <summary>The name server that is measured from inside: one zone, counted as <c>securely serve</c> counts, with a control on standard input.</summary>
internal static class NamesProcess
{
    public static async Task<int> RunAsync(Options options)
    {
        var file = ZoneFileReader.Read(options.Text("zone"), DomainName.Parse(options.Text("apex")));
        if (!Zone.TryBuild(file, out var zone))
        {
            Console.Error.WriteLine(file.Problems[0]);
            return 2;
        }

        var catalog = new Catalog();
        catalog.Put(zone);
        var names = new DnsServer(catalog, new DnsServerOptions { Threads = 1 });
        names.Add(options.Text("listen", "127.0.0.1:0"));
        await using var server = new Server(new ServerOptions { Metrics = new MetricsRegistry() }, new StandardErrorLog());
        var handle = server.Add(names);
        var running = server.RunAsync();
        await Task.WhenAny(handle.Ready, running);
        if (!handle.Ready.IsCompletedSuccessfully)
            return await running;
        Console.WriteLine(names.PlainEndPoints[0]);
        // Reading blocks, and a signal ends the process all the same.
        new Thread(() => Obey(server, names)) { IsBackground = true, Name = "control" }.Start();
        return await running;
    }

    private static void Obey(Server server, DnsServer names)
    {
        while (Console.ReadLine() is not null)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"allocated={GC.GetTotalAllocatedBytes(precise: true)} gen0={GC.CollectionCount(0)} requests={names.RequestCount} rss={Environment.WorkingSet}"));
        }

        _ = server.StopAsync(ShutdownKind.Fast).AsTask();
    }
}
