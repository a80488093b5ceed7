namespace Securely.Dns.Tests.Journal;

public sealed class ZoneTimersTests
{
    [Theory]
    [InlineData("7200 1800 1209600", 7200, 1800, 1209600)]
    // 41 days is common, and what the SOA says is what counts.
    [InlineData("86400 7200 3600000", 86400, 7200, 3600000)]
    // Four weeks and 24 weeks are the most; a second is the least.
    [InlineData("4294967295 2419201 4294967295", 2419200, 2419200, 14515200)]
    [InlineData("0 0 0", 1, 1, 1)]
    // A copy lives at least until it has been asked for again.
    [InlineData("60 600 5", 60, 600, 600)]
    public void A_copy_waits_and_lives_as_its_soa_says(string times, int refresh, int retry, int expire)
    {
        var soa = ResourceRecord.Parse(DomainName.Parse("example.test"), RecordType.Soa, 60, $"ns1. admin. 7 {times} 5");
        var expected = new ZoneTimers(TimeSpan.FromSeconds(refresh), TimeSpan.FromSeconds(retry), TimeSpan.FromSeconds(expire));
        Assert.Equal(expected, ZoneTimers.Of(soa.Data.Span));
    }
}
