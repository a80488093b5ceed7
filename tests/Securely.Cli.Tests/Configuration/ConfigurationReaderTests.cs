using Securely.Config;
using Securely.Http;
using Securely.Net;
using Securely.Proxy;

namespace Securely.Cli.Tests;

public sealed class ConfigurationReaderTests
{
    private static string Directory => Path.Combine(CliPaths.Root, "conf");

    [Fact]
    public void Every_key_of_a_listener_arrives_in_its_options()
    {
        var listeners = ReadGolden("full.yaml").Listeners;

        Assert.Equal(["0.0.0.0:8080", "[::1]:8080", "*:8081", "localhost:8082", "unix:" + Path.Combine(Directory, "run/securely.sock")], listeners.Select(listener => listener.Address));
        Assert.Equal(
            new ListenerOptions(listeners[4].Address)
            {
                Timeouts = new HttpTimeouts
                {
                    Handshake = TimeSpan.FromSeconds(5),
                    Header = TimeSpan.FromSeconds(10),
                    Body = TimeSpan.FromMinutes(2),
                    Write = TimeSpan.FromMilliseconds(250),
                    Idle = TimeSpan.FromHours(1),
                    MinReceiveRate = 2048,
                    MinSendRate = 500,
                },
                Limits = new HttpLimits { HeaderBytes = 32 * 1024, Headers = 64, RequestLine = 4 * 1024, Body = 10 * 1024 * 1024 },
            },
            listeners[4]);
        Assert.Equal(Path.Combine(Directory, "run/securely.sock"), listeners[4].UnixPath);
        Assert.Equal(new ListenerOptions("0.0.0.0:8080") { Http2 = false }, listeners[0]);
        Assert.Null(listeners[0].UnixPath);
        Assert.True(listeners[3].Tls!.IsAutomatic);
    }

    [Fact]
    public void Every_key_of_an_upstream_arrives_in_its_options()
    {
        var upstreams = ReadGolden("full.yaml").Proxy.Upstreams;

        Assert.Equal(["app", "other"], upstreams.Select(upstream => upstream.Name));
        Assert.Equal(
            [new("127.0.0.1:3000"), new("[::1]:3001", 2), new("localhost:3002"), new("unix:" + Path.Combine(Directory, "run/app.sock"))],
            upstreams[0].Servers);
        Assert.Equal("round_robin", upstreams[0].Balance);
        Assert.Equal(3, upstreams[0].Retries);
        Assert.Equal(
            new UpstreamTimeouts
            {
                Connect = TimeSpan.FromSeconds(2),
                TotalConnect = TimeSpan.FromSeconds(4),
                Read = TimeSpan.FromSeconds(30),
                Write = TimeSpan.FromSeconds(20),
                Idle = TimeSpan.FromSeconds(10),
            },
            upstreams[0].Timeouts);
        Assert.Equal(new UpstreamTimeouts(), upstreams[1].Timeouts);
        Assert.Equal(1, upstreams[1].Retries);
        Assert.Null(upstreams[0].Tls);
        Assert.Equal(new ClientTls { ServerName = "other.internal", VerifyHostName = false, AlternativeName = "two.internal" }, upstreams[1].Tls);
    }

    [Fact]
    public void Every_key_of_a_route_arrives_in_its_options()
    {
        var sites = ReadGolden("full.yaml").Proxy.Sites;

        Assert.Equal(["app.test", "*.app.test"], sites[0].Hosts);
        Assert.Equal(["*"], sites[1].Hosts);
        var routes = sites[0].Routes;
        Assert.Equal("/api/*", routes[0].Path);
        Assert.Equal(["GET", "POST"], routes[0].Methods);
        Assert.Equal([new("x-beta", "1")], routes[0].Headers);
        Assert.Equal("app", routes[0].Upstream);
        Assert.Equal([new("x-from", "securely"), new("x-empty", "")], routes[0].RequestHeaders!.Set);
        Assert.Equal(["x-secret"], routes[0].RequestHeaders!.Remove);
        Assert.Equal([new("server", "Securely")], routes[0].ResponseHeaders!.Set);
        Assert.Equal(["x-powered-by"], routes[0].ResponseHeaders!.Remove);
        Assert.Equal(new RedirectOptions("/new/", 301), routes[1].Redirect);
        Assert.Equal(new RedirectOptions("https://other.test/", 308), routes[2].Redirect);
        Assert.Equal(new RespondOptions(200, "ok"), routes[3].Respond);
        Assert.Equal(new RespondOptions(200, "<p>hello</p>", "text/html"), routes[4].Respond);
        Assert.Equal(new RespondOptions(410), routes[5].Respond);
        Assert.Equal((null, "app"), (routes[6].Path, routes[6].Upstream));
    }

    [Fact]
    public void What_is_seen_from_outside_arrives_in_its_options()
    {
        var configuration = ReadGolden("full.yaml");

        Assert.Equal(new MetricsOptions("unix:" + Path.Combine(Directory, "run/metrics.sock")), configuration.Metrics);
        var log = configuration.AccessLog!;
        Assert.Equal((Path.Combine(Directory, "log/access.log"), AccessLogFormat.Json, 0.5), (log.Path, log.Format, log.Sample));
        Assert.Equal(["status", "header:x-request-id"], log.Fields!);
        Assert.Equal(["token"], log.RedactedQuery);
        Assert.Equal(["authorization"], log.RedactedHeaders);
        Assert.False(configuration.Proxy.TrustedProxies.IsEmpty);

        var defaults = Read("access_log: {path: \"-\"}");
        Assert.Null(defaults.Metrics);
        Assert.True(defaults.Proxy.TrustedProxies.IsEmpty);
        Assert.Equal((AccessLogOptions.StandardOutput, null, 1), (defaults.AccessLog!.Path, defaults.AccessLog.Fields, defaults.AccessLog.Sample));
        Assert.Equal(AccessLogFormat.Combined, Read("access_log: {path: stdout, format: combined}").AccessLog!.Format);
    }

    [Fact]
    public void The_keys_of_the_process_and_of_the_user_are_read_too()
    {
        var configuration = Read("threads: 3\nmine: {kept: here}\nforwarded: off\n");

        Assert.Equal(3, configuration.Server.Threads);
        Assert.Null(configuration.MaxConnections);
        Assert.Equal("here", configuration.Server.Extra["mine"]!["kept"]!.Text);
        Assert.Equal(ForwardedMode.Off, configuration.Proxy.Forwarded);
    }

    [Fact]
    public void A_file_that_says_nothing_listens_on_the_default_address_and_serves_no_site()
    {
        var configuration = Read("");

        Assert.Equal([new ListenerOptions("127.0.0.1:8080") { IsDefault = true }], configuration.Listeners);
        Assert.Empty(configuration.Proxy.Sites);
        Assert.Empty(configuration.Proxy.Upstreams);
        Assert.Equal(ForwardedMode.Append, configuration.Proxy.Forwarded);
        Assert.Equal("1 listener, 0 upstreams, 0 sites", configuration.Summary);
    }

    [Theory]
    [InlineData("listeners: []", "1:12: [listeners] is empty; add an address, or leave the key out to listen on 127.0.0.1:8080")]
    [InlineData("listeners: nothing", "1:12: [listeners] must be a list, not [nothing]; write it as [a, b], or with [- ] before each item")]
    [InlineData("listeners: [{address: 127.0.0.1:1}, {address: 127.0.0.1:1}]", "1:47: Address [127.0.0.1:1] stands twice; the first is at test.yaml:1:23")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], protocol: h3}}", "1:51: [protocol] must be one of [h1], [h2], [h2c], [auto], not [h3]; did you mean [h1]?")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], protocol: h2c, tls: {sni: a.test}}}", "1:51: [h2c] is HTTP/2 without TLS; write [h2], or take [tls] out")]
    [InlineData("upstreams: {a: 5}", "1:16: [upstreams.a] must be a map of keys and values, not [5]")]
    [InlineData("upstreams: {a: {servers: [{}]}}", "1:27: [address] is missing in [upstreams.a.servers.0]")]
    [InlineData("sites: [5]", "1:9: [sites.0] must be a map of keys and values, not [5]")]
    [InlineData("sites: [{hosts: [a.test], routes: [5]}]", "1:36: [sites.0.routes.0] must be a map of keys and values, not [5]")]
    [InlineData("sites: [{hosts: [], routes: [{respond: {}}]}]", "1:17: Site [] has no hosts; write hosts: [app.test], or [\"*\"] for every host")]
    [InlineData("sites: [{hosts: a.test, routes: [{upstream: }]}]", "1:35: [upstream] has no value; write one, or leave the key out for the default")]
    [InlineData("sites: [{hosts: [a.test], routes: [{upstream: b}]}]", "1:47: Upstream [b] is not defined")]
    [InlineData("limits: {connections: 0}", "1:23: [connections] must be at least [1], not [0]")]
    [InlineData("limits: {conections: 1}", "1:10: [conections] is unknown in [limits]; did you mean [connections]?")]
    [InlineData("metrics: {}", "1:1: [address] is missing in [metrics]")]
    [InlineData("metrics: 9100", "1:10: [metrics] must be a map of keys and values, not [9100]")]
    [InlineData("metrics: {address: 127.0.0.1}", "1:20: Address [127.0.0.1] has no port; write IP:PORT, [IPv6]:PORT, *:PORT or unix:/path")]
    [InlineData("metrics: {address: 127.0.0.1:9100, path: /m}", "1:36: [path] is unknown in [metrics]; known are [address]")]
    [InlineData("access_log: {}", "1:1: [path] is missing in [access_log]")]
    [InlineData("access_log: {path: a, format: xml}", "1:31: [format] must be one of [json], [combined], not [xml]")]
    [InlineData("access_log: {path: a, fields: [stauts]}", "1:32: [fields]: [stauts] is not a field; did you mean [status]?")]
    [InlineData("access_log: {path: a, fields: [status, status]}", "1:40: [fields]: [status] stands twice")]
    [InlineData("access_log: {path: a, fields: [\"header:\"]}", "1:32: [fields]: [header:] is not a field; the name of a header is missing or not one")]
    [InlineData("access_log: {path: a, fields: []}", "1:31: [fields] is empty; name some, or leave the key out")]
    [InlineData("access_log: {path: a, format: combined, fields: [status]}", "1:49: [fields] is for format [json]; the format [combined] has its own")]
    [InlineData("access_log: {path: a, sample: 0}", "1:31: [sample] must be a share above [0] and at most [1], as in [0.1], not [0]")]
    [InlineData("access_log: {path: a, sample: 10%}", "1:31: [sample] must be a share above [0] and at most [1], as in [0.1], not [10%]")]
    [InlineData("access_log: {path: a, redact: {headers: [\"a b\"]}}", "1:42: [headers]: [a b] is not the name of a header")]
    [InlineData("trusted_proxies: [10.0.0.1/8]", "1:19: [trusted_proxies]: [10.0.0.1/8] has bits behind its prefix; did you mean [10.0.0.0/8]?")]
    [InlineData("trusted_proxies: proxy.test", "1:18: [trusted_proxies]: [proxy.test] is not an address or network; write it as in [10.0.0.0/8] or [::1]")]
    [InlineData("5", "1:1: A configuration is a map of keys and values, as in [threads: 2]")]
    public void One_mistake_is_one_diagnostic(string yaml, string expected)
    {
        var diagnostics = new ConfigDiagnostics();

        Read(yaml, diagnostics);

        Assert.Equal(["test.yaml:" + expected], diagnostics.Items.Select(item => item.ToString()));
    }

    [Theory]
    [InlineData(true, null, "/var/lib/securely")]
    [InlineData(true, "/data", "/var/lib/securely")]
    [InlineData(false, "/data", "/data/securely")]
    [InlineData(false, null, "/home/somebody/.local/share/securely")]
    [InlineData(false, "", "/home/somebody/.local/share/securely")]
    [InlineData(false, "relative", "/home/somebody/.local/share/securely")]
    public void The_data_directory_follows_the_user_and_XDG(bool isRoot, string? xdg, string expected)
    {
        var environment = CliRun.Environment(variables: xdg is null ? null : new Dictionary<string, string> { ["XDG_DATA_HOME"] = xdg });

        Assert.Equal(expected, DataDirectory.Default(environment with { IsRoot = isRoot, SystemDataDirectory = new CliEnvironment { CurrentDirectory = "/", IsRoot = true, Variable = _ => null }.SystemDataDirectory }));
    }

    [Fact]
    public void The_limits_of_the_process_arrive_too() => Assert.Equal(5000, ReadGolden("full.yaml").MaxConnections);

    [Fact]
    public void A_data_directory_of_the_file_is_relative_to_the_file() =>
        Assert.Equal(Path.Combine(Directory, "data"), ReadGolden("full.yaml").DataDirectory);

    [Theory]
    [InlineData("", "/home/somebody/.local/share/securely/control.sock", false)]
    [InlineData("data_dir: data", "data/control.sock", true)]
    [InlineData("control_socket: run/c.sock", "run/c.sock", true)]
    [InlineData("data_dir: data\ncontrol_socket: /run/c.sock", "/run/c.sock", true)]
    public void The_control_socket_is_in_the_data_directory_unless_the_file_names_it(string yaml, string expected, bool isRequired) =>
        Assert.Equal(new ControlSocketOptions(Path.GetFullPath(expected), isRequired), Read(yaml).ControlSocket);

    [Fact]
    public void The_welcome_page_is_a_sound_configuration_for_every_host()
    {
        var configuration = ConfigurationReader.WithoutFile(CliRun.Environment());

        Assert.Empty(RouteTable.Check(configuration.Proxy));
        Assert.Equal(["*"], Assert.Single(configuration.Proxy.Sites).Hosts);
        var page = Assert.Single(configuration.Proxy.Sites[0].Routes).Respond!;
        Assert.Equal(("text/html; charset=utf-8", 200), (page.ContentType, page.Status));
        Assert.Contains("Securely is running", page.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_on_the_welcome_page_can_be_pasted()
    {
        var page = ConfigurationReader.WithoutFile(CliRun.Environment()).Proxy.Sites[0].Routes[0].Respond!.Body;
        var example = page.Split("<pre><code>")[1].Split("</code></pre>")[0];

        var configuration = Read(example);

        Assert.Equal("1 listener, 1 upstream, 1 site", configuration.Summary);
    }

    private static SecurelyConfiguration ReadGolden(string name)
    {
        var diagnostics = new ConfigDiagnostics();
        var configuration = ConfigurationReader.Read(Path.Combine(Directory, name), CliRun.Environment(), diagnostics);
        Assert.Empty(diagnostics.Items);
        return configuration!;
    }

    private static SecurelyConfiguration Read(string yaml)
    {
        var diagnostics = new ConfigDiagnostics();
        var configuration = Read(yaml, diagnostics);
        Assert.Empty(diagnostics.Items);
        return configuration!;
    }

    private static SecurelyConfiguration? Read(string yaml, ConfigDiagnostics diagnostics) =>
        YamlReader.Read(yaml, "test.yaml", diagnostics) is { } root
            ? ConfigurationReader.Read(root, "test.yaml", CliRun.Environment(), diagnostics)
            : null;
}
