using Securely.Http;

namespace Securely.Network.Tests.Http.Services;

/// <summary>How long, and how slowly, a body may come: the clock stands still until a test moves it.</summary>
public sealed class HttpServiceBodyDeadlineTests
{
    private const string Post = "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000\r\n\r\n";

    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_body_that_does_not_come_is_answered_with_408()
    {
        await using var stage = new Stage();
        await stage.PlayAsync(ReadAllAsync, async client =>
        {
            await client.SendAsync(Post + "abc");
            await client.PassAsync(TimeSpan.FromSeconds(59));
            Assert.Empty(client.Received);
            await client.PassAsync(_second);
            Assert.StartsWith("HTTP/1.1 408 ", client.Received, StringComparison.Ordinal);
        });
        Assert.Empty(stage.Log.Lines);
    }

    [Theory]
    [InlineData(Post)]
    [InlineData("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5;")]
    public async Task A_body_that_trickles_is_answered_with_408_when_it_has_fallen_behind_the_minimum_rate(string beginning)
    {
        await using var stage = new Stage();
        await stage.PlayAsync(ReadAllAsync, async client =>
        {
            await client.SendAsync(beginning);
            // 1,024 bytes a second are asked for and one comes, so the 65,536 that a client may owe last a little over 64 seconds.
            await TrickleAsync(client, seconds: 64);
            Assert.Empty(client.Received);
            await TrickleAsync(client, seconds: 1);
            Assert.StartsWith("HTTP/1.1 408 ", client.Received, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_body_that_comes_at_the_minimum_rate_may_take_its_time()
    {
        await using var stage = new Stage();
        await stage.PlayAsync(ReadAllAsync, async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 307200\r\n\r\n");
            for (var part = 0; part < 10; part++)
            {
                await client.PassAsync(TimeSpan.FromSeconds(30));
                await client.SendAsync(new string('x', 30_720));
            }

            Assert.StartsWith("HTTP/1.1 200 ", client.Received, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Without_a_minimum_rate_a_body_may_trickle_for_ever()
    {
        await using var stage = new Stage();
        var options = new HttpServiceOptions { Timeouts = new HttpTimeouts { MinReceiveRate = 0 } };
        await stage.PlayAsync(ReadAllAsync, async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 20\r\n\r\n");
            for (var part = 0; part < 20; part++)
            {
                await client.PassAsync(TimeSpan.FromSeconds(59));
                await client.SendAsync("x");
            }

            Assert.StartsWith("HTTP/1.1 200 ", client.Received, StringComparison.Ordinal);
        }, options);
    }

    [Fact]
    public async Task A_short_body_is_held_to_the_time_between_its_reads_alone()
    {
        await using var stage = new Stage();
        var options = new HttpServiceOptions { Timeouts = new HttpTimeouts { Body = _second } };
        await stage.PlayAsync(ReadAllAsync, async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 20\r\n\r\n");
            for (var part = 0; part < 20; part++)
            {
                await client.PassAsync(TimeSpan.FromSeconds(0.9));
                await client.SendAsync("x");
            }

            Assert.StartsWith("HTTP/1.1 200 ", client.Received, StringComparison.Ordinal);
        }, options);
    }

    [Fact]
    public async Task A_client_that_is_being_answered_may_go_on_sending_slowly()
    {
        // Both directions of a conversation are open then, and what comes is what somebody says in it.
        await using var stage = new Stage();
        await stage.PlayAsync(
            async session =>
            {
                session.WriteHeader(new ResponseHeader(200), isEnd: false);
                await session.FlushAsync();
                await EchoAsync(session);
            },
            async client =>
            {
                await client.SendAsync(Post);
                await TrickleAsync(client, seconds: 200);
                Assert.EndsWith("1\r\nx\r\n", client.Received, StringComparison.Ordinal);
                Assert.False(client.IsEnded);
            });
    }

    [Fact]
    public async Task A_pending_read_is_held_to_no_rate_any_more_when_the_response_begins()
    {
        await using var stage = new Stage();
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await stage.PlayAsync(
            async session =>
            {
                var reading = session.ReadBodyAsync();
                await begin.Task;
                session.WriteHeader(new ResponseHeader(200), isEnd: false);
                await session.FlushAsync();
                await session.WriteBodyAsync((await reading).Data, isEnd: true);
            },
            async client =>
            {
                await client.SendAsync(Post);
                await client.PassAsync(TimeSpan.FromSeconds(50));
                begin.SetResult();
                await client.SettleAsync();
                await client.PassAsync(TimeSpan.FromSeconds(55));
                await client.SendAsync("late");
                Assert.EndsWith("4\r\nlate\r\n0\r\n\r\n", client.Received, StringComparison.Ordinal);
            });
    }

    private static async ValueTask ReadAllAsync(ServerSession session)
    {
        while (!(await session.ReadBodyAsync()).IsEnd)
        {
        }

        await session.RespondAsync(200);
    }

    private static async ValueTask EchoAsync(ServerSession session)
    {
        while (await session.ReadBodyAsync() is { IsEnd: false } chunk)
        {
            await session.WriteBodyAsync(chunk.Data, isEnd: false);
            await session.FlushAsync();
        }
    }

    private static async Task TrickleAsync(LiveClient client, int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            await client.PassAsync(_second);
            if (!client.IsEnded)
                await client.SendAsync("x");
        }
    }
}
