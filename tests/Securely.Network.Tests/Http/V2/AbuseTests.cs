using Securely.Net;

namespace Securely.Network.Tests.Http.V2;

/// <summary>Rows A17 to A19: what is cheap for a client and costs us ends its connection, in bounded time, with no configuration.</summary>
public sealed class AbuseTests
{
    private const string Get = "82 86 84 4103612e62";
    private const string Wait = "83 86 04052f77616974 4103612e62";

    [Fact]
    public Task A18_rapid_reset() => EndsWithCalm(1_000, id => FrameClient.Frame(1, 5, id, Wait) + FrameClient.Frame(3, 0, id, "00000008"));

    [Fact]
    public Task A18_made_you_reset_by_a_window_of_nothing() => EndsWithCalm(1_000, id => FrameClient.Frame(1, 5, id, Wait) + FrameClient.Frame(8, 0, id, "00000000"));

    [Fact]
    public Task A18_made_you_reset_by_a_window_too_large() => EndsWithCalm(1_000, id => FrameClient.Frame(1, 5, id, Wait) + FrameClient.Frame(8, 0, id, "7fffffff"));

    [Fact]
    public Task A18_made_you_reset_by_data_after_the_end() => EndsWithCalm(1_000, id => FrameClient.Frame(1, 5, id, Wait) + FrameClient.Frame(0, 1, id, "61"));

    [Fact]
    public Task A18_made_you_reset_by_a_priority_of_another_size() => EndsWithCalm(1_000, id => FrameClient.Frame(1, 5, id, Wait) + FrameClient.Frame(2, 0, id, "00000000"));

    [Fact]
    public Task A18_malformed_requests() => EndsWithCalm(1_000, id => FrameClient.Frame(1, 5, id, "82 86 84"[..5]));

    [Fact]
    public Task A18_streams_beyond_the_limit() => EndsWithCalm(1_000, id => FrameClient.Frame(1, 5, id, Wait));

    [Fact]
    public Task A19_empty_data() => EndsWithCalm(1_000, id => (id == 1 ? FrameClient.Frame(1, 4, 1, Wait) : "") + FrameClient.Frame(0, 0, 1, ""));

    [Fact]
    public Task A19_padding_alone() => EndsWithCalm(1_000, id => (id == 1 ? FrameClient.Frame(1, 4, 1, Wait) : "") + FrameClient.Frame(0, 8, 1, "0100"));

    [Fact]
    public Task A19_ping() => EndsWithCalm(3_000, _ => "000008 06 00 00000000 0102030405060708");

    [Fact]
    public Task A19_answers_to_pings_that_were_not_sent() => EndsWithCalm(3_000, _ => "000008 06 01 00000000 0102030405060708");

    [Fact]
    public Task A19_settings() => EndsWithCalm(3_000, _ => "000006 04 00 00000000 0003 00000064");

    [Fact]
    public Task A19_settings_with_as_many_items_as_a_frame_holds() => FrameStage.PlayAsync(async client =>
    {
        var toggled = string.Concat(Enumerable.Repeat("0004 00000000 0004 0000ffff", 1_365));
        for (var sent = 0; sent < 20 && !client.IsEnded; sent++)
            await client.SendAsync(FrameClient.Frame(4, 0, 0, toggled));

        Assert.Equal("GOAWAY 0 EnhanceYourCalm", client.Last);
        Assert.True(client.IsEnded);
    });

    [Fact]
    public Task A19_settings_of_a_few_items_cost_no_more_than_a_frame() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(string.Concat(Enumerable.Repeat(FrameClient.Frame(4, 0, 0, string.Concat(Enumerable.Repeat("0004 0000ffff", 15))), 900)));

        Assert.Equal(900, client.Take().Count(frame => frame == "SETTINGS ACK"));
        Assert.False(client.IsEnded);
    });

    [Fact]
    public Task A17_trailers_that_stand_for_megabytes_again_and_again() => EndsWithCalm(100, id => id == 1
        ? FrameClient.Frame(1, 5, 1, Get + "400178 7fa11e" + string.Concat(Enumerable.Repeat("61", 4_000)))
        : FrameClient.Frame(1, 4, id, Wait) + FrameClient.Frame(1, 5, id, string.Concat(Enumerable.Repeat("be", 1_000))));

    [Fact]
    public Task A19_priority() => EndsWithCalm(3_000, _ => "000005 02 00 00000001 00000000 10");

    [Fact]
    public Task A19_priority_update() => EndsWithCalm(3_000, _ => "000007 10 00 00000000 00000001 753d31");

    [Fact]
    public Task A19_window_updates_of_one_byte() => EndsWithCalm(3_000, _ => "000004 08 00 00000000 00000001");

    [Fact]
    public Task A19_frames_of_no_known_type() => EndsWithCalm(3_000, _ => "000000 fe 00 00000000");

    [Fact]
    public Task A19_resets_of_a_stream_that_has_ended() => EndsWithCalm(3_000, id => (id == 1 ? FrameClient.Get : "") + FrameClient.Frame(3, 0, 1, "00000008"));

    [Fact]
    public Task A19_empty_continuation() => EndsWithCalm(1_000, id => (id == 1 ? FrameClient.Frame(1, 0, 1, Get) : "") + FrameClient.Frame(9, 0, 1, ""));

    [Fact]
    public Task A19_endless_continuation() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(FrameClient.Frame(1, 0, 1, Get), string.Concat(Enumerable.Repeat(FrameClient.Frame(9, 0, 1, new string('0', 32_000)), 4)));
        Assert.Empty(client.Take());
        await client.SendAsync(FrameClient.Frame(9, 0, 1, new string('0', 32_000)));

        Assert.Equal(["GOAWAY 0 EnhanceYourCalm"], client.Take());
        Assert.True(client.IsEnded);
    });

    [Fact]
    public Task A17_a_block_that_stands_for_megabytes_is_refused_and_its_stream_lives_no_longer() => FrameStage.PlayAsync(async client =>
    {
        // A field of 4,000 bytes enters the table, and comes 10,000 times more by one byte each.
        await client.SendAsync(FrameClient.Frame(1, 5, 1, Get + "400178 7fa11e" + string.Concat(Enumerable.Repeat("61", 4_000)) + string.Concat(Enumerable.Repeat("be", 10_000))));

        Assert.Equal(["HEADERS 1 END :status: 431, content-length: 0"], client.Take());
    });

    [Fact]
    public Task A17_blocks_that_stand_for_megabytes_again_and_again() => EndsWithCalm(100, id => id == 1
        ? FrameClient.Frame(1, 5, 1, Get + "400178 7fa11e" + string.Concat(Enumerable.Repeat("61", 4_000)))
        : FrameClient.Frame(1, 5, id, string.Concat(Enumerable.Repeat("be", 1_000))));

    [Fact]
    public Task A17_a_head_that_is_too_large_leaves_no_garbage()
    {
        long before = 0;
        var allocated = 0L;
        return FrameStage.PlayAsync(async client =>
        {
            await client.SendAsync(FrameClient.Frame(1, 5, 1, Get + "400178 7fa11e" + string.Concat(Enumerable.Repeat("61", 4_000))));
            for (var id = 3; id < 17; id += 2)
            {
                if (id == 9)
                    before = GC.GetAllocatedBytesForCurrentThread();
                await client.SendAsync(FrameClient.Frame(1, 5, id, string.Concat(Enumerable.Repeat("be", 1_000))));
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal("HEADERS 15 END :status: 431, content-length: 0", client.Last);
            // What the client itself allocates is less than one copy of the 64 KiB that each head stands for.
            Assert.InRange(allocated, 0, 4 * 64 * 1024);
        });
    }

    [Fact]
    public Task Many_streams_that_begin_together_let_others_have_their_turn()
    {
        var order = new List<string>();
        return FrameStage.PlayAsync(
            async client =>
            {
                await client.SendAsync(string.Concat(Enumerable.Range(0, 40).Select(number => FrameClient.Frame(1, 5, (2 * number) + 1, Get))));

                Assert.Equal(80, client.Take().Length);
                Assert.Equal(41, order.Count);
                Assert.Equal(16, order.IndexOf("another"));
            },
            session =>
            {
                if (order.Count == 0)
                    Worker.Current!.Post(static order => ((List<string>)order!).Add("another"), order);
                order.Add("stream");
                return session.RespondAsync(200, "ok"u8.ToArray());
            });
    }

    [Fact]
    public Task A_client_at_rest_has_its_budget_again() => FrameStage.PlayAsync(async client =>
    {
        for (var second = 0; second < 12; second++)
        {
            await client.SendAsync(string.Concat(Enumerable.Repeat("000008 06 00 00000000 0102030405060708", 99)));
            await client.Live.PassAsync(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1_188, client.Take().Length);
        Assert.False(client.IsEnded);
    });

    [Fact]
    public Task Streams_that_are_given_up_while_nothing_is_read_count_too()
    {
        var barrier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return FrameStage.PlayAsync(
            async client =>
            {
                for (var id = 1; id < 2 * 240 && !client.IsEnded; id += 2)
                {
                    await client.SendAsync(FrameClient.Frame(1, 5, id, Wait));
                    if (id % 160 != 159)
                        continue;
                    // 80 at once.
                    var released = barrier;
                    barrier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    released.SetResult();
                    await client.Live.SettleAsync();
                }

                Assert.Equal("GOAWAY 479 EnhanceYourCalm", client.Last);
                Assert.True(client.IsEnded);
            },
            async session =>
            {
                await barrier.Task;
                session.Abort(new NetException(NetErrorKind.WriteTimedOut, "Given up", ErrorSource.Downstream));
            });
    }

    [Fact]
    public Task The_requests_of_a_client_that_has_gone_too_far_are_cancelled()
    {
        var (begun, ended) = (0, 0);
        return FrameStage.PlayAsync(
            async client =>
            {
                for (var id = 1; id <= 19; id += 2)
                    await client.SendAsync(FrameClient.Frame(1, 5, id, Wait));
                Assert.Equal((10, 0), (begun, ended));

                await client.SendAsync(string.Concat(Enumerable.Repeat("000000 fe 00 00000000", 1_100)));

                Assert.Equal("GOAWAY 19 EnhanceYourCalm", client.Last);
                Assert.Equal((10, 10), (begun, ended));
            },
            async session =>
            {
                begun++;
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

    private static Task EndsWithCalm(int most, Func<int, string> attack) => FrameStage.PlayAsync(async client =>
    {
        for (var sent = 0; sent < most && !client.IsEnded; sent += 50)
            await client.SendAsync(string.Concat(Enumerable.Range(sent, 50).Select(index => attack((2 * index) + 1))));

        var last = client.Frames.Last(frame => !frame.StartsWith("PING", StringComparison.Ordinal));
        Assert.EndsWith("EnhanceYourCalm", last, StringComparison.Ordinal);
        Assert.StartsWith("GOAWAY", last, StringComparison.Ordinal);
        Assert.True(client.IsEnded);
    });
}
