namespace Securely.Dns.Tests.Zones;

/// <summary>Zone files that include others.</summary>
public sealed class ZoneIncludeTests
{
    private static readonly DomainName Apex = DomainName.Parse("example.test");

    [Fact]
    public void Includes_files_and_goes_back_to_the_origin()
    {
        using var folder = new TemporaryDirectory();
        Directory.CreateDirectory(Path.Combine(folder.Path, "parts"));
        var main = Path.Combine(folder.Path, "main.zone");
        File.WriteAllText(main, "$TTL 60\n@ A 192.0.2.1\n$INCLUDE parts/one.zone sub\nafter A 192.0.2.4\n");
        File.WriteAllText(Path.Combine(folder.Path, "parts", "one.zone"), "in A 192.0.2.2\n$ORIGIN deep\nx A 192.0.2.3\n$INCLUDE two.zone\n");
        File.WriteAllText(Path.Combine(folder.Path, "parts", "two.zone"), "bad A x\n");
        var file = ZoneFileReader.Read(main, Apex);
        Assert.Equal(["example.test.", "in.sub.example.test.", "x.deep.sub.example.test.", "after.example.test."], file.Records.Select(record => record.Name.ToString()));
        Assert.Equal($"{Path.Combine(folder.Path, "parts", "two.zone")}:1:7: [x] is not an IPv4 address", Assert.Single(file.Problems).ToString());
        Assert.Equal(3, file.Files.Count);
    }

    [Theory]
    [InlineData("$TTL 60\n", "$TTL 77\ny A 192.0.2.1\n", 77u)]
    [InlineData("$TTL 60\n", "y 99 A 192.0.2.1\n", 60u)]
    [InlineData("", "y 99 A 192.0.2.1\n", 99u)]
    public void A_ttl_of_an_included_file_holds_for_all_that_follows(string before, string included, uint ttl)
    {
        using var folder = new TemporaryDirectory();
        folder.Write("part.zone", included);
        var file = ZoneFileReader.Read(folder.Write("main.zone", before + "@ 50 NS a.other.\n$INCLUDE part.zone\nx A 192.0.2.2\n"), Apex);
        Assert.Empty(file.Problems);
        Assert.Equal(("x.example.test.", ttl), (file.Records[^1].Name.ToString(), file.Records[^1].Ttl));
    }

    [Fact]
    public void Includes_nothing_outside_of_its_directory()
    {
        using var folder = new TemporaryDirectory();
        var inside = Directory.CreateDirectory(Path.Combine(folder.Path, "zones")).FullName;
        File.WriteAllText(Path.Combine(folder.Path, "secret.zone"), "a 1 A 192.0.2.1\n");
        File.CreateSymbolicLink(Path.Combine(inside, "link.zone"), Path.Combine(folder.Path, "secret.zone"));
        foreach (var name in (string[])["../secret.zone", Path.Combine(folder.Path, "secret.zone"), "link.zone"])
        {
            var main = Path.Combine(inside, "main.zone");
            File.WriteAllText(main, $"$INCLUDE {name}\n");
            var file = ZoneFileReader.Read(main, Apex);
            Assert.Empty(file.Records);
            Assert.Contains("is outside of the directory", Assert.Single(file.Problems).Message, StringComparison.Ordinal);
            Assert.Single(ZoneFileReader.Read(main, Apex, includeRoot: folder.Path).Records);
        }
    }

    [Fact]
    public void A_file_that_includes_itself_ends_however_often_it_does()
    {
        using var folder = new TemporaryDirectory();
        File.CreateSymbolicLink(folder.File("link.zone"), folder.File("main.zone"));
        var main = folder.Write("main.zone", "$INCLUDE main.zone\n$INCLUDE part.zone\n");
        folder.Write("part.zone", "$INCLUDE link.zone\n");
        Assert.Equal(["[main.zone] includes itself", "[link.zone] includes itself"], ZoneFileReader.Read(main, Apex).Problems.Select(problem => problem.Message));
    }

    [Fact]
    public void Files_may_include_files_to_some_depth()
    {
        using var folder = new TemporaryDirectory();
        for (var i = 0; i < 20; i++)
            folder.Write($"{i}.zone", $"h{i} 60 A 192.0.2.1\n$INCLUDE {i + 1}.zone\n");
        var file = ZoneFileReader.Read(folder.File("0.zone"), Apex);
        Assert.Equal("[16.zone] is included more than 16 files deep", Assert.Single(file.Problems).Message);
        Assert.Equal(16, file.Records.Count);
    }

    [Theory]
    [InlineData("\"\"", "[] is not the name of a file")]
    [InlineData(@"a\000b", @"[a\000b] is not the name of a file")]
    public void What_is_no_name_of_a_file_is_a_problem(string name, string message)
    {
        using var folder = new TemporaryDirectory();
        var file = ZoneFileReader.Read(folder.Write("main.zone", $"$INCLUDE {name}\n"), Apex);
        Assert.Equal(message, Assert.Single(file.Problems).Message);
    }
}
