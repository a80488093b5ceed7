using Securely.Net;

namespace Securely.Network.Tests.Http.V2;

/// <summary>Windows in both directions (RFC 9113 5.2, 6.9): nobody sends what the other side has no room for.</summary>
public sealed class FlowControlTests
{
    // POST /wait of http://a.b, open.
    private const string Open = "00000e 01 04 00000001 83 86 04052f77616974 4103612e62";

    private static readonly string _full = "004000 00 00 00000001" + new string('6', 2 * 16_384);

    [Fact]
    public Task Section_6_9_a_response_waits_for_the_window_of_its_stream() => FrameStage.PlayAsync(
        async client =>
        {
            // INITIAL_WINDOW_SIZE of 3.
            await client.SendAsync("000006 04 00 00000000 0004 00000003", FrameClient.Get);
            Assert.Equal(["SETTINGS ACK", "HEADERS 1 :status: 200, content-length: 10", "DATA 1 [012]"], client.Take());

            await client.SendAsync("000004 08 00 00000001 00000004");
            Assert.Equal(["DATA 1 [3456]"], client.Take());

            await client.SendAsync("000004 08 00 00000001 00000040");
            Assert.Equal(["DATA 1 END [789]"], client.Take());
        },
        session => session.RespondAsync(200, "0123456789"u8.ToArray()));

    [Fact]
    public Task Section_6_9_2_settings_move_the_windows_of_open_streams_below_zero_and_back() => FrameStage.PlayAsync(
        async client =>
        {
            await client.SendAsync("000006 04 00 00000000 0004 00000003", FrameClient.Get);
            Assert.Equal("DATA 1 [012]", client.Take()[^1]);

            // 3 to 1: the window is -2. Then 2 more: 0. Then 5: the window is 4.
            await client.SendAsync("000006 04 00 00000000 0004 00000001", "000004 08 00 00000001 00000002");
            Assert.Equal(["SETTINGS ACK"], client.Take());
            await client.SendAsync("000006 04 00 00000000 0004 00000005");
            Assert.Equal(["SETTINGS ACK", "DATA 1 [3456]"], client.Take());
        },
        session => session.RespondAsync(200, "0123456789"u8.ToArray()));

    [Theory]
    [InlineData("0004 00100000 0004 00000002 0004 00000004", new[] { "SETTINGS ACK", "DATA 1 [3]" })]
    [InlineData("0004 00100000 0004 00000003", new[] { "SETTINGS ACK" })]
    [InlineData("0004 00000000 0004 00000005", new[] { "SETTINGS ACK", "DATA 1 [34]" })]
    public Task Section_6_5_3_of_several_sizes_in_one_frame_the_last_is_that_of_the_windows(string settings, string[] expected) => FrameStage.PlayAsync(
        async client =>
        {
            await client.SendAsync("000006 04 00 00000000 0004 00000003", FrameClient.Get);
            Assert.Equal("DATA 1 [012]", client.Take()[^1]);

            await client.SendAsync(FrameClient.Frame(4, 0, 0, settings));
            Assert.Equal(expected, client.Take());
        },
        session => session.RespondAsync(200, "0123456789"u8.ToArray()));

    [Fact]
    public Task Section_6_9_1_a_response_waits_for_the_window_of_the_connection() => FrameStage.PlayAsync(
        async client =>
        {
            // The stream's window is large; the connection's stays at 65,535.
            await client.SendAsync("000006 04 00 00000000 0004 00100000", FrameClient.Get);
            await client.Live.SettleAsync();
            Assert.Equal(["DATA 1 16384 bytes", "DATA 1 16384 bytes", "DATA 1 16384 bytes", "DATA 1 16383 bytes"], client.Take()[2..].Select(Plain));

            await client.SendAsync("000004 08 00 00000000 00004000");
            Assert.Equal(["DATA 1 16384 bytes"], client.Take().Select(Plain));
        },
        session => session.RespondAsync(200, new byte[200_000]));

    [Fact]
    public Task A_body_opens_its_window_when_it_is_read_and_not_before()
    {
        var barrier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return FrameStage.PlayAsync(
            async client =>
            {
                await client.SendAsync(Open, _full, _full, _full, _full, _full);
                Assert.Empty(client.Take());

                barrier.SetResult();
                await client.Live.SettleAsync();
                // Half of 128 KiB, when it has been read; the rest waits for more.
                Assert.Equal(["WINDOW_UPDATE 1 +65536"], client.Take());
            },
            async session =>
            {
                await barrier.Task;
                while (!(await session.ReadBodyAsync()).IsEnd)
                {
                }
            });
    }

    [Fact]
    public Task What_a_dead_stream_held_is_given_back_to_the_connection() => FrameStage.PlayAsync(async client =>
    {
        // Half of 1 MiB in five streams, which are reset before anybody has read of them.
        for (var id = 1; id <= 9; id += 2)
        {
            await client.SendAsync(FrameClient.Frame(1, 4, id, "83 86 04052f77616974 4103612e62"));
            for (var frame = 0; frame < 7; frame++)
                await client.SendAsync(FrameClient.Frame(0, 0, id, new string('6', 2 * 16_384)));
            await client.SendAsync(FrameClient.Frame(3, 0, id, "00000008"));
        }

        // 32 frames are half of the window.
        Assert.Equal(["WINDOW_UPDATE 0 +573440"], client.Take());
    });

    [Fact]
    public Task What_nobody_wants_is_counted_for_the_connection_only() => FrameStage.PlayAsync(
        async client =>
        {
            for (var id = 1; id <= 9; id += 2)
            {
                await client.SendAsync(FrameClient.Frame(1, 4, id, "83 86 04052f77616974 4103612e62"));
                for (var frame = 0; frame < 7; frame++)
                    await client.SendAsync(FrameClient.Frame(0, 0, id, new string('6', 2 * 16_384)));
            }

            Assert.Equal(["WINDOW_UPDATE 0 +524288"], client.Take());
        },
        async session =>
        {
            session.DiscardBody();
            await FrameStage.AnswerAsync(session);
        });

    [Fact]
    public Task A_client_that_takes_nothing_stops_its_response_and_loses_the_stream()
    {
        var failure = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        return FrameStage.PlayAsync(
            async client =>
            {
                await client.SendAsync("000006 04 00 00000000 0004 00000000", FrameClient.Get);
                Assert.Equal(["SETTINGS ACK", "HEADERS 1 :status: 200, content-length: 2"], client.Take());

                await client.Live.PassAsync(TimeSpan.FromSeconds(29));
                Assert.Empty(client.Take());
                await client.Live.PassAsync(TimeSpan.FromSeconds(2));
                Assert.Equal(["PING 0000000000000001"], client.Take());
                await client.SendAsync("000008 06 01 00000000 0000000000000001");
                await client.Live.PassAsync(TimeSpan.FromSeconds(29));
                Assert.Equal(["RST_STREAM 1 Cancel"], client.Take().Where(frame => !frame.StartsWith("PING", StringComparison.Ordinal)));
                Assert.Equal(NetErrorKind.WriteTimedOut, Assert.IsType<NetException>(await failure.Task).Kind);
            },
            async session =>
            {
                try
                {
                    await session.RespondAsync(200, "ok"u8.ToArray());
                }
                catch (NetException e)
                {
                    failure.SetResult(e);
                    throw;
                }
            });
    }

    [Fact]
    public Task A_body_that_comes_back_as_it_is_read_goes_on_as_the_windows_of_both_sides_open() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync("00000e 01 04 00000001 83 86 04052f6563686f 4103612e62", _full, _full, _full, _full, _full, _full, _full, _full);
        await client.Live.SettleAsync();
        Assert.Equal(["HEADERS", "DATA", "DATA", "DATA", "DATA"], client.Take().Select(frame => frame.Split(' ')[0]));
        var (sent, turns) = (8, 0);
        var (room, received) = (0, 65_535);
        while (received < 40 * 16_384)
        {
            await client.SendAsync("000004 08 00 00000000 00010000 000004 08 00 00000001 00010000");
            await client.Live.SettleAsync();
            foreach (var frame in client.Take())
            {
                if (frame.StartsWith("WINDOW_UPDATE 1 ", StringComparison.Ordinal))
                    room += int.Parse(frame.Split('+')[1], System.Globalization.CultureInfo.InvariantCulture);
                else if (frame.StartsWith("DATA 1 ", StringComparison.Ordinal))
                    received += frame.Contains(" bytes", StringComparison.Ordinal) ? int.Parse(frame.Split('[')[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) : frame.Split('[')[1].Length - 1;
            }

            for (; room >= 16_384 && sent < 40; room -= 16_384, sent++)
                await client.SendAsync(_full);
            Assert.True(++turns < 100, $"stuck after {sent} frames, {received} bytes back");
        }

        Assert.Equal(40 * 16_384, received);
    });

    private static string Plain(string frame) => frame.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
}
