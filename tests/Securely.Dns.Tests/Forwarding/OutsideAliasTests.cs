using Securely.Dns.Tests.Serving;

namespace Securely.Dns.Tests.Forwarding;

/// <summary>Aliases of our zones that lead elsewhere: to another zone of ours, or to names of others (RFC 1034, 4.3.2).</summary>
public sealed class OutsideAliasTests
{
    private const string Start = "$TTL 60\n@ SOA ns admin 1 2 3 4 5\n@ NS ns\nns A 192.0.2.53\n";
    private const string One = Start + "there CNAME www.example.org.\nnone CNAME no.example.org.\nbad CNAME bad.example.org.\nads CNAME ads.example.org.\nother CNAME www.two.test.\nlost CNAME lost.two.test.\n"
        + "far CNAME far.two.test.\nloop CNAME loop.two.test.\n*.wild CNAME www.example.org.\ndn DNAME example.org.\n";

    private const string Two = Start + "www A 192.0.2.99\nfar CNAME www.example.org.\nloop CNAME loop.one.test.\n";

    [Theory]
    [InlineData("there", "Success: there.one.test. CNAME www.example.org., www.example.org. CNAME web.example.org., web.example.org. A 192.0.2.7")]
    [InlineData("a.wild", "Success: a.wild.one.test. CNAME www.example.org., www.example.org. CNAME web.example.org., web.example.org. A 192.0.2.7")]
    [InlineData("www.dn", "Success: dn.one.test. DNAME example.org., www.dn.one.test. CNAME www.example.org., www.example.org. CNAME web.example.org., web.example.org. A 192.0.2.7")]
    [InlineData("none", "NoSuchName: none.one.test. CNAME no.example.org.")]
    [InlineData("bad", "ServerFailure EDE 0: ")]
    [InlineData("ads", "NoSuchName EDE 15: ads.one.test. CNAME ads.example.org.")]
    [InlineData("other", "Success: other.one.test. CNAME www.two.test., www.two.test. A 192.0.2.99")]
    [InlineData("lost", "NoSuchName: lost.one.test. CNAME lost.two.test.")]
    [InlineData("far", "Success: far.one.test. CNAME far.two.test., far.two.test. CNAME www.example.org., www.example.org. CNAME web.example.org., web.example.org. A 192.0.2.7")]
    [InlineData("loop", "Success: loop.one.test. CNAME loop.two.test., loop.two.test. CNAME loop.one.test.")]
    public async Task Whoever_wants_recursion_gets_the_whole_answer(string name, string expected)
    {
        await using var upstream = Upstream();
        await using var server = await StartAsync(upstream);
        // From the upstream first, then from the cache; over a stream too.
        foreach (var isStream in (bool[])[false, false, true])
        {
            var answer = await server.AskAsync($"{name}.one.test", isStream: isStream);
            Assert.Equal(expected, RunningForwarder.Summary(answer));
            Assert.Equal(answer.Code == ResponseCode.NoSuchName && name != "ads" ? 1 : 0, answer.Authorities.Count);
        }
    }

    [Fact]
    public async Task Whoever_does_not_want_it_gets_the_alias_alone()
    {
        await using var upstream = Upstream();
        await using var server = await StartAsync(upstream);
        foreach (var (name, target) in ((string, string)[])[("there", "www.example.org."), ("other", "www.two.test.")])
        {
            var answer = await new DnsClient(server.EndPoint) { Patience = RunningForwarder.Patience }.AskAsync(RunningForwarder.Question($"{name}.one.test") with { RecursionDesired = false });
            Assert.Equal($"Success: {name}.one.test. CNAME {target}", RunningForwarder.Summary(answer));
            Assert.True(answer.IsAuthoritative);
        }

        Assert.Equal($"Success: there.one.test. CNAME www.example.org.", RunningForwarder.Summary(await server.AskAsync("there.one.test", RecordType.Cname)));
    }

    [Fact]
    public async Task Who_may_not_ask_for_names_of_others_gets_the_alias_alone()
    {
        await using var upstream = Upstream();
        await using var server = await StartAsync(upstream, options => options with { AllowedNetworks = [System.Net.IPNetwork.Parse("192.0.2.0/24")] });
        Assert.Equal("Success: there.one.test. CNAME www.example.org.", RunningForwarder.Summary(await server.AskAsync("there.one.test")));
    }

    [Fact]
    public async Task A_question_that_others_answer_is_written_down_once()
    {
        using var directory = new TemporaryDirectory();
        await using var upstream = Upstream();
        using (var log = new DnsQueryLog(new DnsQueryLogOptions { Path = directory.File("queries.log") }))
        {
            await using var server = await StartAsync(upstream, log: log);
            await server.AskAsync("there.one.test");
            await server.AskAsync("web.example.org");
            await server.AskAsync("web.example.org", isStream: true);
        }

        var lines = await File.ReadAllLinesAsync(directory.File("queries.log"), TestContext.Current.CancellationToken);
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.Contains("\"code\":\"NOERROR\"", line, StringComparison.Ordinal));
    }

    private static ScriptedUpstream Upstream() => ScriptedUpstream.Start(question => question.Name.ToLowerInvariant() switch
    {
        "www.example.org." => [question.Answer("@ 300 CNAME web.example.org.", "web.example.org 300 A 192.0.2.7")],
        "web.example.org." => [question.Answer("@ 300 A 192.0.2.7")],
        "no.example.org." => [(question.Reply() with { Code = ResponseCode.NoSuchName, Authorities = [question.Record("example.org 60 SOA ns.example.org. admin.example.org. 1 2 3 4 60")] }).Encode()],
        _ => [(question.Reply() with { Code = ResponseCode.Refused }).Encode()],
    });

    private static Task<RunningNameServer> StartAsync(ScriptedUpstream upstream, Func<ForwardingOptions, ForwardingOptions>? change = null, DnsQueryLog? log = null)
    {
        var names = new NamePolicy();
        names.Replace([DomainList.Read(new StringReader("ads.example.org\n"))], []);
        var options = RunningForwarder.Options(upstream) with { Names = names };
        return RunningNameServer.StartAsync(new DnsServerOptions { Forwarding = change is null ? options : change(options), QueryLog = log }, InProcess.Zone("one.test", One), InProcess.Zone("two.test", Two));
    }
}
