using BenchmarkDotNet.Attributes;
using Securely.Config;
using Securely.Settings;

namespace Securely.Benchmarks;

/// <summary>Reading values of a configuration, which allocates nothing, and what files cost.</summary>
[MemoryDiagnoser]
public class Configuration
{
    private const string Yaml = "app:\n  name: Shop\n  port: 8080\n  debug: true\n  pause: 5m\nusers:\n  - {name: Ann, roles: [x, y]}\n";

    private readonly ConfigRepository _config = new(YamlReader.Read(Yaml, "app.yaml"));
    private string _dotEnv = "";
    private SettingsFile _settings = null!;

    [GlobalSetup]
    public void Setup()
    {
        _dotEnv = string.Concat(Enumerable.Range(0, 100).Select(i => string.Create(null, $"NAME_{i}=\"some text {i}\" # why\n")));
        _settings = SettingsFile.Parse(_dotEnv, ".env");
    }

    [Benchmark]
    public string GetText() => _config.Get<string>("app.name");

    [Benchmark]
    public int GetNumber() => _config.Get<int>("app.port");

    [Benchmark]
    public bool GetBoolean() => _config.Boolean("app.debug");

    [Benchmark]
    public TimeSpan GetDuration() => _config.Get("app.pause", TimeSpan.Zero);

    [Benchmark]
    public bool HasDeep() => _config.Has("users.0.roles.1");

    [Benchmark]
    public ConfigValue ReadYaml() => YamlReader.Read(Yaml, "app.yaml");

    /// <summary>A hundred variables.</summary>
    [Benchmark]
    public IReadOnlyList<DotEnvEntry> ReadDotEnv() => DotEnvReader.Read(_dotEnv, ".env", new ConfigDiagnostics());

    /// <summary>One of a hundred settings, with the proof that no other changed.</summary>
    [Benchmark]
    public SettingsFile EditSetting() => _settings.Set("NAME_50", "another");
}
