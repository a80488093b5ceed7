using System.Text.RegularExpressions;
using Securely.Config;
using Securely.Net;

namespace Securely.Cli.Tests;

/// <summary>docs/metrics.md is written by hand, and checked against what a running server has; what it has is checked against the conventions.</summary>
public sealed partial class MetricsPageTests : IDisposable
{
    private static readonly string[] Units = ["seconds", "bytes", "ratio", "info", "fds", "connections", "open", "flight", "threads", "items", "limit"];

    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Every_figure_has_its_row_and_every_row_its_figure()
    {
        var page = File.ReadAllText(Path.Combine(CliPaths.Documents, "metrics.md"));
        var rows = RowPattern().Matches(page).Select(match => (match.Groups[1].Value, match.Groups[2].Value.Replace("`", "", StringComparison.Ordinal).Trim(), match.Groups[3].Value));
        var families = (await FamiliesAsync()).Select(family => (family.Definition.Name, string.Join(", ", family.Definition.Labels), family.Kind.ToString().ToLowerInvariant()));

        Assert.Equal(families.Order(), rows.Order());
    }

    /// <summary>https://prometheus.io/docs/practices/naming: a prefix, base units, plurals, _total, help that is a sentence.</summary>
    [Fact]
    public async Task Every_figure_is_named_by_the_conventions() => Assert.All(await FamiliesAsync(), family =>
    {
        var (name, labels) = (family.Definition.Name, family.Definition.Labels);
        Assert.Matches("^(securely|process|dotnet)(_[a-z0-9]+)+$", name);
        Assert.DoesNotMatch("_(counter|gauge|histogram|count|sum|bucket|milliseconds|ms|minutes|percent|kb|mb)(_|$)", name);
        Assert.Equal(family.Kind == MetricKind.Counter, name.EndsWith("_total", StringComparison.Ordinal));
        if (family.Kind != MetricKind.Counter)
            Assert.Contains(name[(name.LastIndexOf('_') + 1)..], Units);
        Assert.Equal(family.Definition.Divisor != 1, name.Contains("_seconds", StringComparison.Ordinal) && name.StartsWith("securely", StringComparison.Ordinal));
        Assert.Matches("^[A-Z][^\n]*\\.$", family.Definition.Help);
        Assert.All(labels, label => Assert.Matches("^[a-z][a-z_]*$", label));
        Assert.Equal(labels.Distinct().Count(), labels.Count);
        Assert.InRange(family.Definition.MostValues, 1, 1024);
    });

    private async Task<IReadOnlyList<MetricFamily>> FamiliesAsync()
    {
        const string Yaml = """
            listeners: [{address: 127.0.0.1:0}]
            data_dir: data
            metrics: {address: 127.0.0.1:0}
            access_log: {path: access.log}
            dns: {listen: [127.0.0.1:0], local: {tlds: [test]}, query_log: {path: queries.log}}
            traces: {endpoint: http://127.0.0.1:1, sample: 0}
            upstreams: {app: {servers: [127.0.0.1:1]}}
            sites: [{hosts: [app.test], routes: [{upstream: app}]}]
            """;
        var diagnostics = new ConfigDiagnostics();
        var file = Path.Combine(_directory, "securely.yaml");
        var configuration = ConfigurationReader.Read(YamlReader.Read(Yaml, file, diagnostics)!, file, CliRun.Environment(_directory), diagnostics)!;
        Assert.Empty(diagnostics.Items);
        using var log = new ProcessLog(TextWriter.Null, null, TimeProvider.System);
        await using var composition = await Composition.BuildAsync(configuration, log, TimeProvider.System, TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        var running = composition.Server.RunAsync(stop.Token);
        await composition.ReadyAsync();
        var families = composition.Monitoring.Metrics.Families;
        await stop.CancelAsync();
        await running;
        return families;
    }

    [GeneratedRegex(@"^\| `([a-z0-9_]+)` \| ([a-z_`, ]*)\| (counter|gauge|histogram) \|", RegexOptions.Multiline)]
    private static partial Regex RowPattern();
}
