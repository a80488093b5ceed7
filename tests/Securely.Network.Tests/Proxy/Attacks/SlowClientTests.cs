using Securely.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Clients that send next to nothing, for ever (row A20, case 50), on a clock that stands still between the steps of a test.</summary>
public sealed class SlowClientTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n";
    private static readonly TimeSpan _tenth = TimeSpan.FromMilliseconds(100);
    private static readonly HttpTimeouts _timeouts = new() { Header = TimeSpan.FromSeconds(3), Idle = TimeSpan.FromSeconds(5) };

    [Theory]
    [Trait("Row", "A20")]
    [Wire("", "G", "E", OnlyWhole = true)]
    [Wire("", "GET /", "a", OnlyWhole = true)]
    [Wire("", "GET / HTTP/1.1\r\nX", "x", OnlyWhole = true)]
    [Wire("", "GET / HTTP/1.1\r\nHost: app.test\r\nX: ", "x", OnlyWhole = true)]
    [Wire("", "POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\nX:", " ", OnlyWhole = true)]
    [Wire(Get, "G", "E", OnlyWhole = true)]
    [Wire(Get, "GET / HTTP/1.1\r\nHost: app.test\r\nX: ", "x", OnlyWhole = true)]
    [Wire(Get + Get, "GET / HTTP/1.1\r\nHost: app.test\r\nX: ", "x", OnlyWhole = true)]
    public async Task A_head_of_which_a_byte_comes_every_tenth_of_a_second_is_408_at_its_deadline(Transport transport, Delivery delivery, string before, string beginning, string more)
    {
        await using var stage = await ClockStage.StartAsync(_timeouts);
        await using var client = await stage.ConnectAloneAsync(transport);
        for (var number = 0; number < before.Length / Get.Length; number++)
            Assert.Equal(200, (await client.ExchangeAsync(Get)).Status);
        // A connection may be idle for longer than a head may take: only the head's own time counts.
        if (before.Length > 0)
            await stage.PassAsync(TimeSpan.FromSeconds(4));
        await stage.SendAsync(client, beginning, delivery);
        await stage.SettleAsync();

        await IsLateAsync(stage, client, more, before.Length / Get.Length);
    }

    [Theory]
    [Trait("Row", "A20")]
    [Wire("GET / HTTP/1.1\r\nX: ", OnlyWhole = true)]
    public async Task A_head_behind_another_request_has_its_own_deadline(Transport transport, Delivery delivery, string beginning)
    {
        await using var stage = await ClockStage.StartAsync(_timeouts);
        await using var client = await stage.ConnectAloneAsync(transport);
        await stage.SendAsync(client, Get + beginning, delivery);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        await stage.SettleAsync();

        await IsLateAsync(stage, client, "x", 1);
    }

    [Theory]
    [Trait("Case", "50")]
    [Trait("Row", "A20")]
    [Wire("", 3, OnlyWhole = true)]
    [Wire(Get, 5, OnlyWhole = true)]
    public async Task A_client_that_sends_nothing_is_left_without_a_word(Transport transport, Delivery delivery, string before, int seconds)
    {
        await using var stage = await ClockStage.StartAsync(_timeouts);
        await using var client = await stage.ConnectAloneAsync(transport);
        await stage.SendAsync(client, before, delivery);
        if (before == Get)
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        await stage.SettleAsync();

        var rest = await stage.EndsAsync(client.ReadToEndAsync(), TimeSpan.FromSeconds(seconds), _tenth);

        Assert.Equal(("", ConnectionEnd.Finished), (rest.Text, rest.End));
    }

    private static async Task IsLateAsync(ClockStage stage, RawClient client, string more, int requests)
    {
        var response = await stage.EndsAsync(client.ReadResponseAsync(), _timeouts.Header, _tenth, () => stage.SendAsync(client, more));

        Assert.Equal((408, "close"), (response.Status, response.Header("Connection")));
        Assert.Equal(ConnectionEnd.Finished, await client.WaitForCloseAsync());
        Assert.Equal(requests, stage.Origin.Requests.Count);
    }
}
