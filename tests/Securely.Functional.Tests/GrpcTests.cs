using System.Runtime.InteropServices;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>gRPC through the built program, from a real client to a real server.</summary>
public sealed class GrpcTests
{
    [Fact]
    public async Task Calls_of_every_kind_come_through_with_their_messages_metadata_and_status()
    {
        await using var server = await GrpcPrograms.ServeAsync();
        await using var proxy = await RunningProxy.StartAsync(server.Address);

        var lines = await GrpcPrograms.CallAsync(
            proxy.Address, "unary", "large", "deadline", "late", "status", "unknown", "stream", "broken", "cancel", "upload", "talk", "many");

        Assert.Equal(
            [
                "unary hello 00ff0a0d",
                "large true",
                "deadline true",
                "late 4",
                "status 5 no such thing: 100 %, ünlucky looked everywhere",
                "unknown 12",
                "stream 1000 999 0",
                "broken one+two 10 half way",
                "cancel begun 1",
                "upload a+b+c",
                "talk 5 you said 5 0",
                "many true",
            ],
            lines);
        // The client's cancellation has reached the server.
        await server.Process.WaitForLineAsync("cancelled Endless");
    }

    [Fact]
    public async Task Servers_that_say_that_they_do_not_serve_are_not_called_until_they_do()
    {
        await using var one = await GrpcPrograms.ServeAsync();
        await using var other = await GrpcPrograms.ServeAsync();
        await using var proxy = await RunningProxy.StartAsync($"{one.Address}\", \"{other.Address}", upstream: ", health_check: {type: grpc, interval: 100ms, timeout: 10s}");
        string[] both = [.. new[] { one, other }.Select(server => $"{server.EndPoint.Port}").Order(StringComparer.Ordinal)];
        Assert.Equal([$"who {both[0]},{both[1]}"], await GrpcPrograms.CallAsync(proxy.Address, "who"));

        one.Process.Signal(PosixSignal.SIGHUP);
        await proxy.Process.WaitForLineAsync($"Server [{one.Address}] of upstream [calls] is not healthy: service [] is NOT_SERVING");
        Assert.Equal([$"who {other.EndPoint.Port}"], await GrpcPrograms.CallAsync(proxy.Address, "who"));

        one.Process.Signal(PosixSignal.SIGHUP);
        await proxy.Process.WaitForLineAsync($"Server [{one.Address}] of upstream [calls] is healthy again");
        Assert.Equal([$"who {both[0]},{both[1]}"], await GrpcPrograms.CallAsync(proxy.Address, "who"));
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_UNAVAILABLE_and_says_why()
    {
        using var dead = DeadEndPoint.Refusing();
        await using var proxy = await RunningProxy.StartAsync(dead.Address);

        var lines = await GrpcPrograms.CallAsync(proxy.Address, "failing");

        Assert.Equal(["failing 14 Bad Gateway"], lines);
    }
}

/// <summary>Calls of gRPC-web, as a browser makes them, through the bridge of the built program to a real server of gRPC.</summary>
public sealed class GrpcWebTests
{
    // One message of five bytes.
    private const string Hello = "\0\0\0\0\u0005hello";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_call_is_answered_with_messages_and_trailers_in_the_body(int version)
    {
        await using var server = await GrpcPrograms.ServeAsync();
        await using var proxy = await RunningProxy.StartAsync(server.Address, route: ", grpc_web: true");
        using var http = new HttpClient();

        using var echo = await CallAsync(http, proxy, "Echo", version, Hello);
        using var count = await CallAsync(http, proxy, "Count", version, "\0\0\0\0\u00013");

        Assert.Equal((200, version), ((int)echo.StatusCode, echo.Version.Major));
        Assert.Equal("application/grpc-web+proto", $"{echo.Content.Headers.ContentType}");
        var body = await BodyAsync(echo);
        Assert.StartsWith(Hello + "\u0080\0\0\0", body, StringComparison.Ordinal);
        Assert.Contains("grpc-status:0\r\n", body, StringComparison.Ordinal);
        Assert.Equal(body.Length, Hello.Length + 5 + body[Hello.Length + 4]);
        Assert.Empty(echo.TrailingHeaders);
        Assert.StartsWith("\0\0\0\0\u00010\0\0\0\0\u00011\0\0\0\0\u00012\u0080\0\0\0", await BodyAsync(count), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_without_messages_stays_in_the_head()
    {
        await using var server = await GrpcPrograms.ServeAsync();
        await using var proxy = await RunningProxy.StartAsync(server.Address, route: ", grpc_web: true");
        using var http = new HttpClient();

        using var response = await CallAsync(http, proxy, "Missing", 1, Hello);

        Assert.Equal("application/grpc-web+proto", $"{response.Content.Headers.ContentType}");
        Assert.Equal("5", Status(response));
        Assert.Equal("", await BodyAsync(response));
    }

    [Fact]
    public async Task What_cannot_be_bridged_or_reached_is_answered_with_a_status_of_gRPC()
    {
        using var dead = DeadEndPoint.Refusing();
        await using var proxy = await RunningProxy.StartAsync(dead.Address, route: ", grpc_web: true");
        using var http = new HttpClient();

        using var unreachable = await CallAsync(http, proxy, "Echo", 1, Hello);
        using var text = await CallAsync(http, proxy, "Echo", 1, "AAAAAAVoZWxsbw==", "application/grpc-web-text");
        using var page = await http.GetAsync($"http://{proxy.Address}/");

        Assert.Equal((200, "14"), ((int)unreachable.StatusCode, Status(unreachable)));
        Assert.Equal("application/grpc-web+proto", $"{unreachable.Content.Headers.ContentType}");
        Assert.Equal((200, "12"), ((int)text.StatusCode, Status(text)));
        Assert.Equal(502, (int)page.StatusCode);
    }

    private static async Task<HttpResponseMessage> CallAsync(HttpClient http, RunningProxy proxy, string method, int version, string body, string type = "application/grpc-web+proto")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{proxy.Address}/test.Calls/{method}")
        {
            Content = new ByteArrayContent(System.Text.Encoding.Latin1.GetBytes(body)) { Headers = { ContentType = new(type) } },
            Version = new Version(version, version == 1 ? 1 : 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Add("x-grpc-web", "1");
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string Status(HttpResponseMessage response) => Assert.Single(response.Headers.GetValues("grpc-status"));

    private static async Task<string> BodyAsync(HttpResponseMessage response) =>
        System.Text.Encoding.Latin1.GetString(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
}

/// <summary>The program with one route to one gRPC upstream.</summary>
internal sealed class RunningProxy : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly RunningProcess _process;

    private RunningProxy(TemporaryDirectory directory, RunningProcess process, string address)
    {
        _directory = directory;
        _process = process;
        Address = address;
    }

    /// <summary>Where it listens: <c>127.0.0.1:PORT</c>.</summary>
    public string Address { get; }

    public RunningProcess Process => _process;

    /// <summary>Starts it.</summary>
    /// <param name="server">Where the gRPC server listens.</param>
    /// <param name="upstream">More keys of the upstream, each behind a comma.</param>
    /// <param name="route">More keys of the route, each behind a comma.</param>
    public static async Task<RunningProxy> StartAsync(string server, string upstream = "", string route = "")
    {
        var directory = new TemporaryDirectory();
        var file = directory.Write("securely.yaml", $$$"""
            threads: 1
            data_dir: data
            listeners: [{address: "127.0.0.1:0"}]
            upstreams: {calls: {servers: ["{{{server}}}"], protocol: h2c{{{upstream}}}}}
            sites: [{hosts: ["*"], routes: [{upstream: calls{{{route}}}}]}]
            """);
        var process = await new CliRunner().StartAsync("is ready", "serve", "-c", file);
        return new RunningProxy(directory, process, new Uri(await process.WaitForLineAsync("http://")).Authority);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }
}
