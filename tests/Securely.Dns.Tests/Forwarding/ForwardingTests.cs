using System.Net.Sockets;
using Securely.Dns.Tests.Serving;

namespace Securely.Dns.Tests.Forwarding;

/// <summary>Questions for names of others: who is asked, what is believed, and who gets the answer.</summary>
public sealed class ForwardingTests
{
    private const string Name = "a-name-of-many-letters-so-that-chance-has-no-chance.example.org";

    [Fact]
    public async Task An_answer_of_others_has_these_bytes()
    {
        await using var upstream = ScriptedUpstream.Answering("@ 300 A 192.0.2.7");
        await using var server = await RunningForwarder.StartAsync(upstream);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await client.ConnectAsync(server.EndPoint);
        await client.SendAsync(Convert.FromHexString("ABCD" + "0100" + "0001000000000000" + "03577777076578616D706C65036F726700" + "0001" + "0001"), SocketFlags.None);
        var buffer = new byte[512];
        var length = await client.ReceiveAsync(buffer, SocketFlags.None);
        Assert.Equal(
            "ABCD" + "8180" + "0001000100000000" + "03577777076578616D706C65036F726700" + "0001" + "0001" + "C00C" + "0001" + "0001" + "0000012C" + "0004" + "C0000207",
            Convert.ToHexString(buffer.AsSpan(0, length)));
    }

    [Fact]
    public async Task A_question_goes_out_with_mixed_letters_from_a_port_of_its_own_and_asks_for_recursion()
    {
        await using var upstream = ScriptedUpstream.Answering("@ 0 A 192.0.2.7");
        await using var server = await RunningForwarder.StartAsync(upstream);
        await server.AskAsync(Name);
        await server.AskAsync(Name, RecordType.Aaaa);
        var (first, second) = (upstream.Questions[^2], upstream.Questions[^1]);
        Assert.Equal(Name + ".", first.Name, ignoreCase: true);
        Assert.NotEqual(first.Name.ToLowerInvariant(), first.Name, StringComparer.Ordinal);
        Assert.NotEqual((first.Message.Id, first.Port), (second.Message.Id, second.Port));
        Assert.True(first.Message.RecursionDesired);
        Assert.Equal(1232, first.Message.Edns!.PayloadSize);
        Assert.Equal(8, first.Message.Edns.Find(EdnsOptionCode.Cookie)!.Value.Length);
    }

    [Fact]
    public async Task An_answer_is_asked_for_once()
    {
        await using var upstream = ScriptedUpstream.Answering("@ 300 A 192.0.2.7");
        await using var server = await RunningForwarder.StartAsync(upstream);
        for (var i = 0; i < 3; i++)
            Assert.Equal($"Success: {Name}. A 192.0.2.7", RunningForwarder.Summary(await server.AskAsync(Name, isStream: i == 2)));
        Assert.Single(Of(upstream, Name));
        Assert.Equal(1, server.Server.Flush(DomainName.Parse("example.org"), withBelow: true));
        await server.AskAsync(Name);
        Assert.Equal(2, Of(upstream, Name).Count);
    }

    [Fact]
    public async Task Equal_questions_on_their_way_are_asked_once()
    {
        var release = new TaskCompletionSource();
        await using var upstream = ScriptedUpstream.Start(async question =>
        {
            if (question.Name.StartsWith("a-", StringComparison.OrdinalIgnoreCase))
                await release.Task;
            return [question.Answer("@ 300 A 192.0.2.7")];
        });
        await using var server = await RunningForwarder.StartAsync(upstream);
        var asked = Enumerable.Range(0, 8).Select(index => server.AskAsync(Name, isStream: index % 2 > 0)).ToList();
        release.SetResult();
        foreach (var answer in await Task.WhenAll(asked))
            Assert.Equal($"Success: {Name}. A 192.0.2.7", RunningForwarder.Summary(answer));
        Assert.Single(Of(upstream, Name));
    }

    [Fact]
    public async Task What_does_not_match_does_not_end_the_wait()
    {
        await using var upstream = ScriptedUpstream.Start(question =>
        {
            var wrong = question.Answer("@ 300 A 203.0.113.66");
            var (number, direction) = ((byte[])[(byte)~wrong[0], .. wrong[1..]], (byte[])wrong.Clone());
            direction[2] &= 0x7F;
            var other = (question.Reply("@ 300 A 203.0.113.66") with { Questions = [new Question(DomainName.Parse("other.example.org"), RecordType.A)] }).Encode();
            var operation = (byte[])[wrong[0], wrong[1], 0xA0, .. wrong[3..]];
            return [number, [], [1, 2, 3], direction, other, operation, question.Answer("@ 300 A 192.0.2.7")];
        });
        await using var server = await RunningForwarder.StartAsync(upstream);
        Assert.Equal($"Success: {Name}. A 192.0.2.7", RunningForwarder.Summary(await server.AskAsync(Name)));
        Assert.DoesNotContain(upstream.Questions, question => question.IsStream);
    }

    public static readonly TheoryData<string> Doubtful = ["other letters", "a flood of wrong numbers", "truncated", "malformed", "no cookie", "misunderstood"];

    [Theory]
    [MemberData(nameof(Doubtful))]
    public async Task What_could_be_forged_is_asked_for_over_a_stream(string kind)
    {
        await using var upstream = ScriptedUpstream.Start(question => question.IsStream ? [question.Answer("@ 300 A 192.0.2.7")] : Forge(kind, question));
        await using var server = await RunningForwarder.StartAsync(upstream);
        if (kind == "no cookie")
            await server.AskAsync("first.example.org");
        Assert.Equal($"Success: {Name}. A 192.0.2.7", RunningForwarder.Summary(await server.AskAsync(Name)));
        Assert.Contains(Of(upstream, Name), question => question.IsStream);
    }

    [Fact]
    public async Task A_server_that_changes_letters_is_believed_when_it_does_so_over_a_stream()
    {
        await using var upstream = ScriptedUpstream.Start(question =>
        {
            var lower = DomainName.Parse(question.Name.ToLowerInvariant());
            return [(question.Reply() with { Questions = [new Question(lower, RecordType.A)], Answers = [new ResourceRecord(lower, RecordType.A, 300, [192, 0, 2, 7])] }).Encode()];
        });
        await using var server = await RunningForwarder.StartAsync(upstream);
        Assert.Equal($"Success: {Name}. A 192.0.2.7", RunningForwarder.Summary(await server.AskAsync(Name)));
        var before = upstream.Questions.Count(question => question.IsStream);
        Assert.Equal($"Success: b.{Name}. A 192.0.2.7", RunningForwarder.Summary(await server.AskAsync("b." + Name)));
        Assert.Equal(before, upstream.Questions.Count(question => question.IsStream));
    }

    [Fact]
    public async Task Nothing_beside_the_answer_is_believed()
    {
        await using var upstream = ScriptedUpstream.Start(question => [(question.Reply("@ 300 CNAME target.example.org", "target.example.org 300 A 192.0.2.7", "bank.example.com 300 A 203.0.113.66") with
        {
            Authorities = [question.Record("example.com 300 NS ns.evil.example")],
            Additionals = [question.Record("ns.evil.example 300 A 203.0.113.66"), question.Record("bank.example.com 300 A 203.0.113.66")],
        }).Encode()]);
        await using var server = await RunningForwarder.StartAsync(upstream);
        var answer = await server.AskAsync(Name);
        Assert.Equal($"Success: {Name}. CNAME target.example.org., target.example.org. A 192.0.2.7", RunningForwarder.Summary(answer));
        Assert.Empty(answer.Authorities);
        Assert.Empty(answer.Additionals);
        await server.AskAsync("bank.example.com");
        Assert.Single(Of(upstream, "bank.example.com"));
    }

    [Fact]
    public async Task The_next_upstream_is_asked_when_one_fails_or_refers()
    {
        await using var failing = ScriptedUpstream.Start(question => [(question.Reply() with { Code = ResponseCode.ServerFailure }).Encode()]);
        await using var referring = ScriptedUpstream.Start(question => [(question.Reply() with { Authorities = [question.Record("org 300 NS ns.example.org")] }).Encode()]);
        await using var good = ScriptedUpstream.Answering("@ 300 A 192.0.2.7");
        await using var server = await RunningForwarder.StartAsync(RunningForwarder.Options(failing, referring, good));
        Assert.Equal($"Success: {Name}. A 192.0.2.7", RunningForwarder.Summary(await server.AskAsync(Name)));
        Assert.Single(Of(failing, Name));
    }

    [Theory]
    [InlineData(ForwardPolicy.Ordered)]
    [InlineData(ForwardPolicy.Fastest)]
    [InlineData(ForwardPolicy.Parallel)]
    public async Task A_silent_upstream_is_joined_by_the_next(ForwardPolicy policy)
    {
        await using var silent = ScriptedUpstream.Start(_ => Array.Empty<byte[]>());
        await using var good = ScriptedUpstream.Answering("@ 300 A 192.0.2.7");
        await using var server = await RunningForwarder.StartAsync(RunningForwarder.Options(silent, good), options => options with { Policy = policy });
        Assert.Equal($"Success: {Name}. A 192.0.2.7", RunningForwarder.Summary(await server.AskAsync(Name)));
    }

    [Fact]
    public async Task Nobody_to_ask_is_a_failure_that_says_so()
    {
        using var dead = DeadEndPoint.Refusing();
        await using var server = await RunningForwarder.StartAsync(new ForwardingOptions { Upstreams = [new DnsUpstream(dead.EndPoint), new DnsUpstream(dead.EndPoint, DnsProtocol.Tcp)], Timeout = RunningForwarder.Patience });
        Assert.Equal("ServerFailure EDE 23: ", RunningForwarder.Summary(await server.AskAsync(Name)));
    }

    [Fact]
    public async Task Silence_is_a_failure_that_says_so_when_the_time_is_over()
    {
        await using var silent = ScriptedUpstream.Start(_ => Array.Empty<byte[]>());
        await using var server = await RunningForwarder.StartAsync(silent, options => options with { Timeout = TimeSpan.FromMilliseconds(200) });
        Assert.Equal("ServerFailure EDE 22: ", RunningForwarder.Summary(await server.AskAsync(Name)));
    }

    [Fact]
    public async Task What_upstreams_say_of_their_failure_is_passed_on()
    {
        await using var failing = ScriptedUpstream.Start(question =>
            [(question.Reply() with { Code = ResponseCode.ServerFailure, Edns = new Edns { Options = [new EdnsOption(EdnsOptionCode.ExtendedError, new byte[] { 0, 9 })] } }).Encode()]);
        await using var server = await RunningForwarder.StartAsync(failing);
        Assert.Equal("ServerFailure EDE 9: ", RunningForwarder.Summary(await server.AskAsync(Name)));
    }

    [Fact]
    public async Task Own_zones_are_answered_while_upstreams_are_silent()
    {
        await using var silent = ScriptedUpstream.Start(_ => Array.Empty<byte[]>());
        await using var server = await RunningForwarder.StartAsync(silent);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(server.EndPoint);
        // Two questions on one stream: the second one, of an own zone, has its answer first.
        await client.SendAsync(Convert.FromHexString(
            "0021" + "0001" + "0100" + "0001000000000000" + "03777777076578616D706C65036F726700" + "0001" + "0001"
            + "001E" + "0002" + "0100" + "0001000000000000" + "076578616D706C65047465737400" + "0006" + "0001"), SocketFlags.None);
        var head = new byte[4];
        for (var read = 0; read < 4;)
            read += await client.ReceiveAsync(head.AsMemory(read), SocketFlags.None);
        Assert.Equal("0002", Convert.ToHexString(head[2..]));
        Assert.Equal(ResponseCode.Success, (await server.AskAsync("example.test", RecordType.Soa)).Code);
    }

    [Fact]
    public async Task A_domain_has_upstreams_of_its_own()
    {
        await using var world = ScriptedUpstream.Answering("@ 300 A 192.0.2.7");
        await using var corporate = ScriptedUpstream.Answering("@ 300 A 10.1.2.3");
        await using var server = await RunningForwarder.StartAsync(world, options => options with
        {
            RebindProtection = true,
            Routes = [new ForwardRoute(DomainName.Parse("corp.example"), [new DnsUpstream(corporate.EndPoint)])],
        });
        Assert.Equal("Success: www.corp.example. A 10.1.2.3", RunningForwarder.Summary(await server.AskAsync("www.corp.example")));
        Assert.Equal("Success: xcorp.example. A 192.0.2.7", RunningForwarder.Summary(await server.AskAsync("xcorp.example")));
        Assert.Empty(Of(world, "www.corp.example"));
    }

    [Fact]
    public async Task An_upstream_that_asks_this_server_again_is_not_asked_any_more()
    {
        RunningNameServer? server = null;
        var started = new TaskCompletionSource();
        await using var relay = ScriptedUpstream.Start(async question =>
        {
            await started.Task;
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(server!.EndPoint);
            await socket.SendAsync(question.Bytes, SocketFlags.None);
            var buffer = new byte[4096];
            var length = await socket.ReceiveAsync(buffer, SocketFlags.None);
            return [buffer[..length]];
        });
        await using (server = await RunningForwarder.StartAsync(relay, options => options with { Timeout = TimeSpan.FromSeconds(5) }))
        {
            started.SetResult();
            // The probe goes round by itself; a question that comes before it has waits for itself, until its time is over.
            while (RunningForwarder.Summary(await new DnsClient(server.EndPoint) { Patience = RunningForwarder.Patience }.AskAsync(RunningForwarder.Question(Guid.NewGuid() + ".example.org"))) is var summary && summary != "ServerFailure EDE 22: ")
                Assert.StartsWith("ServerFailure", summary, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_address_of_the_server_is_no_upstream()
    {
        var own = System.Net.IPEndPoint.Parse("0.0.0.0:53");
        Assert.True(LoopProbe.IsOwn(System.Net.IPEndPoint.Parse("127.0.0.53:53"), [own]));
        Assert.False(LoopProbe.IsOwn(System.Net.IPEndPoint.Parse("127.0.0.53:5353"), [own]));
        Assert.False(LoopProbe.IsOwn(System.Net.IPEndPoint.Parse("192.0.2.1:53"), [own]));
        Assert.True(LoopProbe.IsOwn(System.Net.IPEndPoint.Parse("127.0.0.1:53"), [System.Net.IPEndPoint.Parse("127.0.0.1:53")]));
    }

    [Theory]
    [InlineData("1.1.1.1", "1.1.1.1:53")]
    [InlineData("[2001:db8::1]:5353", "[2001:db8::1]:5353")]
    [InlineData("2001:db8::1", "[2001:db8::1]:53")]
    [InlineData("tcp://1.1.1.1", "tcp://1.1.1.1:53")]
    [InlineData("tls://9.9.9.9#dns.quad9.net", "tls://9.9.9.9:853#dns.quad9.net")]
    [InlineData("https://9.9.9.9/dns-query#dns.quad9.net", "https://9.9.9.9:443/dns-query#dns.quad9.net")]
    [InlineData("https://9.9.9.9", "https://9.9.9.9:443/dns-query")]
    public void An_upstream_is_read(string text, string read)
    {
        Assert.True(DnsUpstream.TryParse(text, out var upstream, out _));
        Assert.Equal(read, upstream.ToString());
    }

    [Theory]
    [InlineData("", "write IP")]
    [InlineData("1.1.1.1#dns.example", "shows none over UDP; write [tls://1.1.1.1#dns.example]")]
    [InlineData("tcp://1.1.1.1:5353#dns.example", "shows none over TCP; write [tls://1.1.1.1:5353#dns.example]")]
    [InlineData("quic://1.1.1.1", "write IP")]
    [InlineData("example.org", "write IP")]
    [InlineData("0.0.0.0", "write IP")]
    [InlineData("tls://dns.quad9.net", "as in [tls://192.0.2.1#dns.quad9.net]")]
    public void What_is_no_upstream_is_refused_with_the_way_out(string text, string error)
    {
        Assert.False(DnsUpstream.TryParse(text, out _, out var message));
        Assert.Contains(error, message, StringComparison.Ordinal);
    }

    private static List<UpstreamQuestion> Of(ScriptedUpstream upstream, string name) =>
        [.. upstream.Questions.Where(question => question.Message.Questions[0].Name.Equals(DomainName.Parse(name)))];

    private static IEnumerable<byte[]> Forge(string kind, UpstreamQuestion question)
    {
        const string Forged = "@ 300 A 203.0.113.66";
        var lower = DomainName.Parse(question.Name.ToLowerInvariant());
        var reply = question.Reply(Forged);
        return kind switch
        {
            "other letters" => [(reply with { Questions = [new Question(lower, RecordType.A)] }).Encode()],
            "a flood of wrong numbers" => Enumerable.Range(1, 20).Select(index => (reply with { Id = (ushort)(reply.Id + index) }).Encode()),
            "truncated" => [(reply with { IsTruncated = true }).Encode()],
            "misunderstood" => [[reply.Encode()[0], reply.Encode()[1], 0x81, 0x01, 0, 0, 0, 0, 0, 0, 0, 0]],
            "malformed" => [[.. reply.Encode(), 0]],
            _ when question.Name.StartsWith("first", StringComparison.OrdinalIgnoreCase) || question.Name.Contains(".loop.", StringComparison.OrdinalIgnoreCase) =>
                [(reply with { Edns = new Edns { Options = [new EdnsOption(EdnsOptionCode.Cookie, (byte[])[.. question.Message.Edns!.Find(EdnsOptionCode.Cookie)!.Value.ToArray()[..8], 1, 2, 3, 4, 5, 6, 7, 8])] } }).Encode()],
            _ => [reply.Encode()],
        };
    }
}
