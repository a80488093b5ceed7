using System.Net;

namespace Securely.Dns.Tests.Caching;

/// <summary>What is kept of the answers of others, for how long, and what it costs to give it.</summary>
public sealed class AnswerCacheTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly byte[] _response = new byte[65535];

    [Fact]
    public void A_hit_has_the_time_that_is_left()
    {
        var (responder, recursion) = Make();
        recursion.Cache.Put(Build(recursion, "www.example.org", "www.example.org 300 CNAME web.example.org", "web.example.org 200 A 192.0.2.7"));
        _time.Advance(TimeSpan.FromSeconds(50));
        var answer = Ask(responder, "WWW.example.org");
        Assert.Equal([250u, 150u], answer!.Answers.Select(record => record.Ttl));
        Assert.True(answer.RecursionAvailable);
        Assert.False(answer.IsAuthoritative);
        Assert.Equal("WWW.example.org.", answer.Questions[0].Name.ToString());
        _time.Advance(TimeSpan.FromSeconds(150));
        Assert.Null(Ask(responder, "www.example.org"));
    }

    [Fact]
    public void A_hit_allocates_nothing()
    {
        var (responder, recursion) = Make();
        recursion.Cache.Put(Build(recursion, "www.example.org", "www.example.org 300 A 192.0.2.7"));
        var question = Question("www.example.org").Encode();
        for (var i = 0; i < 3; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var length = responder.Respond(question, _response, [127, 0, 0, 1], isStream: false);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(length > 40);
            if (i > 0)
                Assert.Equal(0, allocated);
        }
    }

    [Fact]
    public void A_ttl_is_capped()
    {
        var (responder, recursion) = Make(options => options with { Cache = new DnsCacheOptions { MaximumTtl = TimeSpan.FromSeconds(100) } });
        recursion.Cache.Put(Build(recursion, "www.example.org", "www.example.org 300 A 192.0.2.7"));
        Assert.Equal(100u, Ask(responder, "www.example.org")!.Answers[0].Ttl);
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.Null(Ask(responder, "www.example.org"));
    }

    [Theory]
    [InlineData(3600, 60, 60)]
    [InlineData(30, 60, 30)]
    [InlineData(90000, 90000, 3600)]
    public void A_name_that_does_not_exist_has_no_records_of_any_type_for_as_long_as_its_soa_says(uint ttl, uint minimum, int seconds)
    {
        var (responder, recursion) = Make();
        var soa = Record($"example.org {ttl} SOA a b 1 2 3 4 {minimum}");
        recursion.Cache.Put(Filter(recursion).Build(ForwardKey.Of(DomainName.Parse("no.example.org"), RecordType.A), new DnsMessage { IsResponse = true, Code = ResponseCode.NoSuchName, Authorities = [soa] }, false, recursion.Now)!);
        var answer = Ask(responder, "no.example.org", RecordType.Mx)!;
        Assert.Equal(ResponseCode.NoSuchName, answer.Code);
        Assert.Equal((uint)seconds, Assert.Single(answer.Authorities).Ttl);
        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.NotNull(Ask(responder, "no.example.org"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Ask(responder, "no.example.org"));
    }

    [Theory]
    [InlineData("example.com 300 SOA a b 1 2 3 4 60")]
    [InlineData("")]
    public void Without_an_soa_of_its_own_zone_nobody_says_how_long_a_name_is_missing(string soa)
    {
        var (_, recursion) = Make();
        var message = new DnsMessage { IsResponse = true, Code = ResponseCode.NoSuchName, Authorities = soa.Length > 0 ? [Record(soa)] : [] };
        var entry = Filter(recursion).Build(ForwardKey.Of(DomainName.Parse("no.example.org"), RecordType.A), message, false, recursion.Now)!;
        Assert.Equal((0u, 0), (entry.Ttl, entry.Authorities));
    }

    [Fact]
    public void A_record_that_appears_takes_the_place_of_its_lack()
    {
        var (responder, recursion) = Make();
        var soa = Record("example.org 20 SOA a b 1 2 3 4 20");
        recursion.Cache.Put(Filter(recursion).Build(ForwardKey.Of(DomainName.Parse("www.example.org"), RecordType.A), new DnsMessage { IsResponse = true, Code = ResponseCode.NoSuchName, Authorities = [soa] }, false, recursion.Now)!);
        _time.Advance(TimeSpan.FromSeconds(20));
        recursion.Cache.Put(Build(recursion, "www.example.org", "www.example.org 10 A 192.0.2.7"));
        Assert.Equal(ResponseCode.Success, Ask(responder, "www.example.org")!.Code);
        _time.Advance(TimeSpan.FromSeconds(10));
        recursion.Cache.Put(Filter(recursion).Build(ForwardKey.Of(DomainName.Parse("www.example.org"), RecordType.A), new DnsMessage { IsResponse = true, Code = ResponseCode.NoSuchName, Authorities = [soa] }, false, recursion.Now)!);
        Assert.Equal(ResponseCode.NoSuchName, Ask(responder, "www.example.org")!.Code);
    }

    [Fact]
    public void An_old_answer_is_found_as_long_as_it_may_be_given()
    {
        var (responder, recursion) = Make(options => options with { Cache = new DnsCacheOptions { MaximumStale = TimeSpan.FromSeconds(100) } });
        recursion.Cache.Put(Build(recursion, "www.example.org", "www.example.org 300 A 192.0.2.7"));
        var key = ForwardKey.Of(DomainName.Parse("www.example.org"), RecordType.A);
        Assert.Null(recursion.FindStale(key));
        _time.Advance(TimeSpan.FromSeconds(399));
        var stale = recursion.FindStale(key)!;
        // For a while after a try that has failed it is given without another.
        Assert.Null(Ask(responder, "www.example.org"));
        stale.RetryAt = recursion.Now + 1;
        var answer = Ask(responder, "www.example.org")!;
        Assert.Equal(30u, answer.Answers[0].Ttl);
        Assert.Equal("0003", Convert.ToHexString(answer.Edns!.Find(EdnsOptionCode.ExtendedError)!.Value.Span));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(recursion.FindStale(key));
    }

    [Fact]
    public void What_is_asked_for_often_is_fetched_early_once()
    {
        var (_, recursion) = Make();
        var entry = Build(recursion, "www.example.org", "www.example.org 100 A 192.0.2.7");
        entry.Use(0);
        Assert.False(entry.ShouldRefresh(95));
        entry.Use(0);
        Assert.False(entry.ShouldRefresh(89));
        Assert.True(entry.ShouldRefresh(90));
        Assert.False(entry.ShouldRefresh(91));
    }

    [Fact]
    public void It_takes_no_more_bytes_than_it_may_and_keeps_what_was_used_last()
    {
        var (_, recursion) = Make();
        var cache = new AnswerCache(256 * 1024);
        var favourite = Build(recursion, "favourite.example.org", "favourite.example.org 300 A 192.0.2.7");
        cache.Put(favourite);
        for (var i = 0; i < 5000; i++)
        {
            favourite.Use(i + 1);
            cache.Put(Build(recursion, $"n{i}.example.org", $"n{i}.example.org 300 A 192.0.2.7"));
            Assert.True(cache.Bytes <= 256 * 1024);
        }

        Assert.InRange(cache.Count, 100, 1200);
        Assert.Same(favourite, cache.Find(favourite.Key, 0));
    }

    [Fact]
    public void Names_that_do_not_exist_have_a_quarter_of_it()
    {
        var (_, recursion) = Make();
        var cache = new AnswerCache(512 * 1024);
        for (var i = 0; i < 5000; i++)
            cache.Put(AnswerFilter.Failure(ForwardKey.Of(DomainName.Parse($"n{i}.example.org"), RecordType.A), 22, "none", recursion.Now));
        Assert.InRange(cache.Bytes, 32 * 1024, 128 * 1024);
    }

    [Fact]
    public void A_cache_without_bytes_keeps_nothing()
    {
        var (_, recursion) = Make();
        var cache = new AnswerCache(0);
        cache.Put(Build(recursion, "www.example.org", "www.example.org 300 A 192.0.2.7"));
        Assert.Equal((0, 0L), (cache.Count, cache.Bytes));
    }

    [Fact]
    public void Names_are_forgotten_alone_or_with_what_is_below_them()
    {
        var (_, recursion) = Make();
        foreach (var name in (string[])["example.org", "www.example.org", "a.www.example.org", "xexample.org"])
            recursion.Cache.Put(Build(recursion, name, $"{name} 300 A 192.0.2.7"));
        Assert.Equal(1, recursion.Cache.Flush(DomainName.Parse("WWW.example.org"), withBelow: false));
        Assert.Equal(2, recursion.Cache.Flush(DomainName.Parse("example.org"), withBelow: true));
        Assert.Equal(1, recursion.Cache.Flush(null, withBelow: false));
        Assert.Equal((0, 0L), (recursion.Cache.Count, recursion.Cache.Bytes));
    }

    [Fact]
    public void Signatures_are_for_those_who_ask_for_them()
    {
        var (responder, recursion) = Make();
        recursion.Cache.Put(Build(recursion, "www.example.org", "www.example.org 300 A 192.0.2.7"));
        Assert.Null(Ask(responder, "www.example.org", wantsProof: true));
        Assert.NotNull(Ask(responder, "www.example.org"));
    }

    [Theory]
    [InlineData("8.8.8.8", true, "Refused 0012")]
    [InlineData("2001:db8::1", true, "Refused 0012")]
    [InlineData("127.0.0.1", false, "Refused 0014")]
    [InlineData("192.168.7.7", true, "Success ")]
    [InlineData("fd00::7", true, "Success ")]
    public void Only_local_networks_are_answered_and_only_when_they_want_others_to_be_asked(string client, bool wantsRecursion, string expected)
    {
        var (responder, recursion) = Make();
        recursion.Cache.Put(Build(recursion, "www.example.org", "www.example.org 300 A 192.0.2.7"));
        var question = (Question("www.example.org") with { RecursionDesired = wantsRecursion }).Encode();
        var length = responder.Respond(question, _response, IPAddress.Parse(client).GetAddressBytes(), isStream: false);
        Assert.True(DnsMessage.TryDecode(_response.AsSpan(0, length), out var answer));
        Assert.StartsWith(expected.TrimEnd(), $"{answer.Code} {(answer.Edns!.Find(EdnsOptionCode.ExtendedError) is { } error ? Convert.ToHexString(error.Span[..2]) : "")}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OpCode.Update, RecordType.Soa)]
    [InlineData(OpCode.Notify, RecordType.Soa)]
    [InlineData(OpCode.Query, RecordType.Axfr)]
    [InlineData(OpCode.Query, RecordType.Ixfr)]
    [InlineData(OpCode.Query, RecordType.Tsig)]
    public void What_is_no_question_for_records_goes_to_nobody(OpCode operation, RecordType type)
    {
        var (responder, _) = Make();
        foreach (var isStream in (bool[])[false, true])
        {
            var length = responder.Respond((Question("www.example.org", type) with { OpCode = operation }).Encode(), _response, [127, 0, 0, 1], isStream);
            Assert.True(length > 0);
            Assert.Null(responder.Wanted.Key);
        }
    }

    [Fact]
    public void An_answer_that_does_not_fit_is_truncated()
    {
        var (responder, recursion) = Make();
        recursion.Cache.Put(Build(recursion, "big.example.org", [.. Enumerable.Range(0, 100).Select(i => $"big.example.org 300 A 192.0.2.{i}")]));
        var answer = Ask(responder, "big.example.org")!;
        Assert.True(answer.IsTruncated);
        Assert.Empty(answer.Answers);
        Assert.Equal(100, Ask(responder, "big.example.org", isStream: true)!.Answers.Count);
    }

    private static ResourceRecord Record(string text)
    {
        var parts = text.Split(' ', 4);
        Assert.True(ResourceRecord.TryParseType(parts[2], out var type));
        return ResourceRecord.Parse(DomainName.Parse(parts[0]), type, uint.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), parts[3]);
    }

    private static AnswerFilter Filter(Recursion recursion) => new(recursion.Options.Cache, recursion.Options.Names, null);

    private static CacheEntry Build(Recursion recursion, string name, params string[] records)
    {
        var message = new DnsMessage { IsResponse = true, Answers = [.. records.Select(Record)] };
        return Filter(recursion).Build(ForwardKey.Of(DomainName.Parse(name), RecordType.A), message, isTrusted: false, recursion.Now)!;
    }

    private static DnsMessage Question(string name, RecordType type = RecordType.A, bool wantsProof = false) =>
        new() { Id = 7, RecursionDesired = true, Questions = [new Question(DomainName.Parse(name), type)], Edns = new Edns { WantsProof = wantsProof } };

    private DnsMessage? Ask(Responder responder, string name, RecordType type = RecordType.A, bool wantsProof = false, bool isStream = false)
    {
        var length = responder.Respond(Question(name, type, wantsProof).Encode(), _response, [127, 0, 0, 1], isStream);
        Assert.Equal(length == 0, responder.Wanted.Key is not null);
        return length == 0 ? null : DnsMessage.TryDecode(_response.AsSpan(0, length), out var answer) ? answer : throw new InvalidOperationException("malformed");
    }

    private (Responder Responder, Recursion Recursion) Make(Func<ForwardingOptions, ForwardingOptions>? change = null)
    {
        var options = new ForwardingOptions();
        var state = new ServerState(new Catalog(), new DnsServerOptions { Forwarding = change is null ? options : change(options) }, _time);
        return (new Responder(state, isLimited: true), state.Recursions[0]);
    }
}
