using Securely.Config;
using Securely.Testing;

namespace Securely.Components.Tests.Config;

public sealed class ConfigSourcesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Each_source_wins_over_the_ones_before()
    {
        var config = ConfigRepository.Load(new ConfigSources
        {
            Defaults = YamlReader.Read("app: {name: default, color: blue, a: 0, b: 0, c: 0, d: 0, e: 0, f: 0}", "defaults"),
            YamlFiles = [_directory.Write("app.yaml", "app:\n  name: yaml\n  a: yaml\n  b: yaml\n  c: yaml\n  d: yaml\n  e: yaml\n  f: yaml\n")],
            JsonFiles = [_directory.Write("app.json", "{\n  \"app\": {\"b\": \"json\", \"c\": \"json\", \"d\": \"json\", \"e\": \"json\", \"f\": \"json\"}\n}")],
            DotEnvFile = _directory.Write(".env", "APP_ENV=test\nAPP__C=file\nAPP__D=file\nAPP__E=file\nAPP__F=file\n"),
            Variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["APP__E"] = "variable", ["APP__F"] = "variable", ["PATH"] = "/bin" },
            CommandLine = [WriteEnvironment("APP__D=test\nAPP__E=test\nAPP__F=test\n"), "--app.f=argument"],
        });

        Assert.Equal(
            ["yaml", "blue", "yaml", "json", "file", "test", "variable", "argument"],
            "name color a b c d e f".Split(' ').Select(key => config.Get<string>("app." + key)));
        Assert.False(config.Has("PATH"));
    }

    [Fact]
    public void Every_value_knows_where_it_comes_from()
    {
        var yaml = _directory.Write("app.yaml", "app:\n  name: yaml\n");
        var json = _directory.Write("app.json", "{\n  \"json\": 1\n}");
        var env = _directory.Write(".env", "# first\nA=1\n");
        var config = ConfigRepository.Load(new ConfigSources
        {
            YamlFiles = [yaml],
            JsonFiles = [json],
            DotEnvFile = env,
            CommandLine = ["cli=1"],
            Variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["X__Y"] = "1" },
        });

        Assert.Equal($"{yaml}:2:9", config.Find("app.name")!.Origin.ToString());
        Assert.Equal($"{json}:2:11", config.Find("json")!.Origin.ToString());
        Assert.Equal($"{env}:2:1", config.Find("A")!.Origin.ToString());
        Assert.Equal("environment [X__Y]", config.Find("x.y")!.Origin.ToString());
        Assert.Equal("command line", config.Find("cli")!.Origin.ToString());
    }

    [Fact]
    public void A_directory_has_a_section_in_each_file()
    {
        Directory.CreateDirectory(_directory.File("config"));
        _directory.Write("config/mail.yaml", "from: a@b.test\n");
        _directory.Write("config/empty.yaml", "");
        var config = ConfigRepository.Load(new ConfigSources { YamlDirectory = _directory.File("config") });
        Assert.Equal("a@b.test", config.Get<string>("mail.from"));
        Assert.True(config.Has("empty"));
    }

    [Fact]
    public void Mapped_variables_are_their_keys()
    {
        var config = ConfigRepository.Load(new ConfigSources
        {
            VariableNames = new Dictionary<string, string>(StringComparer.Ordinal) { ["DATABASE_URL"] = "database.url" },
            Variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["DATABASE_URL"] = "postgres://x", ["HOME"] = "/" },
        });
        Assert.Equal("postgres://x", config.Get<string>("database.url"));
    }

    [Fact]
    public void All_errors_come_at_once()
    {
        var yaml = _directory.Write("app.yaml", "a: *b\n");
        var env = _directory.Write(".env", "A=b c\nB=\"x\"y\n=c\n");
        var error = Assert.Throws<ConfigException>(() => ConfigRepository.Load(new ConfigSources
        {
            YamlFiles = [yaml, _directory.File("missing.yaml")],
            DotEnvFile = env,
            CommandLine = ["nothing"],
            Schema = new ConfigSchema().Key("app.name", new ConfigRule { IsRequired = true }),
        }));
        Assert.Equal(
            [$"{yaml}:1:1", $"{yaml}:1:4", $"{_directory.File("missing.yaml")}:1:1", $"{env}:1:5", $"{env}:2:6", $"{env}:3:1", "command line"],
            error.Diagnostics.Items.Select(item => item.Origin.ToString()));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("a/b")]
    [InlineData("a..b")]
    public void An_environment_cannot_lead_elsewhere(string name)
    {
        var error = Assert.Throws<ConfigException>(() => ConfigRepository.Load(new ConfigSources { DotEnvFile = _directory.Write(".env", ""), EnvironmentName = name }));
        Assert.Contains("[APP_ENV] must be letters", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_file_is_read_again_and_its_sections_are_told()
    {
        var file = _directory.Write("app.yaml", "app: {name: old}\nmail: {from: a}\n");
        var time = new ManualTimeProvider();
        var config = ConfigRepository.Load(new ConfigSources { YamlFiles = [file] });
        var told = new List<string>();
        var reloads = new List<bool>();
        using var app = config.OnChange("app", changed => told.Add(changed.Get<string>("app.name")));
        using var mail = config.OnChange("mail", _ => told.Add("mail"));
        using var watcher = new ConfigWatcher(config, TimeSpan.FromSeconds(1), diagnostics => reloads.Add(!diagnostics.HasErrors), time);

        time.Advance(TimeSpan.FromSeconds(1));
        _directory.Write("app.yaml", "app: {name: newer}\nmail: {from: a}\n");
        time.Advance(TimeSpan.FromSeconds(1));
        _directory.Write("app.yaml", "app: {name: [\n");
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["newer"], told);
        Assert.Equal([true, false], reloads);
        Assert.Equal("newer", config.Get<string>("app.name"));
    }

    private string WriteEnvironment(string text)
    {
        _directory.Write(".env.test", text);
        return "--app.extra=1";
    }
}
