namespace Securely.Dns.Tests.Journal;

public sealed class ZoneJournalTests : IDisposable
{
    private const string Text = "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\n";
    private readonly TemporaryDirectory _folder = new();

    private string Path => _folder.File("example.test.journal");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_added_is_read_again()
    {
        var zone = InProcess.Zone("example.test", Text);
        var changes = Changes(zone, 3);
        using (var journal = ZoneJournal.Create(Path, [.. zone.Records()], [], null))
        {
            journal.Append([changes[0]]);
            journal.Append([changes[1], changes[2]], DateTimeOffset.UnixEpoch.AddSeconds(5));
        }

        using var again = ZoneJournal.Open(Path, out var content);
        Assert.NotNull(again);
        Assert.Equal(zone.Records(), content.Zone);
        Assert.Equal([(7u, 8u), (8u, 9u), (9u, 10u)], content.Changes.Select(change => (change.From, change.To)));
        Assert.Equal("host2.example.test. 60 IN A 192.0.2.2", Assert.Single(content.Changes[2].Added).ToString());
        Assert.Equal("host1.example.test. 60 IN A 192.0.2.1", Assert.Single(content.Changes[2].Removed).ToString());
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(5), content.Confirmed);
        Assert.Equal(0, content.TornBytes);
    }

    [Fact]
    public void A_tail_that_is_torn_anywhere_costs_the_last_entry_only()
    {
        var zone = InProcess.Zone("example.test", Text);
        var changes = Changes(zone, 2);
        long whole;
        using (var journal = ZoneJournal.Create(Path, [.. zone.Records()], [], null))
        {
            journal.Append([changes[0]]);
            whole = journal.Length;
            journal.Append([changes[1]]);
        }

        var bytes = File.ReadAllBytes(Path);
        for (var length = whole; length < bytes.Length; length += 9)
        {
            File.WriteAllBytes(Path, bytes[..(int)length]);
            using (var torn = ZoneJournal.Open(Path, out var content))
            {
                Assert.Single(content.Changes);
                Assert.Equal(length - whole, content.TornBytes);
                torn!.Append([changes[1]]);
            }

            using var mended = ZoneJournal.Open(Path, out var after);
            Assert.Equal(2, after.Changes.Count);
        }
    }

    [Fact]
    public void A_bit_that_has_changed_is_noticed_and_the_rest_is_kept_beside()
    {
        var zone = InProcess.Zone("example.test", Text);
        var changes = Changes(zone, 3);
        long first;
        using (var journal = ZoneJournal.Create(Path, [.. zone.Records()], [], null))
        {
            journal.Append([changes[0]]);
            first = journal.Length;
            journal.Append([changes[1]]);
            journal.Append([changes[2]]);
        }

        var bytes = File.ReadAllBytes(Path);
        bytes[first + 20] ^= 1;
        File.WriteAllBytes(Path, bytes);
        using var journalAfter = ZoneJournal.Open(Path, out var content);
        Assert.Single(content.Changes);
        Assert.Equal(bytes.Length - first, content.TornBytes);
        Assert.Equal(bytes[(int)first..], File.ReadAllBytes(Path + ".torn"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("SECDNSJ1")]
    [InlineData("something else altogether")]
    public void A_file_that_is_no_journal_is_refused_and_left_alone(string text)
    {
        File.WriteAllText(Path, text);
        var error = Assert.Throws<JournalBrokenException>(() => ZoneJournal.Open(Path, out _));
        Assert.Contains($"[{Path}]", error.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(Path));
    }

    [Fact]
    public void Data_of_a_type_that_was_only_bytes_when_it_was_written_is_still_taken()
    {
        var odd = ResourceRecord.OfValid(DomainName.Parse("x.example.test"), RecordType.Eui48, 60, [1, 2, 3]);
        ZoneJournal.Create(Path, [.. InProcess.Zone("example.test", Text).Records(), odd], [], null).Dispose();
        using var journal = ZoneJournal.Open(Path, out var content);
        Assert.Equal(odd, content.Zone![^1]);
        Assert.Equal(@"\# 3 010203", content.Zone[^1].DataText);
    }

    [Fact]
    public void Two_cannot_have_it_at_once()
    {
        using var journal = ZoneJournal.Create(Path, [.. InProcess.Zone("example.test", Text).Records()], [], null);
        Assert.Throws<IOException>(() => ZoneJournal.Open(Path, out _));
    }

    [Fact]
    public void Checksums_are_those_of_every_other_program() =>
        // The check value of CRC-32C is over the digits 1 to 9.
        Assert.Equal(0xE3069283u, JournalCodec.Checksum((byte)'1', "23456789"u8));

    [Theory]
    [InlineData(1u, 0u, true)]
    [InlineData(0u, 0xFFFFFFFFu, true)]
    [InlineData(0x7FFFFFFFu, 0u, true)]
    [InlineData(0x80000000u, 0u, false)]
    [InlineData(0u, 0x80000000u, false)]
    [InlineData(5u, 5u, false)]
    [InlineData(4u, 5u, false)]
    public void Serial_numbers_go_round(uint serial, uint than, bool newer) => Assert.Equal(newer, SerialNumber.IsNewer(serial, than));

    [Fact]
    public void A_history_keeps_what_is_worth_sending()
    {
        var zone = InProcess.Zone("example.test", Text);
        var changes = Changes(zone, 600);
        var history = ZoneChange.Extend([], changes, zone.RecordCount);
        // Each change has its two SOA records and, the first aside, one removed and one added.
        Assert.Equal(250, history.Length);
        Assert.Equal(changes[^1], history[^1]);
        Assert.Null(ZoneChange.Since(history, changes[0].From));
        Assert.Equal(3, ZoneChange.Since(history, changes[597].From)!.Value.Count);
    }

    // Each gives the next host an address and takes the one before away.
    internal static List<ZoneChange> Changes(Zone zone, int count)
    {
        var edit = new ZoneEdit(zone);
        for (var i = 0; i < count; i++)
        {
            edit.Remove(DomainName.Parse($"host{i - 1}.example.test"), RecordType.A);
            edit.Add(ResourceRecord.Parse(DomainName.Parse($"host{i}.example.test"), RecordType.A, 60, $"192.0.2.{i % 250}"));
            Assert.NotNull(edit.Finish(soa => SerialNumber.With(soa, SerialNumber.Next(SerialNumber.Of(soa)))));
        }

        return [.. edit.Changes];
    }
}
