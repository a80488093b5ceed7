using Securely.Dns.Tests.Transfer;

namespace Securely.Dns.Tests.Updates;

/// <summary>Checks 51, 54 and 55 of the specification with the real <c>nsupdate</c>.</summary>
public sealed class NsupdateTests : IDisposable
{
    private const string Text = "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\n";
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Check_54_a_change_is_made_once(bool overStream)
    {
        await using var server = await StartAsync();
        const string Script = "zone example.test\nprereq nxdomain new.example.test\nupdate add new.example.test 60 A 192.0.2.9";
        Assert.Equal("", await server.UpdateAsync(Script, overStream));
        Assert.Equal("192.0.2.9", Assert.Single((await server.AskAsync("new.example.test", RecordType.A)).Answers).DataText);
        Assert.Equal(8u, SerialNumber.Of((await server.AskAsync("example.test", RecordType.Soa)).Answers[0]));
        Assert.Equal("update failed: YXDOMAIN", await server.UpdateAsync(Script, overStream));
        Assert.Equal(8u, SerialNumber.Of((await server.AskAsync("example.test", RecordType.Soa)).Answers[0]));
        Assert.Contains("XFR size: 5 records", (await server.DigAsync("-y", KeptServer.KeyText, "example.test", "IXFR=7")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_51_nothing_is_changed_without_the_key()
    {
        await using var server = await StartAsync();
        const string Script = "zone example.test\nupdate add new.example.test 60 A 192.0.2.9";
        Assert.Equal("update failed: REFUSED", await KeptServer.UpdateAsync(server.EndPoint, Script, key: null));
        Assert.Contains("NOTAUTH(BADSIG)", await KeptServer.UpdateAsync(server.EndPoint, Script, key: "hmac-sha256:tkey:d3Jvbmc="), StringComparison.Ordinal);
        Assert.Contains("NOTAUTH(BADKEY)", await KeptServer.UpdateAsync(server.EndPoint, Script, key: "hmac-sha256:other:d3Jvbmc="), StringComparison.Ordinal);
        Assert.Equal(ResponseCode.NoSuchName, (await server.AskAsync("new.example.test", RecordType.A)).Code);
    }

    [Fact]
    public async Task Check_55_what_cannot_be_done_is_said()
    {
        await using var server = await StartAsync();
        Assert.Equal("update failed: NXRRSET", await server.UpdateAsync("zone example.test\nprereq yxrrset no.example.test A\nupdate add x.example.test 60 A 192.0.2.9"));
        Assert.Equal("update failed: NOTZONE", await server.UpdateAsync("zone example.test\nupdate add x.other.test 60 A 192.0.2.9"));
        Assert.Equal("update failed: NOTAUTH", await server.UpdateAsync("zone other.test\nupdate add x.other.test 60 A 192.0.2.9"));
        Assert.Equal("update failed: REFUSED", await server.UpdateAsync("zone fixed.test\nupdate add x.fixed.test 60 A 192.0.2.9"));
        Assert.Equal("", await server.UpdateAsync("zone example.test\nupdate delete example.test SOA\nupdate delete example.test NS\nupdate delete example.test"));
        Assert.Equal(7u, SerialNumber.Of((await server.AskAsync("example.test", RecordType.Soa)).Answers[0]));
        Assert.Single((await server.AskAsync("example.test", RecordType.Ns)).Answers);
    }

    [Fact]
    public async Task What_was_changed_is_there_when_the_server_starts_again()
    {
        await using (var server = await StartAsync())
        {
            for (var i = 0; i < 5; i++)
                Assert.Equal("", await server.UpdateAsync($"zone example.test\nupdate add host{i}.example.test 60 A 192.0.2.{i}\nupdate delete host{i - 2}.example.test"));
        }

        await using var again = await StartAsync();
        Assert.Equal(12u, SerialNumber.Of((await again.AskAsync("example.test", RecordType.Soa)).Answers[0]));
        Assert.Equal(ResponseCode.NoSuchName, (await again.AskAsync("host2.example.test", RecordType.A)).Code);
        Assert.Equal("192.0.2.4", Assert.Single((await again.AskAsync("host4.example.test", RecordType.A)).Answers).DataText);
        // What led there is known too.
        Assert.Contains("XFR size: 10 records", (await again.DigAsync("-y", KeptServer.KeyText, "example.test", "IXFR=10")).Text, StringComparison.Ordinal);
    }

    private Task<KeptServer> StartAsync() => KeptServer.StartAsync(
        new ZoneKeeperOptions { Directory = _folder.Path, Zones = [KeptServer.Updatable("example.test"), new KeptZone(DomainName.Parse("fixed.test"))] },
        [InProcess.Zone("example.test", Text), InProcess.Zone("fixed.test", Text)]);
}
