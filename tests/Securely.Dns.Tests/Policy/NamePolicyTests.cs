using System.Net;
using Securely.Dns.Tests.Forwarding;
using Securely.Hosting;

namespace Securely.Dns.Tests.Policy;

/// <summary>Lists of names that are not answered: their formats, where they come from, and what is said instead.</summary>
public sealed class NamePolicyTests
{
    private const string Mixed = """
        [Adblock Plus 2.0]
        ! a comment
        # another
        0.0.0.0 exact.example
        127.0.0.1   two.example<TAB>three.example # with a comment
        ::1 localhost ip6-localhost
        255.255.255.255 broadcasthost
        alone.example
        *.below.example
        .dotted.example
        ||rule.example^
        ||important.example^$important
        ||third.example^$third-party
        ||path.example/ads/
        @@||good.rule.example^
        /banner[0-9]+/
        example.com##.ad
        com
        UPPER.Example
        """;

    [Theory]
    [InlineData("exact.example", true)]
    [InlineData("www.exact.example", false)]
    [InlineData("two.example", true)]
    [InlineData("three.example", true)]
    [InlineData("alone.example", true)]
    [InlineData("a.b.alone.example", true)]
    [InlineData("xalone.example", false)]
    [InlineData("below.example", false)]
    [InlineData("x.below.example", true)]
    [InlineData("dotted.example", true)]
    [InlineData("rule.example", true)]
    [InlineData("www.rule.example", true)]
    [InlineData("good.rule.example", false)]
    [InlineData("very.good.rule.example", false)]
    [InlineData("important.example", true)]
    [InlineData("third.example", false)]
    [InlineData("path.example", false)]
    [InlineData("localhost", false)]
    [InlineData("example.com", false)]
    [InlineData("upper.example", true)]
    [InlineData("com", false)]
    [InlineData(".", false)]
    public void A_list_of_any_form_is_read(string name, bool isBlocked)
    {
        var list = DomainList.Read(new StringReader(Mixed.Replace("<TAB>", "\t", StringComparison.Ordinal)));
        var policy = new NamePolicy();
        policy.Replace([list], []);
        Assert.Equal(isBlocked, policy.IsBlocked(Key(name)));
        Assert.Equal((9, 1, 5), (list.BlockedCount, list.AllowedCount, list.SkippedCount));
    }

    [Fact]
    public void What_is_allowed_counts_more()
    {
        var policy = new NamePolicy();
        policy.Replace([DomainList.Read(new StringReader("example.org"))], [DomainList.Read(new StringReader("good.example.org\n0.0.0.0 example.org"))]);
        Assert.False(policy.IsBlocked(Key("example.org")));
        Assert.True(policy.IsBlocked(Key("www.example.org")));
        Assert.False(policy.IsBlocked(Key("www.good.example.org")));
    }

    [Fact]
    public void A_list_with_too_many_names_is_refused() =>
        Assert.Throws<FormatException>(() => DomainList.Read(new StringReader("a.example\nb.example\nc.example"), 2));

    [Fact]
    public void A_lookup_in_many_names_allocates_nothing()
    {
        var policy = new NamePolicy();
        policy.Replace([DomainList.Read(new StringReader(string.Join('\n', Enumerable.Range(0, 20_000).Select(i => $"n{i}.example"))))], []);
        Assert.Equal(20_000, policy.BlockedCount);
        var (hit, miss) = (Key("a.b.n777.example"), Key("a.b.m777.example"));
        Assert.True(policy.IsBlocked(hit));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var answers = (policy.IsBlocked(hit), policy.IsBlocked(miss));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal((true, false), answers);
    }

    [Theory]
    [InlineData(BlockedAnswer.NoSuchName, RecordType.A, "NoSuchName EDE 15: ", 1)]
    [InlineData(BlockedAnswer.NoData, RecordType.A, "Success EDE 15: ", 1)]
    [InlineData(BlockedAnswer.Refused, RecordType.A, "Refused EDE 15: ", 0)]
    [InlineData(BlockedAnswer.ZeroAddress, RecordType.A, "Success EDE 15: ads.example. A 0.0.0.0", 0)]
    [InlineData(BlockedAnswer.ZeroAddress, RecordType.Aaaa, "Success EDE 15: ads.example. AAAA ::", 0)]
    [InlineData(BlockedAnswer.ZeroAddress, RecordType.Mx, "Success EDE 15: ", 1)]
    public async Task A_blocked_name_is_answered_like_this(BlockedAnswer kind, RecordType type, string expected, int authorities)
    {
        var policy = new NamePolicy { Answer = kind };
        policy.Replace([DomainList.Read(new StringReader("ads.example"))], []);
        await using var upstream = ScriptedUpstream.Answering("@ 300 A 192.0.2.7");
        await using var server = await RunningForwarder.StartAsync(upstream, options => options with { Names = policy });
        var answer = await server.AskAsync("ads.example", type);
        Assert.Equal((expected, authorities), (RunningForwarder.Summary(answer), answer.Authorities.Count));
        Assert.All(answer.Authorities, record => Assert.Equal("ads.example. 60 IN SOA . . 1 3600 600 86400 60", record.ToString()));
        Assert.DoesNotContain(upstream.Questions, question => question.Name.StartsWith("ads", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_blocked_name_behind_an_alias_is_blocked_too()
    {
        var policy = new NamePolicy();
        policy.Replace([DomainList.Read(new StringReader("ads.example"))], [DomainList.Read(new StringReader("shop.example"))]);
        await using var upstream = ScriptedUpstream.Answering("@ 300 CNAME tracker.ads.example", "tracker.ads.example 300 A 192.0.2.7");
        await using var server = await RunningForwarder.StartAsync(upstream, options => options with { Names = policy });
        Assert.Equal("NoSuchName EDE 15: ", RunningForwarder.Summary(await server.AskAsync("metrics.news.example")));
        Assert.StartsWith("Success: ", RunningForwarder.Summary(await server.AskAsync("www.shop.example")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_list_forgets_what_was_kept()
    {
        var policy = new NamePolicy();
        await using var upstream = ScriptedUpstream.Answering("@ 300 CNAME tracker.ads.example", "tracker.ads.example 300 A 192.0.2.7");
        await using var server = await RunningForwarder.StartAsync(upstream, options => options with { Names = policy });
        Assert.StartsWith("Success: ", RunningForwarder.Summary(await server.AskAsync("news.example")), StringComparison.Ordinal);
        policy.Replace([DomainList.Read(new StringReader("ads.example"))], []);
        Assert.Equal("NoSuchName EDE 15: ", RunningForwarder.Summary(await server.AskAsync("news.example")));
    }

    [Fact]
    public async Task Lists_come_from_files_and_servers_and_are_kept_for_the_next_start()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("own.txt", "file.example");
        var time = new ManualTimeProvider();
        await using var origin = StartListServer();
        var port = ((IPEndPoint)origin.EndPoint).Port;
        var options = new NameListOptions
        {
            Blocked = [file, $"http://lists.example:{port}/old"],
            Directory = directory.File("kept"),
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        };
        var policy = new NamePolicy();
        var lists = new PhaseBarrier();
        policy.Changed += () => lists.Signal("changed");
        await using (await RunningService.StartAsync(new NameListService(policy, options), time))
        {
            Assert.True(policy.IsBlocked(Key("file.example")));
            await lists.WaitAsync("changed", 2);
            Assert.True(policy.IsBlocked(Key("fetched.example")));
            // A day later the list is still the same.
            await time.WaitForTimersAsync();
            time.Advance(TimeSpan.FromDays(1));
            await origin.WaitForRequestsAsync(4);
        }

        origin.StopListening();
        var second = new NamePolicy();
        await using (await RunningService.StartAsync(new NameListService(second, options), new ManualTimeProvider()))
            Assert.True(second.IsBlocked(Key("fetched.example")));
    }

    [Fact]
    public async Task A_file_that_changes_is_read_again()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("own.txt", "one.example");
        var time = new ManualTimeProvider();
        var policy = new NamePolicy();
        var lists = new PhaseBarrier();
        policy.Changed += () => lists.Signal("changed");
        await using var service = await RunningService.StartAsync(new NameListService(policy, new NameListOptions { Blocked = [file] }), time);
        await lists.WaitAsync("changed");
        directory.Write("own.txt", "other.example");
        await time.WaitForTimersAsync();
        time.Advance(TimeSpan.FromSeconds(5));
        await lists.WaitAsync("changed", 2);
        Assert.Equal((true, false), (policy.IsBlocked(Key("other.example")), policy.IsBlocked(Key("one.example"))));
    }

    [Fact]
    public async Task A_list_that_is_too_large_is_refused_and_the_others_stay()
    {
        using var directory = new TemporaryDirectory();
        await using var origin = TestOrigin.Start(OriginScripts.EachRequest((connection, _, _) => connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + new string('a', 2000))));
        var options = new NameListOptions { Blocked = [directory.Write("own.txt", "one.example"), $"http://127.0.0.1:{((IPEndPoint)origin.EndPoint).Port}/"], MaximumBytes = 1000, Timeout = TimeSpan.FromDays(30) };
        var policy = new NamePolicy();
        var time = new ManualTimeProvider();
        await using var service = await RunningService.StartAsync(new NameListService(policy, options), time);
        await origin.WaitForRequestsAsync(1);
        // It is tried again a minute later; then the first try has ended.
        await time.WaitForTimersAsync();
        while (origin.Requests.Count < 2)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        Assert.Equal(1, policy.BlockedCount);
    }

    // Leads from one place to another, gives its list once, and then says that it is the same.
    private static TestOrigin StartListServer()
    {
        var given = 0;
        return TestOrigin.Start(OriginScripts.EachRequest(async (connection, head, _) =>
        {
            if (head.StartsWith("GET /old", StringComparison.Ordinal))
                await connection.SendAsync("HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n");
            else if (Interlocked.Increment(ref given) == 1)
                await connection.SendAsync("HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: 23\r\n\r\n0.0.0.0 fetched.example");
            else
                await connection.SendAsync(head.Contains("\"one\"", StringComparison.Ordinal) ? "HTTP/1.1 304 Not Modified\r\n\r\n" : "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
        }));
    }

    private static NameKey Key(string name)
    {
        var key = new NameKey();
        key.TryLoad(DomainName.Parse(name).Wire);
        return key;
    }

    /// <summary>A service alone in a server.</summary>
    private sealed class RunningService : IAsyncDisposable
    {
        private readonly Server _server;
        private readonly Task<int> _running;

        private RunningService(Net.IService service, TimeProvider time)
        {
            _server = new Server(new ServerOptions { HandleSignals = false, Threads = 1, GracePeriodSeconds = 5 }, time: time);
            Ready = _server.Add(service).Ready;
            _running = _server.RunAsync();
        }

        private Task Ready { get; }

        public static async Task<RunningService> StartAsync(Net.IService service, TimeProvider time)
        {
            var running = new RunningService(service, time);
            await running.Ready;
            return running;
        }

        public async ValueTask DisposeAsync()
        {
            await _server.StopAsync(ShutdownKind.Fast);
            await _running;
            await _server.DisposeAsync();
        }
    }
}
