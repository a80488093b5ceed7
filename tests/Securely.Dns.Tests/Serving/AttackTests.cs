using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Securely.Dns.Tests.Serving;

/// <summary>The attacks of the specification (section 8) that concern a server with authority; those that others withstand are tested where they are.</summary>
public sealed class AttackTests
{
    private const string Question = "076578616D706C65047465737400" + "0006" + "0001";
    private const long Now = 1_700_000_000;
    private static readonly Zone Zone = InProcess.Zone("example.test", "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n$GENERATE 1-40 big TXT \"record $ of a set that is too large for any datagram\"\n");

    [Theory]
    [InlineData("1234" + "0000" + "FFFF" + "0000" + "0000" + "0000" + Question)]
    [InlineData("1234" + "0000" + "0001" + "FFFF" + "FFFF" + "FFFF" + Question)]
    [InlineData("1234" + "2800" + "0001" + "FFFF" + "FFFF" + "FFFF" + Question)]
    [InlineData("1234" + "0000" + "0001" + "0000" + "0000" + "0001" + Question + "00002904D000000000FFFF")]
    public void A_number_in_a_message_takes_no_memory(string hex)
    {
        var responder = InProcess.Responder(Zone);
        var request = Convert.FromHexString(hex);
        var response = new byte[65535];
        foreach (var isStream in (bool[])[false, true])
        {
            responder.Respond(request, response, [192, 0, 2, 1], isStream);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var length = responder.Respond(request, response, [192, 0, 2, 1], isStream);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(12, length);
        }

        Assert.False(DnsMessage.TryDecode(request, out _));
        var most = GC.GetAllocatedBytesForCurrentThread();
        DnsMessage.TryDecode(request, out _);
        var taken = GC.GetAllocatedBytesForCurrentThread() - most;
        Assert.InRange(taken, 0, 16 * 1024);
    }

    [Fact]
    public void A_name_of_pointers_is_refused_at_once()
    {
        // Each of 6,000 records is a pointer to the one before: nobody follows them for a question.
        var message = new List<byte>(Convert.FromHexString("1234" + "2800" + "0001" + "0000" + "1770" + "0000" + Question));
        for (var at = message.Count; message.Count < 60_000; at = message.Count)
            message.AddRange([(byte)(0xC0 | ((at - 12) >> 8 & 0x3F)), (byte)(at - 12), 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
        var responder = InProcess.Responder(Zone);
        var response = new byte[65535];
        Assert.InRange(responder.Respond(message.ToArray(), response, [192, 0, 2, 1], isStream: true), 12, 512);
    }

    [Theory]
    [InlineData("1234" + "2800" + "0001000000000000" + Question, ResponseCode.Refused)]
    [InlineData("1234" + "2000" + "0001000000000000" + Question, ResponseCode.NotAuthorized)]
    [InlineData("1234" + "1000" + "0001000000000000" + Question, ResponseCode.NotImplemented)]
    [InlineData("1234" + "0000" + "0001000000000000" + "076578616D706C65047465737400" + "00FC" + "0001", ResponseCode.Refused)]
    [InlineData("1234" + "0000" + "0001000000000000" + "076578616D706C65047465737400" + "00FB" + "0001", ResponseCode.Refused)]
    [InlineData("1234" + "0000" + "0001000000000000" + "076578616D706C65047465737400" + "00FA" + "0001", ResponseCode.Malformed)]
    [InlineData("1234" + "0000" + "0001000000000000" + "076578616D706C65047465737400" + "0029" + "0001", ResponseCode.Malformed)]
    public async Task The_same_gate_judges_whatever_brought_a_message(string hex, ResponseCode code)
    {
        await using var server = await RunningNameServer.StartAsync();
        Assert.StartsWith(code + ", ", await RawQuestion.AskDatagramAsync(server.EndPoint, hex), StringComparison.Ordinal);
        Assert.StartsWith(code + ", ", await RawQuestion.AskStreamAsync(server.EndPoint, hex), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Networks_that_may_not_ask_are_refused_over_every_transport()
    {
        await using var server = await RunningNameServer.StartAsync(new DnsServerOptions { AllowedNetworks = [IPNetwork.Parse("192.0.2.0/24")] });
        foreach (var stream in (bool[])[false, true])
        {
            var answer = await new DnsClient(server.EndPoint) { UsesStream = stream, Patience = TimeSpan.FromMinutes(1) }.AskAsync(new DnsMessage { Questions = [new Question(DomainName.Parse("example.test"), RecordType.Soa)] }, TestContext.Current.CancellationToken);
            Assert.Equal((ResponseCode.Refused, 0), (answer.Code, answer.Answers.Count));
        }
    }

    [Fact]
    public async Task Whoever_holds_many_idle_streams_gives_way_to_those_that_ask()
    {
        await using var server = await RunningNameServer.StartAsync(new DnsServerOptions { MaximumStreams = 4, StreamIdle = TimeSpan.FromMinutes(5) });
        var idle = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 8; i++)
            {
                var client = new TcpClient(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
                idle.Add(client);
                await client.ConnectAsync(server.EndPoint, TestContext.Current.CancellationToken);
            }

            // The first may come before the server has seen that the others are idle; then it asks again, as resolvers do.
            while (!await IsServedAsync(server.EndPoint))
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
        finally
        {
            idle.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_answers_is_left()
    {
        await using var server = await RunningNameServer.StartAsync(new DnsServerOptions { StreamIdle = TimeSpan.FromMilliseconds(200) }, Zone);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(server.EndPoint, TestContext.Current.CancellationToken);
        var burst = Enumerable.Repeat(Convert.FromHexString("0022" + "1234" + "0000" + "0001000000000000" + "03626967" + "076578616D706C65047465737400" + "0010" + "0001"), 100).SelectMany(bytes => bytes).ToArray();
        // Each answer is a hundred times its question, so that the server soon cannot write; then it ends the stream, whatever is still sent.
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true)
                await client.SendAsync(burst, TestContext.Current.CancellationToken);
        });
    }

    [Theory]
    [InlineData("0000", "C0000201", false)]
    [InlineData("1538", "00000000", false)]
    [InlineData("1538", "FFFFFFFF", false)]
    [InlineData("1538", "C0000201", true)]
    public void An_answer_goes_only_where_somebody_could_have_asked(string port, string address, bool isPlausible) =>
        Assert.Equal(isPlausible, UdpFront.IsPlausible(Convert.FromHexString(port), Convert.FromHexString(address)));

    [Theory]
    [InlineData("1234" + "0000" + "0001000000000000" + Question)]
    [InlineData("1234" + "0000" + "0001000000000000" + "056F74686572" + "00" + "0006" + "0001")]
    [InlineData("1234" + "0000" + "0001000000000000")]
    [InlineData("1234" + "1000" + "0001000000000000" + Question)]
    public void Whatever_answers_a_forged_address_is_limited(string hex)
    {
        var responder = InProcess.Responder(Zone, new DnsServerOptions { ResponsesPerSecond = 3, Slip = 2 }, new ManualTimeProvider());
        Assert.Equal("AAA-T-T", Flood(responder, _ => hex, 7));
        var silent = InProcess.Responder(Zone, new DnsServerOptions { ResponsesPerSecond = 3, Slip = 0 }, new ManualTimeProvider());
        Assert.Equal("AAA----", Flood(silent, _ => hex, 7));
        // A stream's address is no lie.
        Assert.Equal("AAAAAAA", Flood(silent, _ => hex, 7, isStream: true));
    }

    [Fact]
    public void Random_names_below_a_zone_are_limited_as_one()
    {
        var responder = InProcess.Responder(Zone, new DnsServerOptions { ResponsesPerSecond = 3, Slip = 0 }, new ManualTimeProvider());
        Assert.Equal("AAA-------", Flood(responder, i => $"1234" + "0000" + "0001000000000000" + $"04{0x61616161 + i:X8}" + Question, 10));
    }

    [Fact]
    public void No_answer_over_a_datagram_is_many_times_its_question()
    {
        var responder = InProcess.Responder(Zone);
        var response = new byte[4096];
        foreach (var type in (RecordType[])[RecordType.Any, RecordType.Txt, RecordType.Soa, RecordType.Ns])
        {
            foreach (var name in (string[])["example.test", "big.example.test", "no.example.test"])
            {
                var question = new DnsMessage { Questions = [new Question(DomainName.Parse(name), type)], Edns = new Edns { PayloadSize = 65535 } }.Encode();
                Assert.InRange(responder.Respond(question, response, [192, 0, 2, 1], isStream: false), 12, 4 * question.Length);
            }
        }
    }

    [Theory]
    [InlineData(0, 32, ResponseCode.Success, 0, 32)]
    [InlineData(0, 16, ResponseCode.Success, 0, 32)]
    [InlineData(299, 32, ResponseCode.Success, 0, 32)]
    [InlineData(-299, 32, ResponseCode.Success, 0, 32)]
    [InlineData(301, 32, ResponseCode.NotAuthorized, 18, 32)]
    [InlineData(-301, 32, ResponseCode.NotAuthorized, 18, 32)]
    [InlineData(0, -32, ResponseCode.NotAuthorized, 16, 0)]
    [InlineData(0, 15, ResponseCode.Malformed, -1, -1)]
    [InlineData(0, 0, ResponseCode.Malformed, -1, -1)]
    [InlineData(0, 33, ResponseCode.Malformed, -1, -1)]
    public void A_signature_is_good_whole_recent_and_last(int seconds, int length, ResponseCode code, int error, int signedLength)
    {
        var clock = new ManualTimeProvider(DateTimeOffset.FromUnixTimeSeconds(Now));
        var responder = InProcess.Responder(Zone, new DnsServerOptions { Keys = [RunningNameServer.Key] }, clock);
        foreach (var isStream in (bool[])[false, true])
        {
            // What the sender calls its tolerance is not believed beyond five minutes.
            var request = Sign(Now + seconds, fudge: 65535, Math.Abs(length), isWrong: length < 0);
            var response = new byte[1232];
            Assert.True(DnsMessage.TryDecode(response.AsSpan(0, responder.Respond(request, response, [192, 0, 2, 1], isStream)), out var answer));
            Assert.Equal(code, answer.Code);
            Assert.Equal(code == ResponseCode.Success ? 1 : 0, answer.Answers.Count);
            if (error < 0)
                continue;
            var data = Assert.Single(answer.Additionals, record => record.Type == RecordType.Tsig).Data.Span[13..];
            var macLength = BinaryPrimitives.ReadUInt16BigEndian(data[8..]);
            Assert.Equal((signedLength, error), (macLength, BinaryPrimitives.ReadUInt16BigEndian(data[(12 + macLength)..])));
        }
    }

    [Fact]
    public void A_signature_that_is_not_last_or_stands_twice_is_malformed()
    {
        var responder = InProcess.Responder(Zone, new DnsServerOptions { Keys = [RunningNameServer.Key] }, new ManualTimeProvider(DateTimeOffset.FromUnixTimeSeconds(Now)));
        var signed = Sign(Now, 300, 32, isWrong: false);
        var tsig = signed[(12 + (Question.Length / 2))..];
        const string Edns = "00" + "0029" + "04D0" + "00000000" + "0000";
        foreach (var (behind, additional) in ((byte[], string)[])[(Convert.FromHexString("0000291000000000000000"), "0001" + Edns), (tsig, "0000")])
        {
            byte[] request = [.. signed, .. behind];
            request[11] = 2;
            var response = new byte[1232];
            Assert.Equal("1234" + "8001" + "000000000000" + additional, Convert.ToHexString(response.AsSpan(0, responder.Respond(request, response, [192, 0, 2, 1], isStream: true))));
        }
    }

    [Fact]
    public void A_signature_with_names_of_full_length_makes_no_answer_larger_than_allowed()
    {
        var name = string.Concat(Enumerable.Repeat("3F" + string.Concat(Enumerable.Repeat("61", 63)), 3)) + "3D" + string.Concat(Enumerable.Repeat("61", 61)) + "00";
        // Key and algorithm are pointers to the question's name, and would be written out in the answer.
        var request = "1234" + "0000" + "0001000000000001" + name + "00060001" + "C00C" + "00FA00FF00000000" + "0012" + "C00C" + "000000000000" + "012C" + "0000" + "1234" + "0000" + "0000";
        var response = new byte[4096];
        Assert.InRange(InProcess.Responder(Zone).Respond(Convert.FromHexString(request), response, [192, 0, 2, 1], isStream: false), 0, 512);
    }

    private static string Flood(Responder responder, Func<int, string> request, int times, bool isStream = false) => string.Concat(Enumerable.Range(0, times).Select(i =>
    {
        var response = new byte[512];
        var length = responder.Respond(Convert.FromHexString(request(i)), response, [192, 0, 2, (byte)i], isStream);
        return length == 0 ? "-" : (response[2] & 2) != 0 ? "T" : "A";
    }));

    // The question with a signature (RFC 8945, 4.2), whose bytes are cut or followed by zeros.
    private static byte[] Sign(long time, int fudge, int length, bool isWrong)
    {
        var timers = $"{time:X12}{fudge:X4}";
        const string Key = "04746B657900", Algorithm = "0B686D61632D73686132353600";
        var signed = Convert.FromHexString("1234" + "0000" + "0001000000000000" + Question + Key + "00FF00000000" + Algorithm + timers + "0000" + "0000");
        var mac = HMACSHA256.HashData("secretsecretsecret"u8, signed);
        if (isWrong)
            mac[0] ^= 1;
        Array.Resize(ref mac, length);
        return Convert.FromHexString("1234" + "0000" + "0001000000000001" + Question + Key + "00FA00FF00000000" + $"{13 + 16 + length:X4}" + Algorithm + timers + $"{length:X4}" + Convert.ToHexString(mac) + "1234" + "0000" + "0000");
    }

    private static async Task<bool> IsServedAsync(IPEndPoint server)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(server, TestContext.Current.CancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync(Convert.FromHexString("001E" + "1234" + "0000" + "0001000000000000" + Question), TestContext.Current.CancellationToken);
            var head = new byte[6];
            await stream.ReadExactlyAsync(head, TestContext.Current.CancellationToken);
            return (head[5] & 15) == 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
