using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Securely.Cli;
using Securely.Config;

namespace Securely.Benchmarks;

/// <summary>What a command costs once the process is there: its words, its help, and a configuration of a hundred sites.</summary>
[MemoryDiagnoser]
public class CommandLines
{
    private static readonly CliEnvironment Environment = CliEnvironment.OfProcess();
    private ConfigValue _file = null!;

    [GlobalSetup]
    public void Setup()
    {
        var yaml = new StringBuilder("listeners: [{address: 127.0.0.1:8080}]\nupstreams:\n  app: {servers: [127.0.0.1:3000, 127.0.0.1:3001]}\nsites:\n");
        for (var i = 0; i < 100; i++)
            yaml.Append(CultureInfo.InvariantCulture, $"  - hosts: [site{i}.test]\n    routes:\n      - {{match: {{path: /api/*}}, upstream: app}}\n      - {{respond: {{status: 200, body: ok}}}}\n");
        _file = YamlReader.Read(yaml.ToString(), "securely.yaml");
        var diagnostics = new ConfigDiagnostics();
        if (ConfigurationReader.Read(_file, "securely.yaml", Environment, diagnostics) is null || diagnostics.HasErrors)
            throw new InvalidOperationException("The configuration is wrong, so this measures something else");
    }

    [Benchmark]
    public Task<int> Help() => new SecurelyApplication(Discard(), Environment).RunAsync(["config:get", "--help"], CancellationToken.None);

    [Benchmark]
    public object? ReadConfiguration() => ConfigurationReader.Read(_file, "securely.yaml", Environment, new ConfigDiagnostics());

    private static Output Discard() => new(TextWriter.Null, TextWriter.Null);
}
