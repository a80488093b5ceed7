using Securely.Config;
using Securely.Proxy;

namespace Securely.Cli.Tests;

/// <summary>How the servers of an upstream are checked, and what needs servers of HTTP/2.</summary>
public sealed class UpstreamHealthCheckTests
{
    [Fact]
    public void The_map_of_the_file_arrives_in_the_options()
    {
        var check = Read(", health_check: {type: http, path: /up, host: app.test, interval: 2s, timeout: 3s, healthy: 4, unhealthy: 5}");
        Assert.Equal(
            new HealthCheckOptions
            {
                Kind = HealthCheckKind.Http,
                Path = "/up",
                Host = "app.test",
                Interval = TimeSpan.FromSeconds(2),
                Timeout = TimeSpan.FromSeconds(3),
                Healthy = 4,
                Unhealthy = 5,
            },
            check.Options);
        Assert.Empty(check.Problems);
        Assert.Equal(new HealthCheckOptions { Kind = HealthCheckKind.Tcp }, Read(", health_check: {type: tcp}").Options);
        Assert.Equal(new HealthCheckOptions { Kind = HealthCheckKind.Grpc, Service = "calls" }, Read(", protocol: h2c, health_check: {type: grpc, service: calls}").Options);
        Assert.Null(Read("").Options);
    }

    [Theory]
    [InlineData("health_check: {path: /up}", "[type] is missing in [upstreams.a.health_check]")]
    [InlineData("health_check: {type: htp}", "[type] must be one of [tcp], [http], [grpc], not [htp]; did you mean [http]?")]
    [InlineData("health_check: {type: http, interval: 0s}", "[interval] must be between [1ms] and [576h], not [0s]")]
    [InlineData("health_check: {type: http, timeout: 0s}", "[timeout] must be between [1ms] and [576h], not [0s]")]
    [InlineData("health_check: {type: http, healthy: 0}", "[0] good answers in a row are out of range; they are 1 to 1000")]
    [InlineData("health_check: {type: http, unhealthy: 1001}", "[1001] bad answers in a row are out of range; they are 1 to 1000")]
    [InlineData("health_check: {type: http, path: up}", "Path [up] is not one; it begins with a slash and holds visible ASCII, without a fragment")]
    [InlineData("health_check: {type: http, host: a/b}", "Host [a/b] is not one; write it as [app.test] or [app.test:8080]")]
    [InlineData("health_check: {type: tcp, path: /up}", "Path [/up] is not asked for by type [tcp]; remove it, or write [type: http]")]
    [InlineData("health_check: {type: tcp, host: a}", "Host [a] is not named by type [tcp]; remove it, or write [type: http]")]
    [InlineData("health_check: {type: http, service: a}", "Service [a] is not asked for by type [http]; remove it, or write [type: grpc]")]
    [InlineData("health_check: {type: grpc}", "Type [grpc] needs HTTP/2, which upstream [a] is not asked for; write [protocol: h2c], or [h2] with [tls]")]
    public void What_cannot_be_is_an_error(string keys, string message) => Assert.Equal([message], Read(", " + keys).Problems);

    [Theory]
    [InlineData("protocol: h1", "upstream: a", "Upstream [a] is called with gRPC, which needs HTTP/2; write [protocol: h2c], or [h2] with [tls]")]
    [InlineData("protocol: h2c", "respond: {body: ok}", "Route [*] has [grpc_web] but no [upstream] that would be called; remove it")]
    [InlineData("protocol: h2c", "upstream: a", null)]
    public void A_bridge_needs_an_upstream_of_HTTP_2(string protocol, string route, string? message) =>
        Assert.Equal(message is null ? [] : [message], Read(", " + protocol, $"\nsites: [{{hosts: [a.test], routes: [{{{route}, grpc_web: true}}]}}]").Problems);

    private static (HealthCheckOptions? Options, string[] Problems) Read(string keys, string sites = "")
    {
        var diagnostics = new ConfigDiagnostics();
        var root = YamlReader.Read($"upstreams: {{a: {{servers: [127.0.0.1:1]{keys}}}}}{sites}", "test.yaml", diagnostics)!;
        var configuration = ConfigurationReader.Read(root, "test.yaml", CliRun.Environment(), diagnostics)!;
        return (configuration.Proxy.Upstreams[0].HealthCheck, [.. diagnostics.Items.Select(item => item.Message)]);
    }
}
