using System.Net;

namespace Securely.Dns.Tests.Transfer;

/// <summary>Transfers both ways with BIND and Knot (RFC 5936, RFC 1995, RFC 1996), all of them signed.</summary>
public sealed class PeerTests : IDisposable
{
    private const string Zone = "example.test";
    private const string Text = "$TTL 60\n@ SOA ns1 admin 7 3600 3600 36000 5\n@ NS ns1\nns1 A 192.0.2.53\nold A 192.0.2.1\n$GENERATE 1-5000 host$ TXT \"text number $\"\n";

    // The same, each record by itself for those who do not know $GENERATE; it takes many messages.
    private static readonly string _expanded =
        "$ORIGIN example.test.\n$TTL 60\n@ SOA ns1 admin 7 3600 3600 36000 5\n@ NS ns1\nns1 A 192.0.2.53\nold A 192.0.2.1\n"
        + string.Concat(Enumerable.Range(1, 5000).Select(number => $"host{number} TXT \"text number {number}\"\n"));

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Knot_takes_our_zone_and_hears_of_every_change()
    {
        var address = KeptServer.ReserveAddress();
        await using var peer = await ExternalServer.StartAsync(PeerPrograms.KnotSecondary(Zone, IPEndPoint.Parse(address)));
        await using var server = await StartPrimaryAsync(address, peer.EndPoint);
        await FollowsAsync(server, peer.EndPoint);
        // It took the changes, not all of the zone again.
        await UntilAsync(() => peer.Process.Error.Contains("IXFR, incoming", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bind_takes_our_zone_and_hears_of_every_change()
    {
        var address = KeptServer.ReserveAddress();
        ExternalServer peer;
        // It has to find us when it starts, and we have to know its port when we start.
        await using (await StartPrimaryAsync(address, IPEndPoint.Parse(KeptServer.ReserveAddress())))
        {
            peer = await ExternalServer.StartAsync(PeerPrograms.BindSecondary(Zone, IPEndPoint.Parse(address)));
            await KeptServer.AskUntilAsync(peer.EndPoint, $"host5000.{Zone}", RecordType.Txt, answer => answer.Answers.Count == 1);
        }

        await using var ending = peer;
        await using var server = await StartPrimaryAsync(address, peer.EndPoint);
        await FollowsAsync(server, peer.EndPoint);
        await UntilAsync(() => peer.Process.Error.Contains("transferred serial 8", StringComparison.Ordinal));
        Assert.Contains("1 messages, 6 records", peer.Process.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BIND")]
    [InlineData("Knot")]
    public async Task We_take_a_zone_of_a_primary_and_hear_of_every_change(string program)
    {
        var address = KeptServer.ReserveAddress();
        var us = IPEndPoint.Parse(address);
        await using var peer = await ExternalServer.StartAsync(program == "BIND" ? PeerPrograms.BindPrimary(Zone, _expanded, us) : PeerPrograms.KnotPrimary(Zone, _expanded, us));
        await KeptServer.AskUntilAsync(peer.EndPoint, $"old.{Zone}", RecordType.A, answer => answer.Answers.Count == 1);
        var zone = new KeptZone(DomainName.Parse(Zone)) { Primaries = [new ZonePeer(peer.EndPoint, KeptServer.Key.Name)] };
        var options = new ZoneKeeperOptions { Directory = _folder.Path, Zones = [zone] };
        await using (var server = await KeptServer.StartAsync(options, [], address: address))
        {
            await server.AskUntilAsync($"old.{Zone}", RecordType.A, answer => answer.Answers.Count == 1);
            Assert.Equal("\"text number 5000\"", Assert.Single((await server.AskAsync($"host5000.{Zone}", RecordType.Txt)).Answers).DataText);

            for (var i = 0; i < 3; i++)
            {
                Assert.Equal("", await KeptServer.UpdateAsync(peer.EndPoint, $"zone {Zone}\nupdate add new{i}.{Zone} 60 A 192.0.2.{i}\nupdate delete new{i - 1}.{Zone}"));
                await server.AskUntilAsync($"new{i}.{Zone}", RecordType.A, answer => answer.Answers.Count == 1);
            }

            Assert.Equal(ResponseCode.NoSuchName, (await server.AskAsync($"new1.{Zone}", RecordType.A)).Code);
            Assert.True(server.Catalog.TryGet(zone.Name, out var copy));
            // What came as changes is known as changes, for secondaries of ours.
            Assert.Equal(7u, copy.History[0].From);
            Assert.Equal(copy.Records().Count(), copy.RecordCount);
        }

        // The copy is answered from at once when the server starts again, whether its primary is there or not.
        await peer.DisposeAsync();
        await using var again = await KeptServer.StartAsync(options, [], address: address);
        Assert.Equal("192.0.2.2", Assert.Single((await again.AskAsync($"new2.{Zone}", RecordType.A)).Answers).DataText);
    }

    [Theory]
    [InlineData("hmac-sha256", "d3Jvbmc=")]
    public async Task A_primary_that_does_not_know_our_key_gives_nothing(string algorithm, string secret)
    {
        await using var peer = await ExternalServer.StartAsync(PeerPrograms.BindPrimary(Zone, _expanded));
        var catalog = new Catalog();
        var key = new TsigKey(KeptServer.Key.Name, algorithm, Convert.FromBase64String(secret));
        using var keeper = new ZoneKeeper(catalog, new ZoneKeeperOptions { Keys = [key], Zones = [new KeptZone(DomainName.Parse(Zone)) { Primaries = [new ZonePeer(peer.EndPoint, key.Name)] }] });
        keeper.Load(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var zone = keeper.Zones.Single();
        var error = await Assert.ThrowsAsync<ZoneTransferException>(() => new ZoneRefresh(keeper, zone, zone.Options.Primaries[0]).RunAsync(TestContext.Current.CancellationToken));
        Assert.Contains("it did not accept our signature (error 16)", error.Message, StringComparison.Ordinal);
        Assert.True(catalog.Zones[0].IsExpired);
    }

    private Task<KeptServer> StartPrimaryAsync(string address, IPEndPoint secondary) => KeptServer.StartAsync(
        new ZoneKeeperOptions { Directory = _folder.Path, Zones = [KeptServer.Updatable(Zone) with { Notify = [new ZonePeer(secondary, KeptServer.Key.Name)] }] },
        [InProcess.Zone(Zone, Text)],
        address: address);

    private static async Task FollowsAsync(KeptServer server, IPEndPoint peer)
    {
        await KeptServer.AskUntilAsync(peer, $"host5000.{Zone}", RecordType.Txt, answer => answer.Answers.Count == 1);
        Assert.Equal("", await server.UpdateAsync($"zone {Zone}\nupdate add new.{Zone} 60 A 192.0.2.9\nupdate delete old.{Zone}"));
        await KeptServer.AskUntilAsync(peer, $"new.{Zone}", RecordType.A, answer => answer.Answers.Count == 1);
        Assert.Equal(ResponseCode.NoSuchName, (await KeptServer.AskAsync(peer, $"old.{Zone}", RecordType.A)).Code);
        Assert.Equal(8u, SerialNumber.Of((await KeptServer.AskAsync(peer, Zone, RecordType.Soa)).Answers[0]));
    }

    private static async Task UntilAsync(Func<bool> isTrue)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(100));
        while (!isTrue())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
