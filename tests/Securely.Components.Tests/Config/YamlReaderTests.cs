using Securely.Config;

namespace Securely.Components.Tests.Config;

public sealed class YamlReaderTests
{
    [Fact]
    public void Gives_each_key_and_each_value_its_place()
    {
        var root = YamlReader.Read("threads: 2\nupstreams:\n  app:\n    servers: [a, b]\n", "x.yaml");

        Assert.True(root.TryGetEntry("upstreams", out var upstreams));
        Assert.Equal("x.yaml:2:1", upstreams.KeyOrigin.ToString());
        Assert.Equal("x.yaml:3:3", upstreams.Value.Origin.ToString());
        var app = upstreams.Value.Entries[0];
        Assert.Equal("x.yaml:3:3", app.KeyOrigin.ToString());
        Assert.Equal("x.yaml:4:18", app.Value["servers"]!.Items[1].Origin.ToString());
        Assert.Equal("x.yaml:1:10", root["threads"]!.Origin.ToString());
    }

    [Fact]
    public void Keeps_the_order_of_a_map()
    {
        var root = YamlReader.Read("b: 1\na: 2\nc: 3\n", "x");

        Assert.Equal(["b", "a", "c"], root.Entries.Select(e => e.Key));
    }

    [Fact]
    public void Tells_plain_texts_from_quoted_ones()
    {
        var root = YamlReader.Read("a: 1\nb: \"1\"\nc: '1'\nd: |\n  1\n", "x");

        Assert.Equal([false, true, true, true], root.Entries.Select(e => e.Value.IsQuoted));
        Assert.Equal(["1", "1", "1", "1\n"], root.Entries.Select(e => e.Value.Text));
    }

    [Theory]
    [InlineData("a:\n")]
    [InlineData("a: ~\n")]
    [InlineData("a: null\n")]
    [InlineData("{a}\n")]
    public void Reads_nothing_as_nothing(string yaml) => Assert.Equal(ConfigKind.Null, YamlReader.Read(yaml, "x")["a"]!.Kind);

    [Theory]
    [InlineData("a: \"\"\n")]
    [InlineData("a: 'null'\n")]
    [InlineData("a: \"~\"\n")]
    public void Reads_quoted_nothing_as_a_text(string yaml) => Assert.Equal(ConfigKind.Text, YamlReader.Read(yaml, "x")["a"]!.Kind);

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("\n\n")]
    [InlineData("---\n")]
    public void Reads_an_empty_document_as_nothing(string yaml) => Assert.Equal(ConfigKind.Null, YamlReader.Read(yaml, "x").Kind);

    [Fact]
    public void Skips_a_byte_order_mark() => Assert.Equal("1", YamlReader.Read("\uFEFFa: 1\n", "x")["a"]!.Text);

    [Fact]
    public void Reads_lines_that_end_in_carriage_return_and_line_feed()
    {
        var root = YamlReader.Read("a: 1\r\nb: 2\r\n", "x");

        Assert.Equal("x:2:4", root["b"]!.Origin.ToString());
        Assert.Equal("2", root["b"]!.Text);
    }

    [Fact]
    public void An_alias_repeats_the_value_with_the_place_of_its_definition()
    {
        var root = YamlReader.Read("a: &servers [x, y]\nb: *servers\n", "f");

        Assert.Equal(["x", "y"], root["b"]!.Items.Select(i => i.Text));
        Assert.Equal("f:1:4", root["b"]!.Origin.ToString());
    }

    [Fact]
    public void Finds_keys_of_a_map_with_many_entries()
    {
        var root = YamlReader.Read(string.Concat(Enumerable.Range(0, 40).Select(i => $"k{i}: {i}\n")), "x");

        Assert.Equal("39", root["k39"]!.Text);
        Assert.Null(root["k40"]);
    }

    [Fact]
    public void Goes_on_after_an_error_that_does_not_hide_the_structure()
    {
        var diagnostics = new ConfigDiagnostics();
        var root = YamlReader.Read("a: 1\na: 2\nb: !t 3\nc: 4\n", "x", diagnostics);

        Assert.Equal(2, diagnostics.Items.Count);
        Assert.Equal("1", root!["a"]!.Text);
        Assert.Equal("4", root["c"]!.Text);
    }

    [Fact]
    public void Throws_with_all_errors_when_nobody_collects_them()
    {
        var error = Assert.Throws<ConfigException>(() => YamlReader.Read("a: !t 1\na: 2\n", "x"));

        Assert.Equal(2, error.Diagnostics.Items.Count);
        Assert.Equal(
            "x:1:4: Tag [!t] is not supported; write the value without it\nx:2:1: Key [a] stands twice in one map; the first is at x:1:1",
            error.Message);
    }

    [Theory]
    [InlineData(64, false)]
    [InlineData(65, true)]
    public void Takes_sixty_four_levels_and_no_more(int levels, bool refused)
    {
        var diagnostics = new ConfigDiagnostics();
        YamlReader.Read(new string('[', levels) + new string(']', levels), "x", diagnostics);

        Assert.Equal(refused, diagnostics.HasErrors);
        if (refused)
            Assert.Equal("x:1:65: More than 64 levels of maps and lists", diagnostics.ToString());
    }

    [Fact]
    public void Counts_the_levels_that_an_alias_adds()
    {
        var chain = "a0: &a0 [[[[[[[[[[x]]]]]]]]]]\n" + string.Concat(Enumerable.Range(1, 7).Select(i => $"a{i}: &a{i} [[[[[[[[[*a{i - 1}]]]]]]]]]\n"));
        var diagnostics = new ConfigDiagnostics();
        YamlReader.Read(chain, "x", diagnostics);

        Assert.Contains("More than 64 levels of maps and lists through alias [*a5]", diagnostics.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_aliases_that_multiply()
    {
        var bomb = "a: &a0 [x,x,x,x,x,x,x,x,x]\n" + string.Concat(
            Enumerable.Range(1, 9).Select(i => $"b{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 9))}]\n"));
        var error = Assert.Throws<ConfigException>(() => YamlReader.Read(bomb, "x"));

        Assert.Contains("Aliases repeat more than 100000 values", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_thousand_and_one_aliases()
    {
        var many = "a: &a 1\nb: [" + string.Join(',', Enumerable.Repeat("*a", 1001)) + "]\n";
        var error = Assert.Throws<ConfigException>(() => YamlReader.Read(many, "x"));

        Assert.Contains("More than 1000 aliases", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_more_than_four_mebibytes()
    {
        var error = Assert.Throws<ConfigException>(() => YamlReader.Read(new string('#', (4 * 1024 * 1024) + 1), "x"));

        Assert.Equal("x:1:1: [x] is larger than 4MiB, the most that a configuration may have", error.Message);
    }

    [Fact]
    public void Names_a_file_that_does_not_exist()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "securely.yaml");
        var error = Assert.Throws<ConfigException>(() => YamlReader.ReadFile(path));

        Assert.Equal($"{path}:1:1: [{path}] does not exist", error.Message);
    }

    [Fact]
    public void Names_a_directory()
    {
        var error = Assert.Throws<ConfigException>(() => YamlReader.ReadFile(AppContext.BaseDirectory));

        Assert.EndsWith("is a directory, not a file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Never_fails_otherwise_than_by_diagnostics()
    {
        const string Alphabet = "{}[]:,-?&*!|>'\"%@`#~\n \t\\a1<.\r";
        var seeds = GoldenConfigurations.Names("yaml")
            .Select(n => File.ReadAllText(Path.Combine(GoldenConfigurations.Directory("yaml"), n + ".yaml")))
            .ToArray();
        var random = new Random(7);
        for (var run = 0; run < 5_000; run++)
        {
            var text = new System.Text.StringBuilder(seeds[random.Next(seeds.Length)]);
            for (var change = random.Next(1, 6); change > 0; change--)
                text.Insert(random.Next(text.Length + 1), Alphabet[random.Next(Alphabet.Length)]);

            var diagnostics = new ConfigDiagnostics();
            var root = YamlReader.Read(text.ToString(), "x", diagnostics);

            Assert.True(root is not null || diagnostics.HasErrors, text.ToString());
            Assert.All(diagnostics.Items, d => Assert.True(d.Origin is { Line: > 0, Column: > 0 }, text.ToString()));
        }
    }
}
