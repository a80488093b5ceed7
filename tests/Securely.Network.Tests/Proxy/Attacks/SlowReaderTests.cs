using Securely.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Clients that stop taking a response (cases 23 and 24), on a clock that stands still between the steps of a test.</summary>
public sealed class SlowReaderTests
{
    // More than the kernel holds for a client that does not read.
    private const int Length = 16 << 20;
    private const int Block = 64 * 1024;
    private static readonly TimeSpan _tenth = TimeSpan.FromMilliseconds(100);
    private static readonly HttpTimeouts _timeouts = new() { Write = TimeSpan.FromSeconds(1) };

    [Theory]
    [Trait("Case", "24")]
    [Wire(OnlyWhole = true)]
    public async Task A_stall_that_the_minimum_rate_grants_does_not_end_the_response(Transport transport, Delivery delivery)
    {
        await using var stage = await ClockStage.StartAsync(_timeouts with { MinSendRate = 10_000 });
        await using var client = await stage.ConnectAloneAsync(transport, receiveBuffer: 4096);
        await IsStalledAsync(stage, client);

        for (var tenth = 0; tenth < 20; tenth++)
            await stage.PassAsync(_tenth);

        Assert.Equal(Length, (await client.ReadExactAsync(Length)).Length);
        Assert.Equal("GET /after ", (await client.ExchangeAsync("GET /after HTTP/1.1\r\nHost: app.test\r\n\r\n")).BodyText);
    }

    [Theory]
    [Trait("Case", "23")]
    [Wire(OnlyWhole = true)]
    public async Task A_stall_beyond_the_write_timeout_cuts_the_response_and_frees_the_upstream(Transport transport, Delivery delivery)
    {
        await using var stage = await ClockStage.StartAsync(_timeouts);
        await using var client = await stage.ConnectAloneAsync(transport, receiveBuffer: 4096);
        var ended = await IsStalledAsync(stage, client);

        var attacked = await stage.EndsAsync(ended, TimeSpan.FromSeconds(1), _tenth);

        var rest = await client.ReadToEndAsync();
        Assert.InRange(rest.Bytes.Length, 0, Length - 1);
        Assert.Equal(ConnectionEnd.Reset, rest.End);
        Assert.NotEqual(attacked, await stage.IsServedAsync());
    }

    /// <summary>Asks for much, and waits until nobody takes more of it. The task that is returned gives the upstream's connection when that has ended.</summary>
    private static async Task<Task<int>> IsStalledAsync(ClockStage stage, RawClient client)
    {
        var sent = 0;
        var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var target = stage.Plan(async (connection, _) =>
        {
            try
            {
                await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Length}\r\n\r\n");
                for (var block = new byte[Block]; sent < Length; Interlocked.Add(ref sent, Block))
                    await connection.SendAsync(block);
            }
            catch (IOException)
            {
                ended.SetResult(connection.Index);
            }
        });
        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\n\r\n");
        await client.ReadHeadAsync();
        for (var (before, unchanged) = (-1, 0); unchanged < 100;)
        {
            await stage.SettleAsync();
            var now = Volatile.Read(ref sent);
            unchanged = now == before ? unchanged + 1 : 0;
            before = now;
        }

        return ended.Task;
    }
}
