using Securely.Http;
using Securely.Net;

namespace Securely.Network.Tests.Http.V2;

/// <summary>How long a client may be silent or slow, and how a connection ends.</summary>
public sealed class ConnectionTimeTests
{
    private const string Wait = "00000e 01 04 00000001 83 86 04052f77616974 4103612e62";

    [Fact]
    public Task A_connection_without_streams_ends_after_its_idle_time() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(FrameClient.Get);
        client.Take();
        await client.Live.PassAsync(TimeSpan.FromSeconds(74));
        Assert.Empty(client.Take());
        await client.Live.PassAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(["GOAWAY 1 NoError"], client.Take());
        Assert.True(client.IsEnded);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public Task An_idle_time_below_that_of_a_ping_holds_after_a_request_that_took_a_while(int seconds)
    {
        var barrier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return FrameStage.PlayAsync(
            async client =>
            {
                await client.SendAsync(FrameClient.Get);
                barrier.SetResult();
                await client.Live.SettleAsync();
                Assert.Equal(["HEADERS 1 :status: 200, content-length: 2", "DATA 1 END [ok]"], client.Take());
                await client.Live.PassAsync(TimeSpan.FromSeconds(seconds - 0.5));
                Assert.Empty(client.Take());
                await client.Live.PassAsync(TimeSpan.FromSeconds(1));

                Assert.Equal(["GOAWAY 1 NoError"], client.Take());
                Assert.True(client.IsEnded);
            },
            async session =>
            {
                await barrier.Task;
                await session.RespondAsync(200, "ok"u8.ToArray());
            },
            new HttpServiceOptions { Timeouts = new HttpTimeouts { Idle = TimeSpan.FromSeconds(seconds) } });
    }

    [Fact]
    public Task Pings_do_not_keep_a_connection_without_streams() => FrameStage.PlayAsync(async client =>
    {
        for (var second = 0; second < 76; second += 4)
        {
            await client.Live.PassAsync(TimeSpan.FromSeconds(4));
            if (!client.IsEnded)
                await client.SendAsync("000008 06 00 00000000 0102030405060708");
        }

        Assert.Equal("GOAWAY 0 NoError", client.Last);
    });

    [Fact]
    public Task A_client_with_streams_is_asked_whether_it_is_there() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync("00000e 01 05 00000001 83 86 04052f77616974 4103612e62");
        await client.Live.PassAsync(TimeSpan.FromSeconds(31));
        Assert.Equal(["PING 0000000000000001"], client.Take());
        await client.SendAsync("000008 06 01 00000000 0000000000000001");
        await client.Live.PassAsync(TimeSpan.FromSeconds(31));
        Assert.Equal(["PING 0000000000000001"], client.Take());
        await client.Live.PassAsync(TimeSpan.FromSeconds(16));

        Assert.Equal(["GOAWAY 1 NoError"], client.Take());
        Assert.True(client.IsEnded);
    });

    [Fact]
    public async Task A_client_that_does_not_acknowledge_settings_is_left()
    {
        await using var stage = new Stage();
        await stage.PlayAsync(FrameStage.AnswerAsync, async live =>
        {
            await live.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
            await live.PassAsync(TimeSpan.FromSeconds(16));

            Assert.Equal("GOAWAY 0 SettingsTimeout", new FrameClient(live).Last);
        });
    }

    [Fact]
    public async Task A_client_that_sends_the_preface_and_no_settings_is_left()
    {
        await using var stage = new Stage();
        await stage.PlayAsync(FrameStage.AnswerAsync, async live =>
        {
            await live.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            await live.PassAsync(TimeSpan.FromSeconds(31));

            Assert.True(live.IsEnded);
        });
    }

    [Theory]
    [InlineData("000008 01 01 00000001 82 86 84 4103612e62")]
    [InlineData("000008 01 05 00000001 82 86")]
    [InlineData("0000")]
    public Task A_block_that_does_not_end_has_one_deadline_which_nothing_extends(string begun) => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(begun);
        await client.Live.PassAsync(TimeSpan.FromSeconds(29));
        Assert.False(client.IsEnded);
        await client.Live.PassAsync(TimeSpan.FromSeconds(2));

        Assert.Equal("GOAWAY 0 EnhanceYourCalm", client.Last);
        Assert.True(client.IsEnded);
    });

    [Fact]
    public Task A_body_that_does_not_come_is_answered_408() => FrameStage.PlayAsync(
        async client =>
        {
            await client.SendAsync(Wait);
            await client.Live.PassAsync(TimeSpan.FromSeconds(31));
            await client.SendAsync("000008 06 01 00000000 0000000000000001");
            await client.Live.PassAsync(TimeSpan.FromSeconds(31));

            Assert.Contains("HEADERS 1 END :status: 408, content-length: 0", client.Take());
        },
        async session => await session.ReadBodyAsync());

    [Fact]
    public Task A_body_that_comes_too_slowly_is_answered_408() => FrameStage.PlayAsync(
        async client =>
        {
            await client.SendAsync(Wait);
            for (var second = 0; second < 66; second++)
            {
                await client.SendAsync(FrameClient.Frame(0, 0, 1, "61"));
                await client.Live.PassAsync(TimeSpan.FromSeconds(1));
            }

            Assert.Contains("HEADERS 1 END :status: 408, content-length: 0", client.Take());
        },
        async session =>
        {
            while (!(await session.ReadBodyAsync()).IsEnd)
            {
            }
        });

    [Fact]
    public Task The_limit_of_requests_ends_the_connection_with_the_last_of_them() => FrameStage.PlayAsync(
        async client =>
        {
            await client.SendAsync(FrameClient.Get);
            Assert.Equal(["HEADERS 1 :status: 200, content-length: 2", "DATA 1 END [ok]"], client.Take());
            await client.SendAsync(FrameClient.Frame(1, 5, 3, "82 86 84 4103612e62"), FrameClient.Frame(1, 5, 5, "82 86 84 4103612e62"));
            Assert.Equal(["HEADERS 3 :status: 200, content-length: 2", "DATA 3 END [ok]", "GOAWAY 3 NoError"], client.Take());
            Assert.True(client.IsEnded);
        },
        options: new HttpServiceOptions { KeepAliveRequestLimit = 2 });

    [Fact]
    public async Task Section_6_8_at_shutdown_the_client_is_told_in_two_steps_and_what_it_has_begun_is_served()
    {
        await using var stage = new Stage();
        using var shutdown = new CancellationTokenSource();
        var barrier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await stage.RunAsync(async () =>
        {
            var (near, far) = Connection.CreatePair();
            var service = new MemoryHttp(new Handler(async session =>
            {
                await barrier.Task;
                await session.RespondAsync(200, "ok"u8.ToArray());
            }));
            await service.BeginAsync(new ServiceContext(stage.Workers, new ListenSockets(), stage.Log, stage.Time, TimeSpan.FromSeconds(10), () => { }));
            var serving = service.PlayAsync(far, shutdown.Token).AsTask();
            var client = new FrameClient(new LiveClient(near, stage.Time));
            await client.BeginAsync();
            await client.SendAsync(FrameClient.Get);

            await shutdown.CancelAsync();
            await client.Live.SettleAsync();
            Assert.Equal(["GOAWAY 2147483647 NoError", "PING 0000000000000002"], client.Take());

            // A stream that was on its way is served; the answer to PING says that no more are.
            await client.SendAsync(FrameClient.Frame(1, 5, 3, "82 86 84 4103612e62"), "000008 06 01 00000000 0000000000000002");
            Assert.Equal(["GOAWAY 3 NoError"], client.Take());
            await client.SendAsync(FrameClient.Frame(1, 5, 5, "82 86 84 4103612e62"));
            barrier.SetResult();
            await client.Live.SettleAsync();

            Assert.Equal(["HEADERS 1 :status: 200, content-length: 2", "DATA 1 END [ok]", "HEADERS 3 :status: 200, content-length: 2", "DATA 3 END [ok]"], client.Take());
            Assert.True(client.IsEnded);
            near.Close();
            await serving;
        });
    }

    [Fact]
    public async Task A_client_that_goes_without_a_word_ends_its_requests()
    {
        var ended = 0;
        await FrameStage.PlayAsync(
            async client =>
            {
                await client.SendAsync(Wait, FrameClient.Frame(1, 5, 3, "83 86 04052f77616974 4103612e62"));
                client.Live.Break();
                await client.Live.SettleAsync();

                Assert.Equal(2, ended);
            },
            async session =>
            {
                try
                {
                    await FrameStage.AnswerAsync(session);
                }
                finally
                {
                    ended++;
                }
            });
    }
}
