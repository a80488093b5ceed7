using Securely.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Upstreams that stop in the middle (case 25), on a clock that stands still between the steps of a test.</summary>
public sealed class SilentUpstreamTests
{
    private static readonly PeerOptions _options = new() { ReadTimeout = TimeSpan.FromSeconds(5) };

    [Theory]
    [Trait("Case", "25")]
    [Wire("")]
    [Wire("HTTP/1.1 2")]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n")]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r")]
    public async Task Silence_before_the_end_of_the_head_is_504_and_the_connection_is_closed(Transport transport, Delivery delivery, string wire)
    {
        await using var stage = await ClockStage.StartAsync(peer: _options);
        await using var client = await stage.ConnectAloneAsync(transport);
        var ended = await AskedAsync(stage, client, delivery, wire);

        var response = await stage.EndsAsync(client.ReadResponseAsync(), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(0.5));

        Assert.Equal((504, "close"), (response.Status, response.Header("Connection")));
        await client.WaitForCloseAsync();
        Assert.NotEqual(await ended, await stage.IsServedAsync());
    }

    [Theory]
    [Trait("Case", "25")]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "\r\n\r\n")]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", "\r\n\r\no")]
    [Wire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n", "k\r\n")]
    [Wire("HTTP/1.1 200 OK\r\n\r\nok", "k\r\n")]
    public async Task Silence_in_the_body_cuts_the_response_and_the_connection_is_closed(Transport transport, Delivery delivery, string wire, string last)
    {
        await using var stage = await ClockStage.StartAsync(peer: _options);
        await using var client = await stage.ConnectAloneAsync(transport);
        var ended = await AskedAsync(stage, client, delivery, wire);

        await client.ReadUntilAsync(last);
        var rest = await stage.EndsAsync(client.ReadToEndAsync(), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(0.5));

        Assert.Equal(("", ConnectionEnd.Reset), (rest.Text, rest.End));
        Assert.NotEqual(await ended, await stage.IsServedAsync());
    }

    /// <summary>Asks an origin that sends so much and no more. The task that is returned gives the number of its connection when that has ended.</summary>
    private static async Task<Task<int>> AskedAsync(ClockStage stage, RawClient client, Delivery delivery, string wire)
    {
        var phases = new PhaseBarrier();
        var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var target = stage.Plan(async (connection, _) =>
        {
            await stage.SendAsync(connection, wire, delivery);
            phases.Signal("silent");
            await connection.ReadToEndAsync();
            ended.TrySetResult(connection.Index);
        });
        await stage.SendAsync(client, $"GET {target} HTTP/1.1\r\nHost: app.test\r\n\r\n");
        await phases.WaitAsync("silent");
        return ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
