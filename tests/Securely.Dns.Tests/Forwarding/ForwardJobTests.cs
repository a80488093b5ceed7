using System.Buffers.Binary;
using System.Net.Sockets;
using Securely.Dns.Tests.Serving;

namespace Securely.Dns.Tests.Forwarding;

/// <summary>What becomes of questions while time passes, and when there are too many of them.</summary>
public sealed class ForwardJobTests
{
    private const string Name = "www.example.org";
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task An_old_answer_is_given_when_the_upstream_fails_and_the_new_one_when_it_does_not()
    {
        var address = "192.0.2.7";
        await using var upstream = ScriptedUpstream.Start(question => [address.Length > 0 ? question.Answer($"@ 300 A {address}") : (question.Reply() with { Code = ResponseCode.ServerFailure }).Encode()]);
        await using var server = await StartAsync(upstream);
        Assert.Equal($"Success: {Name}. A 192.0.2.7", RunningForwarder.Summary(await server.AskAsync(Name)));
        _time.Advance(TimeSpan.FromSeconds(301));
        address = "";
        var stale = await server.AskAsync(Name);
        Assert.Equal($"Success EDE 3: {Name}. A 192.0.2.7", RunningForwarder.Summary(stale));
        Assert.Equal(30u, stale.Answers[0].Ttl);
        // For half a minute nobody is asked again.
        address = "192.0.2.8";
        Assert.Equal($"Success EDE 3: {Name}. A 192.0.2.7", RunningForwarder.Summary(await server.AskAsync(Name)));
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal($"Success: {Name}. A 192.0.2.8", RunningForwarder.Summary(await server.AskAsync(Name)));
    }

    [Fact]
    public async Task An_old_answer_is_given_when_the_upstream_is_silent()
    {
        var isSilent = false;
        await using var upstream = ScriptedUpstream.Start(question => isSilent ? Array.Empty<byte[]>() : [question.Answer("@ 300 A 192.0.2.7")]);
        await using var server = await StartAsync(upstream, options => options with { Timeout = TimeSpan.FromSeconds(2) });
        await server.AskAsync(Name);
        _time.Advance(TimeSpan.FromSeconds(301));
        isSilent = true;
        var asking = server.AskAsync(Name);
        while (!asking.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.Equal($"Success EDE 3: {Name}. A 192.0.2.7", RunningForwarder.Summary(await asking));
    }

    [Fact]
    public async Task What_is_asked_for_often_is_fetched_before_it_ends()
    {
        var again = new TaskCompletionSource();
        var count = 0;
        await using var upstream = ScriptedUpstream.Start(question =>
        {
            if (question.Name.StartsWith("www", StringComparison.OrdinalIgnoreCase) && ++count == 2)
                again.SetResult();
            return [question.Answer("@ 100 A 192.0.2.7")];
        });
        await using var server = await StartAsync(upstream);
        for (var i = 0; i < 3; i++)
            await server.AskAsync(Name);
        _time.Advance(TimeSpan.FromSeconds(91));
        Assert.Equal(9u, (await server.AskAsync(Name)).Answers[0].Ttl);
        await again.Task;
        while ((await server.AskAsync(Name)).Answers[0].Ttl != 100)
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        Assert.Equal(2, count);
    }

    [Fact]
    public async Task A_failure_is_remembered_for_five_seconds()
    {
        var count = 0;
        await using var upstream = ScriptedUpstream.Start(question =>
        {
            count += question.Name.StartsWith("www", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
            return [(question.Reply() with { Code = ResponseCode.Refused }).Encode()];
        });
        await using var server = await StartAsync(upstream);
        for (var i = 0; i < 3; i++)
            Assert.Equal("ServerFailure EDE 0: ", RunningForwarder.Summary(await server.AskAsync(Name)));
        Assert.Equal(1, count);
        _time.Advance(TimeSpan.FromSeconds(5));
        await server.AskAsync(Name);
        Assert.Equal(2, count);
    }

    [Fact]
    public async Task A_client_has_only_so_many_questions_on_their_way()
    {
        var release = new TaskCompletionSource();
        await using var upstream = ScriptedUpstream.Start(async question =>
        {
            await release.Task;
            return [question.Answer("@ 300 A 192.0.2.7")];
        });
        await using var server = await RunningNameServer.StartAsync(new DnsServerOptions { Threads = 1, Forwarding = RunningForwarder.Options(upstream) with { MaximumPerClient = 2 } }, _time);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(server.EndPoint);
        await using var stream = new NetworkStream(client);
        for (var i = 1; i <= 3; i++)
        {
            var bytes = (RunningForwarder.Question($"n{i}.example.org") with { Id = (ushort)i }).Encode();
            await stream.WriteAsync((byte[])[0, (byte)bytes.Length, .. bytes]);
        }

        var third = await ReadAsync(stream);
        Assert.Equal((3, ResponseCode.ServerFailure), (third.Id, third.Code));
        release.SetResult();
        var others = new[] { await ReadAsync(stream), await ReadAsync(stream) };
        Assert.Equal([1, 2], others.Select(answer => (int)answer.Id).Order());
        Assert.All(others, answer => Assert.Equal(ResponseCode.Success, answer.Code));
    }

    [Fact]
    public async Task A_client_that_repeats_its_question_waits_once()
    {
        var release = new TaskCompletionSource();
        await using var upstream = ScriptedUpstream.Start(async question =>
        {
            await release.Task;
            return [question.Answer("@ 300 A 192.0.2.7")];
        });
        await using var server = await StartAsync(upstream);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await client.ConnectAsync(server.EndPoint);
        var question = RunningForwarder.Question(Name).Encode();
        for (var i = 0; i < 5; i++)
            await client.SendAsync(question, SocketFlags.None);
        var own = (RunningForwarder.Question("example.test", RecordType.Soa) with { Id = 2 }).Encode();
        await client.SendAsync(own, SocketFlags.None);
        var buffer = new byte[512];
        // Behind the five, from the same socket, so the same thread has seen them all.
        await client.ReceiveAsync(buffer, SocketFlags.None);
        Assert.Equal(2, buffer[1]);
        release.SetResult();
        await client.ReceiveAsync(buffer, SocketFlags.None);
        Assert.Equal(0x34, buffer[1]);
        Assert.InRange(server.Server.RequestCount, 6, 7);
    }

    [Fact]
    public async Task Answers_that_were_changed_at_random_break_nothing()
    {
        await using var upstream = ScriptedUpstream.Answering("@ 300 A 192.0.2.7");
        var state = new UpstreamState(new DnsUpstream(upstream.EndPoint));
        var filter = new AnswerFilter(new DnsCacheOptions(), null, new AddressGuard([]));
        var random = new Random(20260101);
        var (kept, all) = (0, 0);
        foreach (var type in (RecordType[])[RecordType.A, RecordType.Https, RecordType.Any])
        {
            var key = ForwardKey.Of(DomainName.Parse(Name), type, QuestionFlags.WantsProof);
            var query = new UpstreamQuery(key, state, isOpen: false);
            var question = new UpstreamQuestion(query.Bytes, true, 0);
            var good = (question.Reply(
                "@ 300 CNAME web.example.org", "web.example.org 300 A 192.0.2.7", "web.example.org 300 HTTPS 1 . alpn=h2 ipv4hint=10.0.0.1,192.0.2.1",
                "web.example.org 300 RRSIG A 13 3 300 20300101000000 20200101000000 12345 example.org AAAA", "example.org 300 DNAME example.net") with
            {
                Authorities = [question.Record("example.org 300 SOA a.example.org b.example.org 1 2 3 4 60"), question.Record("a.example.org 300 NSEC z.example.org A RRSIG NSEC")],
            }).Encode();
            for (var i = 0; i < 20_000; i++, all++)
            {
                var bytes = (byte[])good.Clone();
                for (var changes = random.Next(1, 4); changes > 0; changes--)
                    bytes[random.Next(3, bytes.Length)] = (byte)random.Next(256);
                var message = bytes.AsSpan(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length);
                if (query.Judge(message, isOpen: i % 2 == 0, out var answer) != ReplyVerdict.Answer || filter.Build(key, answer!, isTrusted: false, 0) is not { } entry)
                    continue;
                kept++;
                Assert.True(entry.Size < 4096);
            }
        }

        Assert.InRange(kept, 1000, all);
    }

    private static async Task<DnsMessage> ReadAsync(NetworkStream stream)
    {
        var head = new byte[2];
        await stream.ReadExactlyAsync(head);
        var bytes = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await stream.ReadExactlyAsync(bytes);
        return DnsMessage.TryDecode(bytes, out var message) ? message : throw new InvalidOperationException("malformed");
    }

    private Task<RunningNameServer> StartAsync(ScriptedUpstream upstream, Func<ForwardingOptions, ForwardingOptions>? change = null)
    {
        var options = RunningForwarder.Options(upstream);
        return RunningNameServer.StartAsync(new DnsServerOptions { Forwarding = change is null ? options : change(options) }, _time);
    }
}
