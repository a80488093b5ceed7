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
    public async Task A_server_that_cannot_be_reached_is_UNAVAILABLE_and_says_why()
    {
        using var dead = DeadEndPoint.Refusing();
        await using var proxy = await RunningProxy.StartAsync(dead.Address);

        var lines = await GrpcPrograms.CallAsync(proxy.Address, "failing");

        Assert.Equal(["failing 14 Bad Gateway"], lines);
    }
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
