using System.Diagnostics;
using System.Net;
using Securely.Hosting;
using Securely.Net;

namespace Securely.Dns.Tests.Serving;

/// <summary>A name server with the fixture zone on a free port of this machine, and real clients that ask it.</summary>
internal sealed class RunningNameServer : IAsyncDisposable
{
    private readonly Server _server;
    private readonly DnsServer _dns;
    private readonly Task<int> _running;

    private RunningNameServer(Catalog catalog, DnsServerOptions options, TimeProvider? time)
    {
        _server = new Server(new ServerOptions { HandleSignals = false, Threads = 2, GracePeriodSeconds = 5 }, time: time);
        _dns = new DnsServer(catalog, options);
        _dns.Add("127.0.0.1:0");
        Ready = _server.Add(_dns).Ready;
        _running = _server.RunAsync();
    }

    public static string FixtureFile { get; } = Path.Combine(Repository.Root, "tests", "data", "dns", "example.test.zone");

    public static TsigKey Key { get; } = new(DomainName.Parse("tkey"), "hmac-sha256", "secretsecretsecret"u8);

    public IPEndPoint EndPoint => (IPEndPoint)_dns.BoundEndPoints[0];

    public DnsServer Server => _dns;

    public long RequestCount => _dns.RequestCount;

    private Task Ready { get; }

    public static Zone Fixture()
    {
        Assert.True(Zone.TryBuild(ZoneFileReader.Read(FixtureFile, DomainName.Parse("example.test")), out var zone));
        return zone;
    }

    public static Task<RunningNameServer> StartAsync(DnsServerOptions? options = null, params Zone[] zones) => StartAsync(options, null, zones);

    public static async Task<RunningNameServer> StartAsync(DnsServerOptions? options, TimeProvider? time, params Zone[] zones)
    {
        var catalog = new Catalog();
        catalog.PutAll(zones.Length == 0 ? [Fixture()] : zones);
        options ??= new DnsServerOptions { ServerId = "ns.fixture", Version = "fixture 1", Keys = [Key], Transfers = [new TransferRule(null, Key.Name)] };
        for (var attempt = 1; ; attempt++)
        {
            var server = new RunningNameServer(catalog, options, time);
            try
            {
                await server.Ready;
                return server;
            }
            catch (InvalidOperationException error) when (attempt < 20 && error.InnerException is NetException { Kind: NetErrorKind.BindError })
            {
                // The port that the system chose for streams was taken for datagrams; it chooses another one.
                await server._server.DisposeAsync();
            }
        }
    }

    /// <summary>Runs <c>dig</c>, as the checks of the specification do.</summary>
    public Task<DigAnswer> DigAsync(params string[] arguments) => DigAsync(["+nocookie", "+norec"], arguments);

    public async Task<DigAnswer> DigAsync(string[] options, string[] arguments) =>
        DigAnswer.Read(await RunAsync("dig", "bind9-dnsutils", ["@127.0.0.1", "-p", $"{EndPoint.Port}", "+tries=1", "+time=10", .. options, .. arguments]));

    public static async Task<string> RunAsync(string program, string package, string[] arguments)
    {
        var start = new ProcessStartInfo(ExternalProgram.Find(program, package), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return text + await errors;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(ShutdownKind.Graceful);
        Assert.Equal(0, await _running);
        await _server.DisposeAsync();
    }
}

/// <summary>What <c>dig</c> shows.</summary>
internal sealed record DigAnswer(string Text, string Status, string Flags, int Answers, int Authorities, int Size)
{
    /// <summary>Status, flags without QR, and how many records are in the answer and the authority.</summary>
    public string Summary => $"{Status}{(Flags.Length > 0 ? " " + Flags : "")} {Answers}/{Authorities}";

    public static DigAnswer Read(string text)
    {
        var flags = After(text, ";; flags: ", ";").Replace("qr", "", StringComparison.Ordinal).Trim();
        _ = int.TryParse(After(text, "rcvd: ", "\n"), out var size);
        return new DigAnswer(text, After(text, "status: ", ","), flags, Number(text, "ANSWER: "), Number(text, "AUTHORITY: "), size);
    }

    private static int Number(string text, string label) => int.TryParse(After(text, label, ","), out var number) ? number : -1;

    private static string After(string text, string label, string end)
    {
        var start = text.IndexOf(label, StringComparison.Ordinal);
        if (start < 0)
            return "";
        start += label.Length;
        var stop = text.IndexOf(end, start, StringComparison.Ordinal);
        return text[start..(stop < 0 ? text.Length : stop)].Trim();
    }
}
