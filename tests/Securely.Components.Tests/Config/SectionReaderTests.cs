using Securely.Config;

namespace Securely.Components.Tests.Config;

public sealed class SectionReaderTests
{
    private readonly ConfigDiagnostics _diagnostics = new();

    private string Said => _diagnostics.ToString();

    [Fact]
    public void Gives_values_and_defaults()
    {
        var reader = Read("text: a\nnumber: 3\nflag: true\ntime: 5s\nsize: 1KiB\nrate: 10/s\nspeed: 1KiB/s\n");

        Assert.Equal(("a", "x"), (reader.Text("text", "x"), reader.Text("text2", "x")));
        Assert.Equal((3, 4), (reader.Integer("number", 4), reader.Integer("number2", 4)));
        Assert.Equal((true, true), (reader.Boolean("flag", false), reader.Boolean("flag2", true)));
        Assert.Equal((5, 6), (reader.Duration("time", default).TotalSeconds, reader.Duration("time2", TimeSpan.FromSeconds(6)).TotalSeconds));
        Assert.Equal((1024, 7), (reader.Size("size", 7), reader.Size("size2", 7)));
        Assert.Equal(new ConfigRate(10, TimeSpan.FromSeconds(1)), reader.Rate("rate", default));
        Assert.Equal((1024, 9), (reader.SizeRate("speed", 9), reader.SizeRate("speed2", 9)));
        Assert.Null(reader.TextOrNull("absent"));
        Assert.Null(reader.SizeRateOrNull("absent"));
        Assert.Null(reader.RateOrNull("absent"));
        reader.Finish();
        Assert.Equal("", Said);
    }

    [Fact]
    public void Reports_all_errors_and_goes_on_with_the_defaults()
    {
        var reader = Read("number: abc\nflag: yes\ntime: 5\nsize: 1KB\nrate: 10\ntext: {a: b}\nquoted: \"3\"\nstrict: \"true\"\n");

        Assert.Equal(4, reader.Integer("number", 4));
        Assert.False(reader.Boolean("flag", false));
        Assert.Equal(TimeSpan.FromSeconds(6), reader.Duration("time", TimeSpan.FromSeconds(6)));
        Assert.Equal(7, reader.Size("size", 7));
        Assert.Null(reader.RateOrNull("rate"));
        Assert.Equal("x", reader.Text("text", "x"));
        Assert.Equal(1, reader.Integer("quoted", 1));
        Assert.False(reader.Boolean("strict", false));
        Assert.Equal(
            """
            x:1:9: [number] must be a whole number, not [abc]
            x:2:7: [flag] must be [true] or [false], not [yes]
            x:3:7: [time]: duration [5] has no unit; write [5s] for seconds or [5ms] for milliseconds
            x:4:7: [size]: size [1KB] is not a whole number with one of the units [B], [KiB], [MiB], [GiB]; write [1KiB]
            x:5:7: [rate]: rate [10] has no time; write [10/s] for each second or [10/m] for each minute
            x:6:7: [text] must be a text, not a map
            x:7:9: [quoted] must be a whole number, not the text ["3"]; write it without quotes
            x:8:9: [strict] must be [true] or [false], not the text ["true"]; write it without quotes
            """,
            Said);
    }

    [Fact]
    public void Reports_what_is_out_of_range()
    {
        var reader = Read("a: 0\nb: 2000\nc: 99999999999\nd: 0\ne: 50h\nf: 3MiB\n");

        Assert.Equal(1, reader.Integer("a", 1, minimum: 1));
        Assert.Equal(1, reader.Integer("b", 1, 1, 1024));
        Assert.Null(reader.IntegerOrNull("c"));
        Assert.Null(reader.DurationOrNull("d", minimum: TimeSpan.FromMilliseconds(1)));
        Assert.Null(reader.DurationOrNull("e", maximum: TimeSpan.FromHours(24)));
        Assert.Null(reader.SizeOrNull("f", 1024, 1024 * 1024));
        Assert.Equal(
            """
            x:1:4: [a] must be at least [1], not [0]
            x:2:4: [b] must be between [1] and [1024], not [2000]
            x:3:4: [c] must be at most [2147483647], not [99999999999]
            x:4:4: [d] must be between [1ms] and [720h], not [0]
            x:5:4: [e] must be between [0] and [24h], not [50h]
            x:6:4: [f] must be between [1KiB] and [1MiB], not [3MiB]
            """,
            Said);
    }

    [Fact]
    public void A_key_without_a_value_is_an_error_where_there_is_a_default_and_nothing_where_there_is_none()
    {
        var reader = Read("a:\nb: ~\n");

        Assert.Equal("x", reader.Text("a", "x"));
        Assert.Null(reader.TextOrNull("b"));
        Assert.Equal("x:1:1: [a] has no value; write one, or leave the key out for the default", Said);
    }

    [Fact]
    public void A_key_without_a_value_is_an_error_for_every_getter_where_values_are_needed()
    {
        var reader = new SectionReader(YamlReader.Read("a:\nb: ~\nc:\nd: {e: }\nf: {g: }\nh: [~]\n", "x"), "", _diagnostics) { NeedsValues = true };

        Assert.False(reader.Require("a"));
        Assert.Null(reader.TextOrNull("a"));
        Assert.Null(reader.Map("b"));
        Assert.Null(reader.Value("c"));
        Assert.Null(reader.Map("d")!.PathOrNull("e"));
        Assert.True(Assert.Single(reader.NamedMaps("f")).IsUnreadable);
        Assert.False(Assert.Single(reader.Maps("h")).Require("i"));
        reader.Finish();
        Assert.Equal(
            """
            x:1:1: [a] has no value; write one
            x:2:1: [b] has no value; write one, or leave the key out for the default
            x:3:1: [c] has no value; write one, or leave the key out for the default
            x:4:5: [e] has no value; write one, or leave the key out for the default
            x:5:5: [f.g] has no value; write one, or leave the key out for the default
            x:6:5: [h.0] has no value; write one, or leave the key out for the default
            """,
            Said);
    }

    [Fact]
    public void An_empty_text_is_an_error_unless_it_may_be()
    {
        var reader = Read("a: ''\nb: ''\n");

        Assert.Equal("x", reader.Text("a", "x"));
        Assert.Equal("", reader.Text("b", "x", mayBeEmpty: true));
        Assert.Equal("x:1:4: [a] must not be empty", Said);
    }

    [Fact]
    public void Reports_unknown_keys_with_the_nearest_known_one()
    {
        var reader = Read("adress: a\nzzzzzzzz: b\n", "listeners.0");
        reader.TextOrNull("address");
        reader.BooleanOrNull("http2");
        reader.Finish();
        reader.Finish();

        Assert.Equal(
            """
            x:1:1: [adress] is unknown in [listeners.0]; did you mean [address]?
            x:2:1: [zzzzzzzz] is unknown in [listeners.0]; known are [address], [http2]
            """,
            Said);
    }

    [Fact]
    public void Explains_a_missing_space_after_a_colon()
    {
        var reader = Read("{weight:2}\n");
        reader.IntegerOrNull("weight");
        reader.Finish();

        Assert.Equal("x:1:2: [weight:2] is unknown; write [weight: 2] with a space after the colon", Said);
    }

    [Fact]
    public void Reports_announced_keys_as_not_available_yet()
    {
        var reader = Read("tls: auto\naddress: a\n");
        reader.TextOrNull("address");
        reader.Announce("tls", "compression");
        reader.Finish();

        Assert.Equal("x:1:1: [tls] is not available yet", Said);
    }

    [Fact]
    public void Reports_required_keys_at_the_section()
    {
        var upstreams = Read("upstreams:\n  app:\n    retries: 1\n").NamedMaps("upstreams");

        Assert.False(upstreams[0].Require("servers", "retries"));
        Assert.Equal("app", upstreams[0].Key);
        Assert.Equal("x:2:3: [servers] is missing in [upstreams.app]", Said);
    }

    [Fact]
    public void A_section_that_is_no_map_is_reported_once()
    {
        var reader = Read("timeouts: 5s\n").Map("timeouts")!;

        reader.Require("idle");
        Assert.Equal(TimeSpan.FromSeconds(75), reader.Duration("idle", TimeSpan.FromSeconds(75)));
        Assert.Equal("x:1:11: [timeouts] must be a map of keys and values, not [5s]", Said);
    }

    [Fact]
    public void A_section_without_a_value_is_empty() => Assert.Equal(4, Read("limits:\n").Map("limits")!.Integer("headers", 4));

    [Fact]
    public void Reads_one_of_some_names()
    {
        var names = new Dictionary<string, int> { ["round_robin"] = 1, ["random"] = 2 };
        var reader = Read("a: random\nb: randon\nc: ketama\nd: [x]\n");

        Assert.Equal(2, reader.OneOf("a", 1, names));
        Assert.Equal(1, reader.OneOf("b", 1, names));
        Assert.Equal(1, reader.OneOf("c", 1, names, announced: ["ketama"]));
        Assert.Equal(1, reader.OneOf("d", 1, names));
        Assert.Equal(1, reader.OneOf("e", 1, names));
        Assert.Equal(
            """
            x:2:4: [b] must be one of [round_robin], [random], not [randon]; did you mean [random]?
            x:3:4: [ketama] is not available yet
            x:4:4: [d] must be a name, not a list
            """,
            Said);
    }

    [Fact]
    public void Reads_a_single_text_as_a_list_of_one()
    {
        var reader = Read("a: x\nb: [x, 2]\nc: [x, {y: z}, ~]\nd:\n");

        Assert.Equal(["x"], reader.Texts("a"));
        Assert.Equal(["x", "2"], reader.Texts("b"));
        Assert.Equal(["x"], reader.Texts("c"));
        Assert.Empty(reader.Texts("d"));
        Assert.Empty(reader.Texts("e"));
        Assert.Equal(
            """
            x:3:8: [c] must be a text, not a map
            x:3:16: [c] must be a text, not nothing
            x:4:1: [d] has no value; write one, or leave the key out for the default
            """,
            Said);
    }

    [Fact]
    public void Reads_lists_of_maps_and_finishes_them_too()
    {
        var reader = Read("listeners:\n  - address: a\n  - adress: b\n  - c\n");
        var addresses = reader.Maps("listeners").Select(l => l.TextOrNull("address")).ToArray();
        reader.Finish();

        Assert.Equal(new[] { "a", null, null }, addresses.AsEnumerable());
        Assert.Equal(
            """
            x:3:5: [adress] is unknown in [listeners.1]; did you mean [address]?
            x:4:5: [listeners.2] must be a map of keys and values, not [c]
            """,
            Said);
    }

    [Fact]
    public void A_list_is_asked_for_where_a_list_must_be()
    {
        Assert.Empty(Read("listeners: 127.0.0.1:80\n").List("listeners"));
        Assert.Equal("x:1:12: [listeners] must be a list, not [127.0.0.1:80]; write it as [a, b], or with [- ] before each item", Said);
    }

    [Fact]
    public void Reads_a_map_of_texts_in_order()
    {
        var headers = Read("set: {x-b: \"1\", x-a: 2, x-c: , x-d: [1]}\n").TextMap("set");

        Assert.Equal([new("x-b", "1"), new("x-a", "2")], headers);
        Assert.Equal("x:1:25: [x-c] has no value\nx:1:37: [x-d] must be a text, not a list", Said);
    }

    [Fact]
    public void A_relative_path_is_relative_to_the_file()
    {
        var directory = Path.GetFullPath(Path.Combine(Path.GetTempPath(), "conf"));
        var root = YamlReader.Read("a: logs/x.log\nb: ../y\n", Path.Combine(directory, "securely.yaml"));
        var reader = new SectionReader(root, "", _diagnostics);

        Assert.Equal(Path.Combine(directory, "logs", "x.log"), reader.PathOrNull("a"));
        Assert.Equal(Path.GetFullPath(Path.Combine(directory, "..", "y")), reader.PathOrNull("b"));
        Assert.Null(reader.PathOrNull("c"));
    }

    [Fact]
    public void Several_forms_of_one_key_are_read_from_its_value()
    {
        var reader = Read("servers: [a:1, {address: b:2, weight: 3, wieght: 4}]\n");
        var second = reader.Section(reader.List("servers")[1], "servers.1");

        Assert.Equal(("b:2", 3), (second.Text("address", ""), second.Integer("weight", 1)));
        reader.Finish();
        Assert.Equal("x:1:42: [wieght] is unknown in [servers.1]; did you mean [weight]?", Said);
    }

    private SectionReader Read(string yaml, string name = "") => new(YamlReader.Read(yaml, "x"), name, _diagnostics);
}
