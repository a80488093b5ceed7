using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Securely.Dns;
using Securely.Dns.Records;

namespace Securely.Benchmarks;

/// <summary>One question of a zone of ten thousand names, from datagram to datagram, which allocates nothing; and messages and zone files.</summary>
[MemoryDiagnoser]
public class Answering
{
    private static readonly byte[] Client = [127, 0, 0, 1];
    private readonly byte[] _response = new byte[4096];
    private readonly byte[] _present = Ask("name500.example.test");
    private readonly byte[] _missing = Ask("nothing.example.test");
    private Responder _responder = null!;
    private string _text = "";

    [GlobalSetup]
    public void Setup()
    {
        _text = Zone(100);
        var catalog = new Catalog();
        catalog.Put(Build(Zone(10_000)));
        _responder = new Responder(new ServerState(catalog, new DnsServerOptions(), TimeProvider.System), isLimited: true);
    }

    [Benchmark]
    public int AnswerName() => _responder.Respond(_present, _response, Client, isStream: false);

    [Benchmark]
    public int AnswerThatThereIsNone() => _responder.Respond(_missing, _response, Client, isStream: false);

    [Benchmark]
    public bool DecodeMessage() => DnsMessage.TryDecode(_present, out _);

    /// <summary>A hundred names.</summary>
    [Benchmark]
    public Zone ReadZone() => Build(_text);

    private static byte[] Ask(string name) => new DnsMessage { Id = 7, RecursionDesired = true, Questions = [new Question(DomainName.Parse(name), RecordType.A)] }.Encode();

    private static Zone Build(string text) =>
        Securely.Dns.Zone.TryBuild(ZoneFileReader.ReadText(text, "example.test.zone", DomainName.Parse("example.test")), out var zone) ? zone : throw new InvalidOperationException("The zone is wrong");

    private static string Zone(int names)
    {
        var text = new StringBuilder("$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.53\n");
        for (var i = 0; i < names; i++)
            text.Append(CultureInfo.InvariantCulture, $"name{i} A 192.0.2.{i % 250}\n");
        return text.ToString();
    }
}
