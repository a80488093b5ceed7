using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Securely.Dns.Tests.Transfer;

namespace Securely.Dns.Tests.Serving;

/// <summary>
/// The attacks of the specification (section 8) that are a message: over datagrams, streams, TLS and HTTP they meet the same gate, and the server
/// answers a proper question afterwards.
/// </summary>
public sealed class EveryTransportTests
{
    private const string Apex = "076578616D706C65047465737400";
    private const string Soa = Apex + "0006" + "0001";
    private const string BadKey = "0474657374" + "00" + "00FA" + "00FF" + "00000000" + "001D" + "0B686D61632D73686132353600" + "000000000000" + "012C" + "0000" + "1234" + "0000" + "0000";

    /// <summary>What it is, its bytes, and what is answered: the code, and whether the question comes back.</summary>
    public static readonly TheoryData<string, string, string> Attacks = new()
    {
        { "a pointer to itself", "1234" + "0000" + "0001000000000000" + "C00C" + "0006" + "0001", "Malformed, no question" },
        { "a pointer forward", "1234" + "0000" + "0001000000000000" + "C020" + "0006" + "0001", "Malformed, no question" },
        { "a label of type 0x40", "1234" + "0000" + "0001000000000000" + "416100" + "0006" + "0001", "Malformed, no question" },
        { "a name of 256 bytes", "1234" + "0000" + "0001000000000000" + string.Concat(Enumerable.Repeat("3F" + string.Concat(Enumerable.Repeat("61", 63)), 4)) + "0000010001", "Malformed, no question" },
        { "65,535 questions", "1234" + "0000" + "FFFF000000000000" + Soa, "Malformed, no question" },
        { "65,535 records", "1234" + "0000" + "0001FFFFFFFFFFFF" + Soa, "Malformed, no question" },
        { "no question", "1234" + "0000" + "0000000000000000", "Malformed, no question" },
        { "two OPT", "1234" + "0000" + "0001000000000002" + Soa + "0000291000000000000000" + "0000291000000000000000", "Malformed, no question" },
        { "an operation that is none", "1234" + "1000" + "0001000000000000" + Soa, "NotImplemented, no question" },
        { "an update that nobody has signed", "1234" + "2800" + "0001000000010000" + Soa + "036E6577C00C" + "0001" + "0001" + "0000003C" + "0004" + "C0000201", "Refused, question" },
        { "an update with an unknown key", "1234" + "2800" + "0001000000000001" + Soa + BadKey, "NotAuthorized, question, TSIG error 17" },
        { "a question with an unknown key", "1234" + "0000" + "0001000000000001" + Soa + BadKey, "NotAuthorized, question, TSIG error 17" },
        { "a notification of a stranger", "1234" + "2400" + "0001000000000000" + Soa, "NotAuthorized, question" },
        { "a whole zone", "1234" + "0000" + "0001000000000000" + Apex + "00FC" + "0001", "Refused, question" },
        { "the changes of a zone", "1234" + "0000" + "0001000000000000" + Apex + "00FB" + "0001", "Refused, question" },
        { "a name of somebody else, by a server that does not forward", "1234" + "0100" + "0001000000000000" + "056F74686572" + "00" + "0001" + "0001", "Refused, question" },
        { "another class", "1234" + "0000" + "0001000000000000" + Apex + "0006" + "0004", "Refused, question" },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task The_same_gate_stands_before_all(string name, string hex, string expected)
    {
        await using var server = await EncryptedServer.StartAsync();
        Assert.Equal((name, "udp", expected), (name, "udp", await RawQuestion.AskDatagramAsync(server.Plain, hex)));
        Assert.Equal((name, "tcp", expected), (name, "tcp", await RawQuestion.AskStreamAsync(server.Plain, hex)));
        Assert.Equal((name, "dot", expected), (name, "dot", await AskTlsAsync(server, hex)));
        Assert.Equal((name, "doh", expected), (name, "doh", await AskHttpsAsync(server, hex)));
        Assert.Equal("Success, question", await AskHttpsAsync(server, Soas));
    }

    [Fact]
    public async Task What_is_no_request_is_answered_nowhere()
    {
        await using var server = await EncryptedServer.StartAsync();
        const string Answer = "1234" + "8000" + "0001000000000000" + Soa;
        Assert.Equal("silence", await RawQuestion.AskDatagramAsync(server.Plain, Answer));
        Assert.Equal("silence", await RawQuestion.AskStreamAsync(server.Plain, Answer));
        Assert.Equal("silence", await AskTlsAsync(server, Answer));
        Assert.Equal("status 400", await AskHttpsAsync(server, Answer));
    }

    [Fact]
    public async Task Whoever_may_not_ask_is_refused_over_all()
    {
        await using var server = await EncryptedServer.StartAsync(options: new DnsServerOptions { AllowedNetworks = [IPNetwork.Parse("192.0.2.0/24")] });
        foreach (var answer in (string[])[await RawQuestion.AskDatagramAsync(server.Plain, Soas), await RawQuestion.AskStreamAsync(server.Plain, Soas), await AskTlsAsync(server, Soas), await AskHttpsAsync(server, Soas)])
            Assert.Equal("Refused, question", answer);
    }

    [Fact]
    public async Task Whoever_may_change_a_zone_may_do_so_over_all()
    {
        var zone = RunningNameServer.Fixture();
        using var keeper = new ZoneKeeper(new Catalog(), new ZoneKeeperOptions { Zones = [new KeptZone(zone.Apex) { Updates = [new UpdateRule(IPNetwork.Parse("127.0.0.0/8"), null)] }] });
        await using var server = await EncryptedServer.StartAsync(zone: zone, keeper: keeper);
        string[] transports = ["udp", "tcp", "dot", "doh"];
        for (var i = 0; i < transports.Length; i++)
        {
            // Adds t0 to t3, each over another transport.
            var update = "1234" + "2800" + "0001000000010000" + Soa + $"02743{i}C00C" + "0001" + "0001" + "0000003C" + "0004" + "C0000201";
            Assert.Equal((transports[i], "Success, question"), (transports[i], i switch
            {
                0 => await AskUpdateAsync(server.Plain, update),
                1 => await RawQuestion.AskStreamAsync(server.Plain, update),
                2 => await AskTlsAsync(server, update),
                _ => await AskHttpsAsync(server, update),
            }));
            Assert.Single((await KeptServer.AskAsync(server.Plain, $"t{i}.example.test", RecordType.A)).Answers);
        }
    }

    private const string Soas = "1234" + "0000" + "0001000000000000" + Soa;

    // The answer to an update comes when it is made, perhaps behind that to a later question.
    private static async Task<string> AskUpdateAsync(IPEndPoint server, string hex)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await client.ConnectAsync(server, TestContext.Current.CancellationToken);
        await client.SendAsync(Convert.FromHexString(hex), TestContext.Current.CancellationToken);
        var buffer = new byte[4096];
        return RawQuestion.Describe(buffer.AsSpan(0, await client.ReceiveAsync(buffer, TestContext.Current.CancellationToken)));
    }

    private static async Task<string> AskTlsAsync(EncryptedServer server, string hex)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Tls, TestContext.Current.CancellationToken);
        await using var stream = new SslStream(client.GetStream());
        var options = server.ClientOptions;
        options.ApplicationProtocols = [new SslApplicationProtocol("dot")];
        await stream.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
        return await RawQuestion.AskStreamAsync(stream, hex);
    }

    private static async Task<string> AskHttpsAsync(EncryptedServer server, string hex)
    {
        await using var client = await RawClient.ConnectTlsAsync(server.Https, server.ClientOptions);
        await client.SendAsync($"POST /dns-query HTTP/1.1\r\nHost: ns.example.test\r\nContent-Length: {hex.Length / 2}\r\nContent-Type: application/dns-message\r\n\r\n");
        await client.SendAsync(Convert.FromHexString(hex));
        var response = await client.ReadResponseAsync();
        return response.Status == 200 ? RawQuestion.Describe(response.Body) : $"status {response.Status}";
    }
}
