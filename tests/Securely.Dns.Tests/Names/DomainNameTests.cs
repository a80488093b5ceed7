namespace Securely.Dns.Tests.Names;

public sealed class DomainNameTests
{
    [Theory]
    [InlineData("www.example.test", "\u0003www\u0007example\u0004test\0", "www.example.test.")]
    [InlineData("www.example.test.", "\u0003www\u0007example\u0004test\0", "www.example.test.")]
    [InlineData(".", "\0", ".")]
    [InlineData(@"esc\.dot.test", "\u0007esc.dot\u0004test\0", @"esc\.dot.test.")]
    [InlineData(@"a\000b.test", "\u0003a\0b\u0004test\0", @"a\000b.test.")]
    [InlineData(@"\255.test", "\u0001\u00FF\u0004test\0", @"\255.test.")]
    [InlineData("*.test", "\u0001*\u0004test\0", "*.test.")]
    public void Reads_and_writes_names(string text, string wire, string written)
    {
        var name = DomainName.Parse(text);
        Assert.Equal(wire.Select(letter => (byte)letter), name.Wire.ToArray());
        Assert.Equal(written, name.ToString());
        Assert.Equal(name, DomainName.Parse(written));
        Assert.Equal(name, DomainName.FromWire(name.Wire));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData(@"a\")]
    [InlineData(@"a\25")]
    [InlineData(@"a\256")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234.test")]
    [InlineData("a\u0100.test")]
    public void Refuses_what_is_no_name(string text) => Assert.False(DomainName.TryParse(text, out _));

    [Fact]
    public void Has_at_most_255_bytes()
    {
        var label = new string('a', 63);
        Assert.Equal(255, DomainName.Parse($"{label}.{label}.{label}.{new string('a', 61)}").Wire.Length);
        Assert.False(DomainName.TryParse($"{label}.{label}.{label}.{new string('a', 62)}", out _));
        Assert.False(DomainName.TryParse($"{label}.{label}.{label}.{label}.{label}", out _));
        Assert.Equal(127, DomainName.Parse(string.Concat(Enumerable.Repeat("a.", 127))).LabelCount);
        Assert.False(DomainName.TryParse(string.Concat(Enumerable.Repeat("a.", 128)), out _));
    }

    [Fact]
    public void Compares_without_case_and_keeps_it()
    {
        var name = DomainName.Parse("uPPer.Example.TEST");
        Assert.Equal(DomainName.Parse("upper.example.test"), name);
        Assert.Equal(DomainName.Parse("UPPER.EXAMPLE.TEST").GetHashCode(), name.GetHashCode());
        Assert.Equal("uPPer.Example.TEST.", name.ToString());
        Assert.NotEqual(DomainName.Parse("[pper.test"), DomainName.Parse("{pper.test"));
        Assert.NotEqual(DomainName.Parse(@"\192.test"), DomainName.Parse(@"\224.test"));
    }

    [Fact]
    public void Sorts_as_dnssec_does()
    {
        // RFC 4034, 6.1.
        string[] ordered = ["example.", "a.example.", "yljkjljk.a.example.", "Z.a.example.", "zABC.a.EXAMPLE.", "z.example.", @"\001.z.example.", "*.z.example.", @"\200.z.example."];
        var names = ordered.Select(DomainName.Parse).ToList();
        Assert.Equal(names, names.AsEnumerable().Reverse().Order());
    }

    [Theory]
    [InlineData("a.example.test", "example.test", true)]
    [InlineData("example.test", "example.test", true)]
    [InlineData("EXAMPLE.test", "example.TEST", true)]
    [InlineData("badexample.test", "example.test", false)]
    [InlineData("test", "example.test", false)]
    [InlineData("example.test", ".", true)]
    [InlineData(@"\007example.test", "example.test", false)]
    public void Knows_what_is_below_it(string name, string ancestor, bool isWithin) =>
        Assert.Equal(isWithin, DomainName.Parse(name).IsWithin(DomainName.Parse(ancestor)));

    [Fact]
    public void A_lookup_finds_every_ancestor_by_its_hash()
    {
        var key = new NameKey();
        var name = DomainName.Parse("WWW.some-label-of-more-than-eight.example.test");
        key.TryLoad(name.Wire);
        var away = 0;
        for (var ancestor = name; ancestor is not null; ancestor = ancestor.Parent)
        {
            Assert.Equal(ancestor.Hash, key.Hash(away));
            Assert.Equal(ancestor.Lower.ToArray(), key.Ancestor(away).ToArray());
            away++;
        }

        Assert.Equal(5, away);
    }
}
