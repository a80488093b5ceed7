using Securely.Http;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Http.Services;

/// <summary>What a client can stretch, and when that ends: the clock stands still until a test moves it.</summary>
public sealed class HttpServiceDeadlineTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";

    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_connection_on_which_nothing_comes_ends_without_a_word()
    {
        await using var stage = new Stage();
        await stage.PlayAsync(session => session.RespondAsync(204), async client =>
        {
            await client.PassAsync(TimeSpan.FromSeconds(29));
            Assert.False(client.IsEnded);
            await client.PassAsync(_second);
            Assert.True(client.IsEnded && !client.IsBroken && client.Received.Length == 0);
        });
    }

    [Fact]
    public async Task A_connection_that_has_been_served_waits_longer_for_its_next_request()
    {
        await using var stage = new Stage();
        await stage.PlayAsync(session => session.RespondAsync(204), async client =>
        {
            await client.SendAsync(Get);
            await client.PassAsync(TimeSpan.FromSeconds(74));
            await client.SendAsync(Get);
            await client.PassAsync(TimeSpan.FromSeconds(74));
            Assert.False(client.IsEnded);
            await client.PassAsync(_second);
            Assert.True(client.IsEnded && !client.IsBroken);
            Assert.Equal(2, client.Received.Split("HTTP/1.1 204 ").Length - 1);
        });
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData(Get, 0)]
    [InlineData(Get, 74)]
    public async Task A_head_that_does_not_end_in_time_is_answered_with_408_however_its_bytes_trickle(string before, int silence)
    {
        await using var stage = new Stage();
        await stage.PlayAsync(session => session.RespondAsync(204), async client =>
        {
            await client.SendAsync(before);
            await client.PassAsync(TimeSpan.FromSeconds(silence));
            await client.SendAsync("GET / HTTP/1.1\r\nX: ");
            for (var second = 0; second < 29; second++)
            {
                await client.PassAsync(_second);
                await client.SendAsync("x");
            }

            Assert.DoesNotContain("408", client.Received, StringComparison.Ordinal);
            await client.PassAsync(_second);
            Assert.Contains("HTTP/1.1 408 Request Timeout\r\n", client.Received, StringComparison.Ordinal);
            Assert.EndsWith("Connection: close\r\n\r\n", client.Received, StringComparison.Ordinal);
            Assert.True(client.IsEnded && !client.IsBroken);
        });
    }

    [Fact]
    public async Task The_first_head_has_the_deadline_of_its_connection_however_late_its_first_byte_comes()
    {
        await using var stage = new Stage();
        await stage.PlayAsync(session => session.RespondAsync(204), async client =>
        {
            await client.PassAsync(TimeSpan.FromSeconds(20));
            await client.SendAsync("GET / HT");
            await client.PassAsync(TimeSpan.FromSeconds(9));
            await client.SendAsync("TP/1.1\r\n");
            Assert.Empty(client.Received);
            await client.PassAsync(_second);
            Assert.StartsWith("HTTP/1.1 408 ", client.Received, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_has_been_refused_is_read_for_two_seconds_whatever_it_sends(bool sends)
    {
        await using var stage = new Stage();
        await stage.PlayAsync(session => session.RespondAsync(204), async client =>
        {
            await client.SendAsync("NONSENSE\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 400 ", client.Received, StringComparison.Ordinal);
            Assert.True(client.IsEnded);
            for (var half = 0; half < 3; half++)
            {
                await client.PassAsync(TimeSpan.FromSeconds(0.5));
                if (sends)
                    await client.SendAsync("x");
            }

            await client.PassAsync(TimeSpan.FromSeconds(0.4));
            await client.SendAsync("x");
            await client.PassAsync(TimeSpan.FromSeconds(0.1));
            await Assert.ThrowsAsync<NetException>(async () => await client.SendAsync("x"));
        });
    }

    [Fact]
    public async Task A_client_that_has_been_refused_is_read_for_64_KiB_at_most()
    {
        await using var stage = new Stage();
        await stage.PlayAsync(session => session.RespondAsync(204), async client =>
        {
            await client.SendAsync("NONSENSE\r\n\r\n");
            await client.SendAsync(new string('x', 65_000));
            await client.SendAsync(new string('x', 600));
            await Assert.ThrowsAsync<NetException>(async () => await client.SendAsync("x"));
        });
    }

    [Fact]
    public async Task What_is_left_of_a_body_is_not_waited_for_a_second_time_after_it_has_been_given_up()
    {
        // A chunk's head may be long: its bytes, one by one, must not keep a read alive that has two seconds to end.
        await using var stage = new Stage();
        await stage.PlayAsync(
            async session =>
            {
                var reading = session.ReadBodyAsync();
                await session.RespondAsync(403);
                session.DiscardBody();
                await Assert.ThrowsAsync<NetException>(async () => await reading);
            },
            async client =>
            {
                await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5;");
                Assert.StartsWith("HTTP/1.1 403 ", client.Received, StringComparison.Ordinal);
                await client.PassAsync(_second);
                await client.SendAsync("x");
                await client.PassAsync(TimeSpan.FromSeconds(0.9));
                await client.SendAsync("x");
                Assert.False(client.IsEnded);
                await client.PassAsync(TimeSpan.FromSeconds(0.1));
                await client.PassAsync(TimeSpan.FromSeconds(0.1));
                await Assert.ThrowsAsync<NetException>(async () => await client.SendAsync("x"));
            });
    }

    [Fact]
    public async Task A_client_that_stops_reading_is_cut_off()
    {
        // Case 23.
        var time = new ManualTimeProvider();
        var options = new HttpServiceOptions { Timeouts = new HttpTimeouts { Write = _second } };
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RunningHttp.StartAsync(session => WriteMuchAsync(session, failed), options, time);
        await using var client = await RawClient.ConnectAsync(host.EndPoints[0], receiveBuffer: 4096);
        await client.SendAsync(Get);
        await client.ReadHeadAsync();

        while (!failed.Task.IsCompleted)
            await PassAsync(time, host);

        Assert.InRange((await client.ReadToEndAsync()).Bytes.Length, 0, Much - 1);
    }

    [Fact]
    public async Task A_client_that_stops_reading_for_less_than_its_minimum_rate_grants_gets_everything()
    {
        // Case 24.
        var time = new ManualTimeProvider();
        var options = new HttpServiceOptions { Timeouts = new HttpTimeouts { Write = _second, MinSendRate = 10_000 } };
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RunningHttp.StartAsync(session => WriteMuchAsync(session, failed), options, time);
        await using var client = await RawClient.ConnectAsync(host.EndPoints[0], receiveBuffer: 4096);
        await client.SendAsync(Get);
        await client.ReadHeadAsync();

        for (var tenth = 0; tenth < 20; tenth++)
            await PassAsync(time, host);

        Assert.Equal(Much, (await client.ReadExactAsync(Much)).Length);
        Assert.False(failed.Task.IsCompleted);
    }

    private const int Much = 16 << 20;

    private static async ValueTask WriteMuchAsync(ServerSession session, TaskCompletionSource failed)
    {
        var header = new ResponseHeader(200);
        header.Headers.Set(HeaderName.ContentLength, $"{Much}");
        session.WriteHeader(header, isEnd: false);
        var block = new byte[64 * 1024];
        try
        {
            for (var written = 0; written < Much; written += block.Length)
                await session.WriteBodyAsync(block, isEnd: written + block.Length == Much);
        }
        catch (NetException)
        {
            failed.SetResult();
            throw;
        }
    }

    private static async Task PassAsync(ManualTimeProvider time, RunningHttp host)
    {
        time.Advance(TimeSpan.FromSeconds(0.1));
        while (host.Worker.Now < time.Elapsed.TotalMilliseconds)
            await host.Worker.RunAsync(() => default);
        await host.Worker.RunAsync(() => default);
    }
}
