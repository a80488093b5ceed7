using Securely.Hosting;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>How a running proxy ends.</summary>
public sealed class ProxyEndToEndShutdownTests
{
    /// <summary>The phases of a server that SIGTERM ends, in order (spec row SRV-02).</summary>
    private static readonly ExecutionPhase[] Terminated =
    [
        ExecutionPhase.Bootstrap,
        ExecutionPhase.BootstrapComplete,
        ExecutionPhase.Running,
        ExecutionPhase.GracefulTerminate,
        ExecutionPhase.ShutdownStarted,
        ExecutionPhase.ShutdownGracePeriod,
        ExecutionPhase.ShutdownRuntimes,
        ExecutionPhase.Terminated,
    ];

    [Fact]
    [Trait("Case", "56")]
    public async Task Graceful_shutdown_finishes_what_is_in_flight_and_closes_what_is_idle()
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(OriginScripts.EachRequest(async (connection, head, _) =>
        {
            if (head.StartsWith("GET /slow ", StringComparison.Ordinal))
            {
                phases.Signal("arrived");
                await phases.WaitAsync("answer");
            }
            await connection.SendOkAsync("finished");
        }));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var idle = await host.ConnectAsync();
        await using var busy = await host.ConnectAsync();
        await idle.ExchangeAsync("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n");
        await busy.SendAsync("GET /slow HTTP/1.1\r\nHost: app.test\r\n\r\n");
        await phases.WaitAsync("arrived");

        var stopping = host.StopGracefullyAsync();
        Assert.Equal(ConnectionEnd.Finished, await idle.WaitForCloseAsync());
        await Assert.ThrowsAsync<IOException>(host.ConnectAsync);
        phases.Signal("answer");
        var response = await busy.ReadResponseAsync();

        Assert.Equal((200, "finished", "close"), (response.Status, response.BodyText, response.Header("Connection")));
        Assert.Equal(0, await stopping);
        Assert.Equal(Terminated, host.Phases);
    }
}
