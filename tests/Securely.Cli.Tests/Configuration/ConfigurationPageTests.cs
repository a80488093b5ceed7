using System.Text.RegularExpressions;
using Securely.Config;

namespace Securely.Cli.Tests;

/// <summary>docs/conf.md is written by hand, and checked against what the readers know.</summary>
public sealed partial class ConfigurationPageTests
{
    private const string Unknown = "zzzzzzzzzzzzzzzzzzzz";

    private static readonly string Page = File.ReadAllText(Path.Combine(CliPaths.Documents, "conf.md"));

    public static TheoryData<string> Examples =>
        [.. ExamplePattern().Matches(Page).Select(match => match.Groups[1].Value)];

    /// <summary>Asks each section for its keys by writing one that none of them can know.</summary>
    [Theory]
    [InlineData("listeners: [{address: 127.0.0.1:0, KEY: 1}]", "")]
    [InlineData("listeners: [{address: 127.0.0.1:0, timeouts: {KEY: 1}}]", "timeouts.")]
    [InlineData("listeners: [{address: 127.0.0.1:0, limits: {KEY: 1}}]", "limits.")]
    [InlineData("listeners: [{address: 127.0.0.1:0, tls: {KEY: 1}}]", "tls.")]
    [InlineData("listeners: [{address: 127.0.0.1:0, tls: [{KEY: 1}]}]", "tls.")]
    [InlineData("limits: {KEY: 1}", "")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], KEY: 1}}", "")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], tls: {KEY: 1}}}", "tls.")]
    [InlineData("upstreams: {a: {servers: [{address: 127.0.0.1:1, KEY: 1}]}}", "servers[].")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], timeouts: {KEY: 1}}}", "timeouts.")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], health_check: {type: tcp, KEY: 1}}}", "health_check.")]
    [InlineData("metrics: {address: 127.0.0.1:0, KEY: 1}", "")]
    [InlineData("access_log: {path: a, KEY: 1}", "")]
    [InlineData("access_log: {path: a, redact: {KEY: 1}}", "redact.")]
    [InlineData("traces: {endpoint: http://127.0.0.1:4318, KEY: 1}", "")]
    [InlineData("sites: [{hosts: [a.test], routes: [{respond: {}}], KEY: 1}]", "")]
    [InlineData("sites: [{hosts: [a.test], routes: [{respond: {}, match: {KEY: 1}}]}]", "routes[].match.")]
    [InlineData("sites: [{hosts: [a.test], routes: [{respond: {KEY: 1}}]}]", "routes[].respond.")]
    [InlineData("sites: [{hosts: [a.test], routes: [{redirect: {to: /, KEY: 1}}]}]", "routes[].redirect.")]
    [InlineData("sites: [{hosts: [a.test], routes: [{respond: {}, response_headers: {KEY: 1}}]}]", "routes[].response_headers.")]
    public void Every_key_of_a_section_has_a_row(string yaml, string prefix)
    {
        var message = Assert.Single(Read(yaml.Replace("KEY", Unknown, StringComparison.Ordinal)).Items, item => item.Message.Contains(Unknown, StringComparison.Ordinal)).Message;

        var keys = NamePattern().Matches(message.Split("known are ")[1]).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(keys);
        var mapped = keys.Except(["timeouts", "limits", "redact", "respond", "redirect", "match", "request_headers", "response_headers", "health_check"]);
        Assert.All(mapped, key => Assert.Contains($"| `{prefix}{key}` |", Page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("match")]
    [InlineData("upstream")]
    [InlineData("grpc_web")]
    [InlineData("respond")]
    [InlineData("redirect")]
    [InlineData("request_headers")]
    [InlineData("response_headers")]
    public void Every_key_of_a_route_has_a_row(string key)
    {
        var known = Assert.Single(Read($"sites: [{{hosts: [a.test], routes: [{{respond: {{}}, {Unknown}: 1}}]}}]").Items).Message;

        Assert.Equal(7, NamePattern().Count(known.Split("known are ")[1]));
        Assert.Contains($"[{key}]", known, StringComparison.Ordinal);
        Assert.Contains($"| `routes[].{key}", Page, StringComparison.Ordinal);
    }

    /// <summary>Keys of the process, of later versions and of the sections: each is either accepted or refused by name, so each is on the page.</summary>
    [Fact]
    public void Every_key_of_the_top_level_is_on_the_page()
    {
        var keys = ServerKeys().Concat(["limits", "listeners", "upstreams", "sites", "forwarded", "data_dir", "control_socket", "trusted_proxies", "metrics", "access_log", "traces", "log", "settings", "dns"]);

        Assert.All(keys, key => Assert.True(Page.Contains($"`{key}`", StringComparison.Ordinal) || Page.Contains($"## {key}\n", StringComparison.Ordinal), key));
    }

    /// <summary>Those with a mark above them need files that are not there; the house tests see to it that no other one is marked.</summary>
    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_is_valid(string yaml) => Assert.Empty(Read(yaml).Items);

    [Fact]
    public void What_is_not_available_yet_is_on_the_page()
    {
        var diagnostics = new ConfigDiagnostics();
        ConfigurationReader.Read(Path.Combine(CliPaths.Root, "conf", "not-available.yaml"), CliRun.Environment(), diagnostics);

        var names = diagnostics.Items.Select(item => NamePattern().Match(item.Message).Groups[1].Value).ToList();
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Matches($"`([a-z_]+\\.)?{name}(: true)?`", Page));
    }

    /// <summary>The names of the options in snake case; the four that are not keys of a file are left out.</summary>
    private static IEnumerable<string> ServerKeys() => typeof(Securely.Hosting.ServerOptions).GetProperties()
        .Select(property => property.Name)
        .Except(["HandleSignals", "Metrics", "Extra", "EqualityContract"])
        .Select(name => UpperPattern().Replace(name, "_$1").TrimStart('_').ToLowerInvariant());

    private static ConfigDiagnostics Read(string yaml)
    {
        var diagnostics = new ConfigDiagnostics();
        if (YamlReader.Read(yaml, "test.yaml", diagnostics) is { } root)
            ConfigurationReader.Read(root, "test.yaml", CliRun.Environment(), diagnostics);
        return diagnostics;
    }

    [GeneratedRegex("(?<!-->\n)```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ExamplePattern();

    [GeneratedRegex(@"\[([a-z0-9_]+)\]")]
    private static partial Regex NamePattern();

    [GeneratedRegex("([A-Z])")]
    private static partial Regex UpperPattern();
}
