using System.Net;
using Securely.Dns.Tests.Serving;
using Securely.Hosting;

namespace Securely.Dns.Tests.Transfer;

/// <summary>A name server with zones that change, on a free port of this machine.</summary>
internal sealed class KeptServer : IAsyncDisposable
{
    private readonly Server _server;
    private readonly DnsServer _dns;
    private readonly ServiceHandle _ready;
    private Task<int>? _running;
    private static int _reserved;

    private KeptServer(Catalog catalog, ZoneKeeperOptions options, string address, TimeProvider? time)
    {
        _server = new Server(new ServerOptions { HandleSignals = false, Threads = 2, GracePeriodSeconds = 5 }, time: time);
        Keeper = new ZoneKeeper(catalog, options with { Keys = [Key] }, time);
        _dns = new DnsServer(catalog, new DnsServerOptions { Keys = [Key], Transfers = [new TransferRule(null, Key.Name)], Keeper = Keeper });
        _dns.Add(address);
        _ready = _server.Add(_dns);
        // It follows the server, so that whoever is told of a change finds somebody who answers.
        _server.Add(Keeper, _ready);
    }

    public static TsigKey Key { get; } = RunningNameServer.Key;

    /// <summary>The port of reserved addresses.</summary>
    public const int Port = 53053;

    public const string KeyText = "hmac-sha256:tkey:c2VjcmV0c2VjcmV0c2VjcmV0";

    public ZoneKeeper Keeper { get; }

    public Catalog Catalog => Keeper.Catalog;

    public IPEndPoint EndPoint => (IPEndPoint)_dns.BoundEndPoints[0];

    /// <summary>
    /// An address of this machine that nobody else has, for a server that others have to know before it runs: the network 127.0.0.0/8 is all ours, and
    /// the kernel gives its addresses to nobody who does not ask for them.
    /// </summary>
    public static string ReserveAddress()
    {
        var number = (Environment.ProcessId * 64) + Interlocked.Increment(ref _reserved);
        return $"127.{16 + ((number >> 16) & 127)}.{(number >> 8) & 255}.{number & 255}:{Port}";
    }

    public static async Task<KeptServer> StartAsync(ZoneKeeperOptions options, IReadOnlyList<Zone> zones, TimeProvider? time = null, string address = "127.0.0.1:0")
    {
        var catalog = new Catalog();
        catalog.PutAll(zones);
        var server = new KeptServer(catalog, options, address, time);
        server._running = server._server.RunAsync();
        await server._ready.Ready;
        return server;
    }

    public static KeptZone Updatable(string name) => new(DomainName.Parse(name)) { Updates = [new UpdateRule(null, Key.Name)] };

    public Task<DnsMessage> AskAsync(string name, RecordType type) => AskAsync(EndPoint, name, type);

    public static Task<DnsMessage> AskAsync(IPEndPoint server, string name, RecordType type) =>
        new DnsClient(server) { Patience = TimeSpan.FromSeconds(30) }.AskAsync(new DnsMessage { Questions = [new Question(DomainName.Parse(name), type)] });

    /// <summary>Asks again and again until the answer is as it is waited for; the patience is that of the whole test.</summary>
    public Task<DnsMessage> AskUntilAsync(string name, RecordType type, Predicate<DnsMessage> isRight) => AskUntilAsync(EndPoint, name, type, isRight);

    public static async Task<DnsMessage> AskUntilAsync(IPEndPoint server, string name, RecordType type, Predicate<DnsMessage> isRight)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(100));
        while (true)
        {
            var answer = await AskAsync(server, name, type);
            if (isRight(answer))
                return answer;
            Assert.False(patience.IsCancellationRequested, $"{name}: {answer.Code} {string.Join(" | ", answer.Answers)}");
        }
    }

    public async Task<DigAnswer> DigAsync(params string[] arguments) =>
        DigAnswer.Read(await RunningNameServer.RunAsync("dig", "bind9-dnsutils", [$"@{EndPoint.Address}", "-p", $"{EndPoint.Port}", "+tries=1", "+time=30", "+nocookie", "+norec", .. arguments]));

    public Task<string> UpdateAsync(string script, bool overStream = false) => UpdateAsync(EndPoint, script, overStream);

    /// <summary>Runs <c>nsupdate</c>; what it says of a refusal is all it says.</summary>
    public static async Task<string> UpdateAsync(IPEndPoint server, string script, bool overStream = false, string? key = KeyText)
    {
        using var folder = new TemporaryDirectory();
        var file = folder.Write("script", $"server {server.Address} {server.Port}\n{script}\nsend\n");
        string[] signed = key is null ? [] : ["-y", key];
        return (await RunningNameServer.RunAsync("nsupdate", "bind9-dnsutils", [.. signed, .. overStream ? (string[])["-v"] : [], "-t", "60", "-u", "60", file])).Trim();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(ShutdownKind.Graceful);
        Assert.Equal(0, await _running!);
        await _server.DisposeAsync();
        Keeper.Dispose();
    }
}
