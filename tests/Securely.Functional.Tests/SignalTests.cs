using System.Net;
using System.Runtime.InteropServices;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>Signals to the running program.</summary>
public sealed class SignalTests
{
    [Fact]
    [Trait("Case", "56")]
    public async Task SIGTERM_finishes_what_is_in_flight_closes_what_is_idle_and_exits_0()
    {
        var phases = new PhaseBarrier();
        await using var origin = SlowOrigin(phases);
        await using var process = await StartAsync(origin);
        var address = await AddressAsync(process);
        await using var idle = await RawClient.ConnectAsync(address);
        await using var busy = await RawClient.ConnectAsync(address);
        await idle.ExchangeAsync("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n");
        await busy.SendAsync("GET /slow HTTP/1.1\r\nHost: app.test\r\n\r\n");
        await phases.WaitAsync("arrived");

        process.Signal(PosixSignal.SIGTERM);
        Assert.Equal(ConnectionEnd.Finished, await idle.WaitForCloseAsync());
        await Assert.ThrowsAsync<IOException>(() => RawClient.ConnectAsync(address));
        phases.Signal("answer");
        var response = await busy.ReadResponseAsync();

        Assert.Equal((200, "finished", "close"), (response.Status, response.BodyText, response.Header("Connection")));
        Assert.Equal(0, (await process.WaitForExitAsync()).ExitCode);
    }

    [Fact]
    [Trait("Case", "56")]
    public async Task SIGINT_ends_at_once_and_exits_0()
    {
        var phases = new PhaseBarrier();
        await using var origin = SlowOrigin(phases);
        await using var process = await StartAsync(origin);
        await using var busy = await RawClient.ConnectAsync(await AddressAsync(process));
        await busy.SendAsync("GET /slow HTTP/1.1\r\nHost: app.test\r\n\r\n");
        await phases.WaitAsync("arrived");

        process.Signal(PosixSignal.SIGINT);

        Assert.Equal(0, (await process.WaitForExitAsync()).ExitCode);
        phases.Signal("answer");
        Assert.DoesNotContain("finished", (await busy.ReadToEndAsync()).Text, StringComparison.Ordinal);
    }

    private static Task<RunningProcess> StartAsync(TestOrigin origin) =>
        new CliRunner().StartAsync("is ready", "proxy", "--from", "127.0.0.1:0", "--to", origin.Address);

    private static async Task<IPEndPoint> AddressAsync(RunningProcess process) =>
        IPEndPoint.Parse(new Uri(await process.WaitForLineAsync("http://")).Authority);

    /// <summary>Answers at once, but <c>/slow</c> only when the phase <c>answer</c> has come.</summary>
    private static TestOrigin SlowOrigin(PhaseBarrier phases) => TestOrigin.Start(OriginScripts.EachRequest(async (connection, head, _) =>
    {
        if (head.StartsWith("GET /slow ", StringComparison.Ordinal))
        {
            phases.Signal("arrived");
            await phases.WaitAsync("answer");
        }
        await connection.SendOkAsync("finished");
    }));
}
