using System.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace Securely.Dns.Tests.Transfer;

/// <summary>Zones that a catalog names (RFC 9432).</summary>
public sealed class CatalogZoneTests : IDisposable
{
    private const string Head = "$TTL 60\n@ SOA invalid. invalid. 1 2 3 4 5\n@ NS invalid.\n";
    private const string Version = "version TXT \"2\"\n";
    private static readonly DomainName CatalogName = DomainName.Parse("cat.test");
    private readonly TemporaryDirectory _folder = new();
    private readonly ZoneKeeper _keeper;

    public CatalogZoneTests()
    {
        var primary = new ZonePeer(new IPEndPoint(IPAddress.Loopback, 1));
        _keeper = new ZoneKeeper(new Catalog(), new ZoneKeeperOptions { Directory = _folder.Path, Zones = [new KeptZone(CatalogName) { Primaries = [primary], IsCatalog = true }] });
        _keeper.Load(NullLogger.Instance);
    }

    public void Dispose()
    {
        _keeper.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Zones_come_and_go_with_their_catalog()
    {
        await TakeAsync(Version + "a.zones PTR one.test.\nb.zones PTR two.test.\n");
        Assert.Equal("cat.test. one.test. two.test.", Names());
        Assert.Equal("127.0.0.1:1", Assert.Single(_keeper.Find(DomainName.Parse("one.test"))!.Options.Primaries).ToString());
        // It is not answered from before it has come.
        Assert.True(_keeper.Catalog.TryGet(DomainName.Parse("one.test"), out var zone) && zone.IsExpired);

        await TakeAsync(Version + "b.zones PTR two.test.\nc.zones PTR three.test.\n");
        Assert.Equal("cat.test. three.test. two.test.", Names());
        Assert.False(_keeper.Catalog.TryGet(DomainName.Parse("one.test"), out _));
    }

    [Fact]
    public async Task What_is_saved_of_a_zone_goes_with_it_and_when_its_label_changes()
    {
        await TakeAsync(Version + "a.zones PTR one.test.\n");
        var zone = _keeper.Find(DomainName.Parse("one.test"))!;
        await GiveAsync(zone);
        Assert.True(File.Exists(_folder.File("one.test.journal")));
        await TakeAsync(Version + "a.zones PTR one.test.\nx.zones PTR two.test.\n");
        Assert.Same(zone, _keeper.Find(DomainName.Parse("one.test")));
        await TakeAsync(Version + "b.zones PTR one.test.\n");
        Assert.NotSame(zone, _keeper.Find(DomainName.Parse("one.test")));
        Assert.False(File.Exists(_folder.File("one.test.journal")));
    }

    [Theory]
    [InlineData("a.zones PTR two.test.\n")]
    [InlineData("version TXT \"1\"\na.zones PTR two.test.\n")]
    [InlineData("version TXT \"2\"\nversion TXT \"3\"\na.zones PTR two.test.\n")]
    [InlineData(Version + "a.zones PTR two.test.\na.zones PTR three.test.\n")]
    [InlineData(Version + "a.zones PTR two.test.\nb.zones PTR two.test.\n")]
    public async Task A_broken_catalog_changes_nothing(string text)
    {
        await TakeAsync(Version + "a.zones PTR one.test.\n");
        await TakeAsync(text);
        Assert.Equal("cat.test. one.test.", Names());
    }

    [Fact]
    public async Task What_is_no_member_is_left_alone()
    {
        await TakeAsync(Version + "a.zones PTR one.test.\ngroup.a.zones TXT \"g\"\nx.y.zones PTR deep.test.\nzones PTR none.test.\nother PTR no.test.\n");
        Assert.Equal("cat.test. one.test.", Names());
    }

    [Fact]
    public async Task A_zone_of_our_own_is_not_taken_by_a_catalog()
    {
        _keeper.Catalog.Put(InProcess.Zone("own.test", Head));
        await TakeAsync(Version + "a.zones PTR own.test.\nb.zones PTR one.test.\n");
        Assert.Null(_keeper.Find(DomainName.Parse("own.test")));
        Assert.True(_keeper.Catalog.TryGet(DomainName.Parse("own.test"), out var own) && !own.IsExpired);
    }

    [Fact]
    public async Task The_zones_are_there_again_when_the_server_starts()
    {
        await TakeAsync(Version + "a.zones PTR one.test.\n");
        await GiveAsync(_keeper.Find(DomainName.Parse("one.test"))!);
        _keeper.Dispose();
        var catalog = new Catalog();
        using var again = new ZoneKeeper(catalog, new ZoneKeeperOptions { Directory = _folder.Path, Zones = [new KeptZone(CatalogName) { Primaries = [new ZonePeer(new IPEndPoint(IPAddress.Loopback, 1))], IsCatalog = true }] });
        again.Load(NullLogger.Instance);
        Assert.True(catalog.TryGet(DomainName.Parse("one.test"), out var zone));
        Assert.Equal(1u, zone.Serial);
    }

    private string Names() => string.Join(' ', _keeper.Catalog.Zones.Select(zone => zone.Apex.ToString()).Order(StringComparer.Ordinal));

    private Task<bool> TakeAsync(string text) => TakeAsync(_keeper.Find(CatalogName)!, InProcess.Zone("cat.test", Head + text));

    private Task<bool> GiveAsync(ManagedZone zone) => TakeAsync(zone, InProcess.Zone("one.test", Head));

    private Task<bool> TakeAsync(ManagedZone zone, Zone snapshot) => _keeper.DoAsync(
        zone,
        _ =>
        {
            zone.Replace(snapshot, _keeper.Now);
            return true;
        },
        isEdit: false);
}
