namespace Securely.Dns.Tests.Zones;

public sealed class ZoneReloaderTests : IDisposable
{
    private static readonly DomainName Apex = DomainName.Parse("example.test");
    private readonly TemporaryDirectory _folder = new();
    private readonly Catalog _catalog = new();
    private readonly LogLines _log = new();
    private readonly ZoneReloader _reloader;
    private DateTime _written = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public ZoneReloaderTests()
    {
        _reloader = new ZoneReloader(_catalog);
        Write("part.zone", "www A 192.0.2.1\n");
        Write("main.zone", Head(1));
        var file = ZoneFileReader.Read(Path.Combine(_folder.Path, "main.zone"), Apex);
        Assert.True(Zone.TryBuild(file, out var zone));
        _catalog.Put(zone);
        _reloader.Watch(file);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_has_not_changed_is_left_alone()
    {
        var before = _catalog.Zones[0];
        _reloader.Check(_log);
        Assert.Same(before, _catalog.Zones[0]);
        Assert.Empty(_log.Text);
    }

    [Fact]
    public void A_file_that_has_changed_is_read_again()
    {
        Write("main.zone", Head(2) + "new A 192.0.2.2\n");
        _reloader.Check(_log);
        Assert.Equal(2u, _catalog.Zones[0].Serial);
        Assert.Equal(["Information Zone [example.test.] was read again: serial 2, 4 records"], _log.Text);
        _reloader.Check(_log);
        Assert.Single(_log.Text);
    }

    [Fact]
    public void So_is_one_whose_included_file_has_changed_and_the_serial_is_missed()
    {
        Write("part.zone", "www A 192.0.2.99\n");
        _reloader.Check(_log);
        Assert.Equal("192.0.2.99", Assert.Single(InProcess.Ask(_catalog.Zones[0], "www.example.test", RecordType.A).Answers).DataText);
        Assert.Equal("Warning The serial 1 of zone [example.test.] has not grown from 1; secondaries will not notice the change", _log.Text[1]);
    }

    [Fact]
    public void A_file_with_errors_leaves_the_zone_as_it_was_until_it_is_mended()
    {
        Write("main.zone", Head(2) + "bad A x\n");
        _reloader.Check(_log);
        _reloader.Check(_log);
        Assert.Equal(1u, _catalog.Zones[0].Serial);
        Assert.Equal($"Error Zone [example.test.] has changed but cannot be used, so the old one stays: {Path.Combine(_folder.Path, "main.zone")}:5:7: [x] is not an IPv4 address", Assert.Single(_log.Text));
        Write("main.zone", Head(3));
        _reloader.Check(_log);
        Assert.Equal(3u, _catalog.Zones[0].Serial);
    }

    [Fact]
    public void A_file_that_is_away_for_a_moment_harms_nothing()
    {
        File.Delete(Path.Combine(_folder.Path, "main.zone"));
        _reloader.Check(_log);
        Assert.Equal(1u, _catalog.Zones[0].Serial);
        Assert.StartsWith("Error Zone [example.test.] has changed but cannot be used", Assert.Single(_log.Text), StringComparison.Ordinal);
        Write("main.zone", Head(2));
        _reloader.Check(_log);
        Assert.Equal(2u, _catalog.Zones[0].Serial);
    }

    [Fact]
    public void What_nobody_has_foreseen_costs_one_zone_its_change_and_no_more()
    {
        var other = DomainName.Parse("other.test");
        var reloader = new ZoneReloader(_catalog)
        {
            Read = (path, apex) => apex.Equals(other) ? ZoneFileReader.Read(path, apex) : throw new InvalidOperationException("unforeseen"),
        };
        reloader.Watch(ZoneFileReader.Read(_folder.File("main.zone"), Apex));
        Write("other.zone", "$TTL 60\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1.example.test.\n");
        reloader.Watch(ZoneFileReader.Read(_folder.File("other.zone"), other));
        Write("main.zone", Head(2));
        Write("other.zone", "$TTL 60\n@ SOA ns1 admin 2 2 3 4 5\n@ NS ns1.example.test.\n");
        reloader.Check(_log);
        reloader.Check(_log);
        Assert.Equal(["Error Zone [example.test.] has changed but could not be read, so the old one stays", "Information Zone [other.test.] was read again: serial 2, 2 records"], _log.Text);
        Assert.Equal([1u, 2u], _catalog.Zones.Select(zone => zone.Serial));
    }

    private static string Head(uint serial) => $"$TTL 60\n@ SOA ns1 admin {serial} 2 3 4 5\n@ NS ns1.other.test.\n$INCLUDE part.zone\n";

    // Each time a second later, so that the change shows whatever the file system's clock is like.
    private void Write(string name, string text)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, _written = _written.AddSeconds(1));
    }
}
