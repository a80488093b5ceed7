using Securely.Config;

namespace Securely.Cli.Tests;

/// <summary>A key that is there means something: without a value, or with a list of nothing, it is an error and never the default.</summary>
public sealed class EmptyValueTests
{
    private const string Optional = "has no value; write one, or leave the key out for the default";

    [Theory]
    [InlineData("listeners: [{address: }]", "1:14: [address] has no value; write one")]
    [InlineData("access_log: {path: }", "1:14: [path] has no value; write one")]
    [InlineData("metrics: {address: }", "1:11: [address] has no value; write one")]
    [InlineData("traces: {endpoint: }", "1:10: [endpoint] has no value; write one")]
    [InlineData("dns: {listen: }", "1:7: [listen] has no value; write one")]
    [InlineData("dns: {listen: 127.0.0.1:0, query_log: {path: }}", "1:40: [path] has no value; write one")]
    [InlineData("dns: {listen: 127.0.0.1:0, forward: [{address: }]}", "1:39: [address] has no value; write one")]
    [InlineData("dns: {listen: 127.0.0.1:0, keys: {k: {secret: }}}", "1:39: [secret] has no value; write one")]
    [InlineData("dns: {listen: 127.0.0.1:0, zones: [{name: , file: x}]}", "1:37: [name] has no value; write one", "1:51: The zone file")]
    public void A_required_key_without_a_value_is_an_error(string yaml, params string[] expected) => Says(yaml, expected);

    [Fact]
    public void A_rule_of_transfers_without_the_network_that_it_names_is_open_to_nobody() => Says(
        "dns: {listen: 127.0.0.1:0, keys: {k: {secret: c2VjcmV0}}, transfers: [{network: , key: k}]}",
        "1:72: [network] " + Optional);

    [Theory]
    [InlineData("sites: [{hosts: a.test, routes: [{match: {path: }, respond: {}}]}]", "1:43: [path] ")]
    [InlineData("sites: [{hosts: a.test, routes: [{match: {methods: }, respond: {}}]}]", "1:43: [methods] ")]
    [InlineData("sites: [{hosts: a.test, routes: [{match: , respond: {}}]}]", "1:35: [match] ")]
    [InlineData("sites: [{hosts: a.test, routes: [{respond: }]}]", "1:35: [respond] ")]
    [InlineData("sites: [{hosts: a.test, routes: [{redirect: }]}]", "1:35: [redirect] ")]
    [InlineData("sites: [{hosts: a.test, routes: [{respond: {content_type: }}]}]", "1:45: [content_type] ")]
    [InlineData("sites: [{hosts: a.test, routes: [{respond: {}, request_headers: }]}]", "1:48: [request_headers] ")]
    [InlineData("sites: [{hosts: a.test, routes: [{respond: {}, request_headers: {set: }}]}]", "1:66: [set] ")]
    [InlineData("upstreams: ", "1:1: [upstreams] ")]
    [InlineData("upstreams: {a: }", "1:13: [upstreams.a] ")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], timeouts: }}", "1:41: [timeouts] ")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], health_check: }}", "1:41: [health_check] ")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], health_check: {type: http, path: }}}", "1:68: [path] ")]
    [InlineData("listeners: [{address: 127.0.0.1:0, limits: }]", "1:36: [limits] ")]
    [InlineData("limits: ", "1:1: [limits] ")]
    [InlineData("limits: {connections: }", "1:10: [connections] ")]
    [InlineData("error_log: ", "1:1: [error_log] ")]
    [InlineData("data_dir: ", "1:1: [data_dir] ")]
    [InlineData("control_socket: ", "1:1: [control_socket] ")]
    [InlineData("metrics: ", "1:1: [metrics] ")]
    [InlineData("dns: {listen: 127.0.0.1:0, id: }", "1:28: [id] ")]
    [InlineData("dns: {listen: 127.0.0.1:0, local: }", "1:28: [local] ")]
    [InlineData("dns: {listen: 127.0.0.1:0, zones: [{name: a.test, primaries: }]}", "1:51: [primaries] ")]
    [InlineData("settings: {file: }", "1:12: [file] ")]
    public void A_key_without_a_value_is_an_error_and_not_the_default(string yaml, string expected) => Says(yaml, expected + Optional);

    [Theory]
    [InlineData("dns: {listen: 127.0.0.1:0, allow: []}", "1:35: [allow] is empty; name networks, or leave the key out for everybody")]
    [InlineData("dns: {listen: 127.0.0.1:0, forward: 1.1.1.1, recursion: []}", "1:57: [recursion] is empty; name networks, or leave the key out for this machine and private networks")]
    [InlineData("dns: {listen: 127.0.0.1:0, views: [{networks: []}]}", "1:47: [networks] is empty; name networks")]
    [InlineData("dns: {listen: 127.0.0.1:0, local: {address: []}}", "1:45: [address] is empty; name addresses, or leave the key out for this machine")]
    [InlineData("dns: {listen: 127.0.0.1:0, local: {tlds: []}}", "1:42: [tlds] is empty; name domains, or leave the key out for [test]")]
    [InlineData("dns: {listen: []}", "1:15: [listen] is empty; name addresses such as [127.0.0.1:53]")]
    [InlineData("dns: {listen: 127.0.0.1:0, dot: {listen: [], tls: auto}}", "1:42: [listen] is empty; name addresses such as [127.0.0.1:53]")]
    [InlineData("dns: {listen: 127.0.0.1:0, doh: {listen: []}}", "1:42: [listen] is empty; name addresses such as [127.0.0.1:53]")]
    [InlineData("dns: {listen: 127.0.0.1:0, zones: [{name: a.test, primaries: 127.0.0.1, transfers: [], updates: []}]}")]
    [InlineData("sites: [{hosts: a.test, routes: [{match: {methods: []}, respond: {}}]}]", "1:52: [methods] is empty; name some, or leave the key out for all")]
    public void A_list_of_nothing_does_not_mean_everything(string yaml, params string[] expected) => Says(yaml, expected);

    private static void Says(string yaml, params string[] expected)
    {
        var diagnostics = new ConfigDiagnostics();

        ConfigurationReader.Read(YamlReader.Read(yaml, "test.yaml"), "test.yaml", CliRun.Environment(), diagnostics);

        Assert.Equal(expected.Length, diagnostics.Items.Count);
        Assert.All(expected.Zip(diagnostics.Items), pair => Assert.StartsWith("test.yaml:" + pair.First, pair.Second.ToString(), StringComparison.Ordinal));
    }
}
