using System.Globalization;
using System.Text;

namespace Securely.Dns.Tests.Zones;

/// <summary>Records that are answered from where they stand, and lines that are read without a lexer: neither may be seen from outside.</summary>
public sealed class RecordRunTests
{
    private const string Head = "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n";
    private static readonly DomainName Apex = DomainName.Parse("example.test");
    private readonly byte[] _response = new byte[65535];

    public static TheoryData<string> Lines =>
    [
        "a A 192.0.2.1",
        "a 300 IN A 192.0.2.1",
        "a IN A 192.0.2.1",
        "a in a 192.0.2.1",
        "a 300 A 192.0.2.1",
        "a IN 300 A 192.0.2.1",
        "a 1h A 192.0.2.1",
        "A\tIN\tA\t192.0.2.1\t",
        "a A 192.0.2.1\r",
        "A.bC.D A 192.0.2.1",
        "a.other.test. A 192.0.2.1",
        "a.Example.TEST. A 192.0.2.1",
        "a A 192.0.2.1\n A 192.0.2.2\n\tA 192.0.2.3",
        "a A 192.0.2.1\n\n A 192.0.2.2\n;a\n A 192.0.2.3",
        "a A 192.0.2.1\nA A 192.0.2.2\na A 192.0.2.3",
        "300 A 192.0.2.1\n300 300 A 192.0.2.2",
        "in A 192.0.2.1\na A 192.0.2.1",
        "$ORIGIN b\na A 192.0.2.1\n$ORIGIN other.test.\na A 192.0.2.1",
        "_a-b/c A 192.0.2.1",
        "*.w A 192.0.2.1",
        "a\\.b A 192.0.2.1",
        "a\\065 A 192.0.2.1",
        "é A 192.0.2.1",
        "a A 0.0.0.0\nb A 255.255.255.255",
    ];

    public static TheoryData<string> OddLines =>
    [
        "a A 192.0.2",
        "a A 192.0.2.256",
        "a A 192.0.2.01",
        "a A 192.0.2.1.",
        "a A 192.0..1",
        "a A 192.0.2.1 2",
        "a A",
        "a 999999999 A 192.0.2.1",
        "a 2147483647 A 192.0.2.1\nb 4294967295 A 192.0.2.1",
        "a 99999999999 A 192.0.2.1",
        "a..b A 192.0.2.1\n A 192.0.2.2",
        ".a A 192.0.2.1",
        "a.b.. A 192.0.2.1",
        "a CH A 192.0.2.1",
        "a AAAA 2001:db8::1",
        "a TXT b c",
        "a (\nA 192.0.2.1 )\nb A 192.0.2.2",
        "123456789012345678901234567890123456789012345678901234567890123 A 192.0.2.1",
        "1234567890123456789012345678901234567890123456789012345678901234 A 192.0.2.1",
    ];

    /// <summary>A comment is all that makes a line the lexer's.</summary>
    [Theory]
    [MemberData(nameof(Lines))]
    [MemberData(nameof(OddLines))]
    public void A_plain_line_means_what_the_lexer_makes_of_it(string lines)
    {
        var plain = ZoneFileReader.ReadText(Head + lines + "\n", "x", Apex);
        var lexed = ZoneFileReader.ReadText(Head + string.Join('\n', lines.Split('\n').Select(line => line.TrimEnd('\r') + " ;")) + "\n", "x", Apex);
        Assert.Equal(lexed.Records.Select(Text), plain.Records.Select(Text));
        Assert.Equal(lexed.Problems, plain.Problems);
        Assert.Equal(Enumerable.Range(0, lexed.Records.Count).Select(lexed.PlaceOf), Enumerable.Range(0, plain.Records.Count).Select(plain.PlaceOf));
    }

    [Theory]
    [InlineData(240)]
    [InlineData(241)]
    [InlineData(242)]
    [InlineData(254)]
    public void A_plain_owner_has_255_bytes_at_most(int letters)
    {
        var owner = string.Concat(Enumerable.Range(0, letters).Select(i => i % 50 == 49 ? '.' : 'a'));
        var plain = ZoneFileReader.ReadText($"{Head}{owner} A 192.0.2.1\n", "x", Apex);
        var lexed = ZoneFileReader.ReadText($"{Head}{owner} A 192.0.2.1 ;\n", "x", Apex);
        Assert.Equal(lexed.Records.Select(Text), plain.Records.Select(Text));
        Assert.Equal(lexed.Problems, plain.Problems);
    }

    [Fact]
    public void A_line_without_an_end_is_read_too() =>
        Assert.Equal("192.0.2.7", ZoneFileReader.ReadText(Head + "a A 192.0.2.7", "x", Apex).Records[^1].DataText);

    [Fact]
    public void Only_names_that_are_linked_with_others_are_objects()
    {
        var hosts = string.Concat(Enumerable.Range(0, 1000).Select(i => $"h{i} A 10.0.0.{i % 256}\n AAAA 2001:db8::{i}\n"));
        var zone = InProcess.Zone("example.test", Head + hosts + "a.b.c TXT ent\n*.w A 192.0.2.9\n@ MX 10 h5\nd NS ns.d\nns.d A 192.0.2.8\n");
        // The zone, the targets of NS and MX, two names that exist because of others, the wildcard and the name above it, the delegation and its glue.
        Assert.Equal(9, zone.Table.NodeCount);
        Assert.Equal(1009, zone.NameCount);
        Assert.Equal(2008, zone.RecordCount);
        Assert.Equal(zone.RecordCount, zone.Records().Count());
        Assert.Equal("10.0.0.5", InProcess.Ask(zone, "example.test", RecordType.Mx).Additionals[0].DataText);
        Assert.Equal("192.0.2.8", Assert.Single(InProcess.Ask(zone, "x.d.example.test", RecordType.A).Additionals).DataText);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_order_of_records_changes_nothing(int seed)
    {
        var random = new Random(seed);
        var zone = InProcess.Zone("example.test", Head + Mixed(random));
        var records = zone.Records().ToArray();
        Assert.Equal(records.Length, zone.RecordCount);
        random.Shuffle(records);
        var shuffled = Zone.Build(Apex, records);
        Assert.Equal(zone.Records().Select(Text), shuffled.Records().Select(Text));
        Assert.Equal(zone.NameCount, shuffled.NameCount);
        Assert.True(zone.Table.NodeCount < shuffled.Table.NodeCount);
        var names = records.Select(record => record.Name).SelectMany(name => (DomainName[])[name, DomainName.Parse("x." + name), DomainName.Parse("*.x.y." + name)]).Distinct();
        var (one, other) = (InProcess.Responder(zone), InProcess.Responder(shuffled));
        foreach (var question in names.SelectMany(name => new[] { RecordType.A, RecordType.Aaaa, RecordType.Txt, RecordType.Mx, RecordType.Any, RecordType.Ds }.Select(type => new Question(name, type))))
        {
            foreach (var isStream in (bool[])[false, true])
                Assert.Equal(Answer(one, question, isStream), Answer(other, question, isStream));
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void A_zone_that_was_changed_is_as_if_it_had_been_read_so(int seed)
    {
        var random = new Random(seed);
        var zone = InProcess.Zone("example.test", Head + Mixed(random));
        var edit = new ZoneEdit(zone);
        foreach (var record in zone.Records().Where(record => record.Type != RecordType.Soa && !record.Name.Equals(Apex)).ToArray())
        {
            if (random.Next(4) == 0)
                edit.Remove(record.Name, record.Type, record.Equals);
        }

        edit.Add(ResourceRecord.Parse(DomainName.Parse("h1.example.test"), RecordType.Ns, 60, "ns.h1.example.test"));
        edit.Add(ResourceRecord.Parse(DomainName.Parse("ns.h1.example.test"), RecordType.A, 60, "192.0.2.77"));
        edit.Add(ResourceRecord.Parse(DomainName.Parse("new.below.h2.example.test"), RecordType.A, 60, "192.0.2.78"));
        edit.Finish(soa => soa);
        var made = edit.Build();
        var read = Zone.Build(Apex, made.Records());
        Assert.Equal(read.Records().Select(Text), made.Records().Select(Text));
        Assert.Equal(read.RecordCount, made.RecordCount);
        Assert.Equal(read.NameCount, made.NameCount);
        var (one, other) = (InProcess.Responder(made), InProcess.Responder(read));
        foreach (var name in zone.Records().Concat(made.Records()).Select(record => record.Name).Distinct())
            Assert.Equal(Answer(one, new Question(name, RecordType.A), isStream: false), Answer(other, new Question(name, RecordType.A), isStream: false));
    }

    [Fact]
    public void A_set_of_more_than_one_array_stays_together()
    {
        var text = new StringBuilder(Head);
        for (var i = 0; i < 70_000; i++)
            text.Append(CultureInfo.InvariantCulture, $"many A 10.{i / 65536}.{(i / 256) % 256}.{i % 256}\n");
        for (var i = 0; i < 400; i++)
            text.Append(CultureInfo.InvariantCulture, $"large{i % 2} TXT {new string('x', 250)} {i:D5}\n");
        var zone = InProcess.Zone("example.test", text.ToString());
        Assert.Equal(70_403, zone.RecordCount);
        Assert.Equal(["10.0.0.0", "10.1.17.111"], zone.Records().Where(record => record.Name.ToString() == "many.example.test.").Select(record => record.DataText).Where((_, i) => i is 0 or 69_999));
        Assert.True(InProcess.Ask(zone, "many.example.test", RecordType.A).IsTruncated);
        Assert.Equal(200, zone.Records().Count(record => record.Name.ToString() == "large1.example.test."));
    }

    private static string Mixed(Random random)
    {
        var text = new StringBuilder();
        for (var i = 0; i < 150; i++)
        {
            var owner = random.Next(12) switch { 0 => $"H{i}", 1 => $"a.h{random.Next(i + 1)}", 2 => $"x.y{i}.z", 3 => $"*.h{i}", 4 => $"in.d{random.Next(8)}", 5 => $"h{random.Next(i + 1)}", _ => $"h{i}" };
            text.Append(CultureInfo.InvariantCulture, $"{owner} A 10.0.{random.Next(3)}.{random.Next(256)}\n");
            for (var more = random.Next(3); more > 0; more--)
                text.Append(random.Next(3) switch { 0 => $" A 10.1.0.{random.Next(256)}\n", 1 => $" TXT t{random.Next(5)}\n", _ => $" AAAA 2001:db8::{random.Next(1, 9999)}\n" });
        }

        for (var i = 0; i < 4; i++)
            text.Append(CultureInfo.InvariantCulture, $"d{i} NS in.d{i}\nd{i} NS h{i}\ne{i} DNAME h{i}\nx.e{i} A 10.2.0.{i}\nc{i} CNAME h{i}\nm{i} MX {i} h{i + 9}\n");
        return text.ToString();
    }

    private string Answer(Responder responder, Question question, bool isStream)
    {
        var length = responder.Respond(new DnsMessage { Id = 7, Questions = [question], Edns = new Edns { WantsProof = true } }.Encode(), _response, [127, 0, 0, 1], isStream);
        return $"{question.Name} {question.Type} {Convert.ToHexString(_response.AsSpan(0, length))}";
    }

    private static string Text(ResourceRecord record) => record.ToString();
}
