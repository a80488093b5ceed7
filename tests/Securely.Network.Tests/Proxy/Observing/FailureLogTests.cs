using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Securely.Net;
using Securely.Network.Tests.Net;
using Securely.Network.Tests.Proxy.Logging;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Observing;

public sealed class FailureLogTests
{
    private static readonly IPEndPoint First = new(IPAddress.Loopback, 1);
    private static readonly IPEndPoint Second = new(IPAddress.Loopback, 2);

    [Fact]
    public async Task A_failure_that_repeats_is_counted_and_said_once_a_second()
    {
        var time = new ManualTimeProvider();
        var entries = new EntryLog();
        await using var workers = new TestWorkers(time: time);
        var log = new FailureLog(entries, 1);
        Assert.Equal(1, await RunAsync(First, First, First));
        // Another server and another kind have lines of their own.
        Assert.Equal(1, await RunAsync(Second));
        Assert.True(await workers.RunAsync(() => log.TryEnter(Worker.Current!, First, Error(ErrorKind.ReadTimedOut), "app")));
        Assert.Empty(entries.Of(LogLevel.Error));

        await PassAsync(1000);
        Assert.Equal(["Requests to upstream [app at 127.0.0.1:1] failed: Upstream ConnectRefused: nobody there; repeated 2 times"], entries.Of(LogLevel.Error));
        // The next second has begun with that line.
        Assert.Equal(0, await RunAsync(First));
        await PassAsync(2000);
        Assert.EndsWith("repeated 1 times", entries.Of(LogLevel.Error).Last(), StringComparison.Ordinal);
        await PassAsync(3000);
        Assert.Equal(2, entries.Of(LogLevel.Error).Count());
        Assert.Equal(1, await RunAsync(First));

        Task<int> RunAsync(params IPEndPoint[] servers) => workers.RunAsync(() => servers.Count(s => log.TryEnter(Worker.Current!, s, Error(ErrorKind.ConnectRefused), $"app at {s}")));

        async Task PassAsync(int until)
        {
            time.Advance(TimeSpan.FromMilliseconds(until) - time.Elapsed + TimeSpan.FromMilliseconds(20));
            await workers.SettleAsync(TimeSpan.FromMilliseconds(until));
        }
    }

    [Fact]
    public async Task Many_servers_fail_without_end_in_bounded_memory()
    {
        await using var workers = new TestWorkers();
        var log = new FailureLog(new EntryLog(), 1);
        var entered = await workers.RunAsync(() => Enumerable.Range(1, 1000).Count(port => log.TryEnter(Worker.Current!, new IPEndPoint(IPAddress.Loopback, port), Error(ErrorKind.ConnectRefused), "app")));
        Assert.Equal(64, entered);
    }

    [Fact]
    public async Task A_failed_request_is_one_line_with_its_upstream_and_those_that_repeat_it_are_none()
    {
        using var dead = DeadEndPoint.Refusing();
        await using var proxy = await LoggedProxy.StartAsync(dead.Address, time: new ManualTimeProvider());
        foreach (var path in (string[])["/app/1", "/app/2", "/app/3"])
            Assert.Equal(502, (await proxy.SendAsync($"GET {path} HTTP/1.1\r\nHost: app.test\r\n\r\n")).Status);
        await proxy.EndAsync();

        var line = Assert.Single(proxy.Host.Log.Lines, line => line.StartsWith("Error: ", StringComparison.Ordinal));
        Assert.StartsWith($"Error: Request [GET /app/1, Host: app.test] to upstream [app at {dead.Address}] failed: Upstream ConnectRefused: Upstream [{dead.Address}]: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        // Tries that are repeated are warnings, held to one a second too.
        Assert.Single(proxy.Host.Log.Lines, line => line.StartsWith("Warning: ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_line_has_the_chain_of_causes_without_what_was_said_before()
    {
        var socket = new SocketException((int)SocketError.ConnectionRefused);
        var net = new NetException(NetErrorKind.ConnectRefused, "Peer [127.0.0.1:1] refused", ErrorSource.Upstream, socket);
        Assert.Equal(
            $"Upstream ConnectRefused: Upstream [127.0.0.1:1]: Peer [127.0.0.1:1] refused <- SocketException: {socket.Message}",
            FailureLog.Describe(new ProxyError(ErrorKind.ConnectRefused, ErrorSource.Upstream, "Upstream [127.0.0.1:1]: Peer [127.0.0.1:1] refused", net)));
        Assert.Equal(
            "Internal InternalError: bad\\x0aline <- FormatException: worse\\x1b",
            FailureLog.Describe(new ProxyError(ErrorKind.InternalError, ErrorSource.Internal, "bad\nline", new FormatException("worse\u001b"))));
    }

    private static ProxyError Error(ErrorKind kind) => new(kind, ErrorSource.Upstream, "nobody there");
}
