namespace Securely.Dns.Tests.Forwarding;

/// <summary>What is taken out of an upstream's answer, and what is thrown away.</summary>
public sealed class AnswerFilterTests
{
    [Theory]
    [InlineData("www.example.org 300 A 10.0.0.1")]
    [InlineData("www.example.org 300 A 127.0.0.1")]
    [InlineData("www.example.org 300 A 169.254.1.1")]
    [InlineData("www.example.org 300 A 0.0.0.0")]
    [InlineData("www.example.org 300 AAAA ::1")]
    [InlineData("www.example.org 300 AAAA fd00::1")]
    [InlineData("www.example.org 300 AAAA ::ffff:192.168.1.1")]
    [InlineData("www.example.org 300 AAAA 64:ff9b::192.168.1.1")]
    [InlineData("www.example.org 300 HTTPS 1 . ipv4hint=192.0.2.1,10.0.0.1")]
    [InlineData("www.example.org 300 SVCB 1 . alpn=h2 ipv6hint=fe80::1")]
    public void Private_addresses_of_the_internet_are_taken_out(string text)
    {
        var record = Record(text);
        var message = new DnsMessage { IsResponse = true, Answers = [record] };
        var key = ForwardKey.Of(record.Name, record.Type);
        var guarded = new AnswerFilter(new DnsCacheOptions(), null, new AddressGuard([]));
        var blocked = guarded.Build(key, message, isTrusted: false, 0)!;
        Assert.Equal((0, ExtendedErrors.Blocked, ResponseCode.Success), (blocked.Answers, blocked.Error, blocked.Code));
        Assert.Equal(1, guarded.Build(key, message, isTrusted: true, 0)!.Answers);
        Assert.Equal(1, new AnswerFilter(new DnsCacheOptions(), null, new AddressGuard([DomainName.Parse("example.org")])).Build(key, message, isTrusted: false, 0)!.Answers);
        Assert.Equal(1, new AnswerFilter(new DnsCacheOptions(), null, null).Build(key, message, isTrusted: false, 0)!.Answers);
    }

    [Fact]
    public void Public_addresses_beside_private_ones_stay()
    {
        var message = new DnsMessage { IsResponse = true, Answers = [Record("www.example.org 300 A 10.0.0.1"), Record("www.example.org 300 A 192.0.2.1")] };
        Assert.Equal(1, new AnswerFilter(new DnsCacheOptions(), null, new AddressGuard([])).Build(ForwardKey.Of(DomainName.Parse("www.example.org"), RecordType.A), message, false, 0)!.Answers);
    }

    [Fact]
    public void Aliases_that_go_in_circles_end()
    {
        var entry = Build("a.example.org", "a.example.org 300 CNAME b.example.org", "b.example.org 300 CNAME a.example.org");
        Assert.Equal((2, 0u), (entry.Answers, entry.Ttl));
        Assert.Equal(17, Build("n0.example.org", [.. Enumerable.Range(0, 40).Select(i => $"n{i}.example.org 300 CNAME n{i + 1}.example.org")]).Answers);
    }

    [Fact]
    public void A_redirection_of_a_whole_domain_comes_with_its_alias()
    {
        var entry = Build("x.dn.example.org", "dn.example.org 300 DNAME target.example.org", "x.dn.example.org 300 CNAME x.target.example.org", "x.target.example.org 300 A 192.0.2.7");
        Assert.Equal(3, entry.Answers);
    }

    private static ResourceRecord Record(string text)
    {
        var parts = text.Split(' ', 4);
        Assert.True(ResourceRecord.TryParseType(parts[2], out var type));
        return ResourceRecord.Parse(DomainName.Parse(parts[0]), type, uint.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), parts[3]);
    }

    private static CacheEntry Build(string name, params string[] records)
    {
        var message = new DnsMessage { IsResponse = true, Answers = [.. records.Select(Record)] };
        return new AnswerFilter(new DnsCacheOptions(), null, null).Build(ForwardKey.Of(DomainName.Parse(name), RecordType.A), message, isTrusted: false, 0)!;
    }
}
