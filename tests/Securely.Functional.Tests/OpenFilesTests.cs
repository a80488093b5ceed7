using System.Globalization;
using System.Net;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>A running program that may open no more files.</summary>
public sealed class OpenFilesTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n";

    [Fact]
    public async Task A_program_without_descriptors_says_so_and_serves_again_when_it_has_some()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("securely.yaml", """
            threads: 2
            limits: {connections: 10000}
            listeners: [{address: "127.0.0.1:0"}]
            sites: [{hosts: ["*"], routes: [{respond: {body: ok}}]}]
            """);
        await using var process = await new CliRunner().StartAsync("is ready", "serve", "-c", file);
        var address = IPEndPoint.Parse(new Uri(await process.WaitForLineAsync("http://")).Authority);
        await using var first = await RawClient.ConnectAsync(address);
        Assert.Equal(200, (await first.ExchangeAsync(Get)).Status);
        var open = Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Length;
        var limit = open + 100;
        Assert.Equal(0, (await new CliRunner { Binary = "prlimit" }.RunAsync("--pid", $"{process.Id}", string.Create(CultureInfo.InvariantCulture, $"--nofile={limit}"))).ExitCode);

        var clients = new List<RawClient>();
        for (var i = 0; i < 140; i++)
            clients.Add(await RawClient.ConnectAsync(address));
        await process.WaitForLineAsync("cannot accept (TooManyOpenSockets)");
        Assert.Equal(200, (await first.ExchangeAsync(Get)).Status);
        // The runtime needs some for each thread that it starts, and ends the process when it gets none.
        Assert.InRange(Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Length, open, limit - 16);
        foreach (var client in clients.SkipLast(5))
            await client.DisposeAsync();

        foreach (var client in clients.TakeLast(5))
        {
            Assert.Equal(200, (await client.ExchangeAsync(Get)).Status);
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_limit_of_connections_that_the_open_files_do_not_allow_is_a_warning()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("securely.yaml", """
            limits: {connections: 2000000000}
            listeners: [{address: "127.0.0.1:0"}]
            """);
        await using var process = await new CliRunner().StartAsync("is ready", "serve", "-c", file);

        Assert.Contains("[2000000000]", await process.WaitForLineAsync("is more than the open files"), StringComparison.Ordinal);
    }
}
