using Securely.Http;
using Securely.Net;

namespace Securely.Network.Tests.Http.V2;

/// <summary>RFC 9113 6.8: what was accepted is answered, what comes after the announced last stream is ignored, and that one never grows.</summary>
public sealed class GoAwayTests
{
    private const string Post = "83 86 84 4103612e62";

    private static readonly string[] _answer = ["HEADERS 1 :status: 200, content-length: 2", "DATA 1 END [ok]"];

    [Fact]
    public Task A_request_that_crosses_the_final_GOAWAY_of_a_drain_ends_nothing_that_was_accepted() => DrainAsync(async (client, release) =>
    {
        await client.SendAsync(FrameClient.Frame(1, 4, 3, Post), FrameClient.Frame(0, 1, 3, "616263"));
        Assert.Empty(client.Take());
        await release();

        Assert.Equal(_answer, client.Take());
        Assert.True(client.IsEnded);
    });

    [Fact]
    public Task A_request_that_crosses_the_GOAWAY_of_the_limit_of_requests_ends_nothing_that_was_accepted() => LimitAsync(async (client, release) =>
    {
        await client.SendAsync(FrameClient.Frame(1, 4, 3, Post), FrameClient.Frame(0, 1, 3, "616263"));
        Assert.Empty(client.Take());
        await release();

        Assert.Equal(_answer, client.Take());
        Assert.True(client.IsEnded);
    });

    [Theory]
    [InlineData("DATA in two pieces", "000001 00 00 00000003 61 000001 00 01 00000003 62")]
    [InlineData("DATA after its end", "000001 00 01 00000003 61 000001 00 01 00000003 62")]
    [InlineData("padded DATA", "000003 00 09 00000003 01 61 00")]
    [InlineData("trailers", "000004 01 05 00000003 00017800")]
    [InlineData("trailers in two frames", "000002 01 01 00000003 0001 000002 09 04 00000003 7800")]
    [InlineData("RST_STREAM", "000004 03 00 00000003 00000008 000004 03 00 00000003 00000008")]
    [InlineData("WINDOW_UPDATE", "000004 08 00 00000003 00000001")]
    [InlineData("WINDOW_UPDATE of 0", "000004 08 00 00000003 00000000")]
    [InlineData("WINDOW_UPDATE beyond 2^31-1", "000004 08 00 00000003 7fffffff")]
    [InlineData("PRIORITY", "000005 02 00 00000003 00000000 10")]
    [InlineData("PRIORITY of another size", "000004 02 00 00000003 00000000")]
    [InlineData("PRIORITY on itself", "000005 02 00 00000003 00000003 10")]
    [InlineData("PRIORITY_UPDATE", "000007 10 00 00000000 00000003 753d31")]
    [InlineData("an unknown frame", "000003 fe ff 00000003 616263")]
    public Task Frames_on_an_ignored_stream_are_ignored(string what, string frames) => LimitAsync(async (client, release) =>
    {
        await client.SendAsync(FrameClient.Frame(1, 4, 3, Post), frames);
        Assert.True(client.Take().Length == 0, what);
        await release();

        Assert.Equal(_answer, client.Take());
    });

    [Theory]
    [InlineData("DATA on a stream that has not begun", "000001 00 01 00000003 61", "GOAWAY 1 ProtocolError")]
    [InlineData("RST_STREAM on a stream that has not begun", "000004 03 00 00000003 00000008", "GOAWAY 1 ProtocolError")]
    [InlineData("a block that cannot be decoded", "000001 01 05 00000003 ff", "GOAWAY 1 CompressionError")]
    [InlineData("DATA on an ignored stream and an error of the connection", "000008 01 04 00000003 83 86 84 4103612e62 000001 00 01 00000003 61 000003 03 00 00000003 000000", "GOAWAY 1 FrameSizeError")]
    [InlineData("a request on an even stream", "000008 01 05 00000002 82 86 84 4103612e62", "GOAWAY 1 ProtocolError")]
    public Task An_error_of_the_connection_is_one_after_GOAWAY_as_well_and_names_the_same_last_stream(string what, string frames, string expected) => LimitAsync(async (client, _) =>
    {
        await client.SendAsync(frames);

        Assert.True(client.Last == expected, $"{what}: {client.Last}");
        Assert.True(client.IsEnded);
    });

    [Fact]
    public Task The_block_of_an_ignored_request_keeps_the_table_in_step() => LimitAsync(
        async (client, release) =>
        {
            // The ignored request puts x-a: b into the table; the trailers of the accepted one refer to it.
            await client.SendAsync(FrameClient.Frame(1, 5, 3, Post + "4003782d61 0162"), FrameClient.Frame(1, 5, 1, "be"));
            await release();

            Assert.Equal(["HEADERS 1 :status: 200", "HEADERS 1 END x-a: b"], client.Take());
        },
        FrameClient.Frame(1, 4, 1, Post),
        async session =>
        {
            while (!(await session.ReadBodyAsync()).IsEnd)
            {
            }

            session.WriteHeader(new ResponseHeader(200), isEnd: false);
            await session.WriteTrailersAsync(session.RequestTrailers);
        });

    [Fact]
    public Task The_data_of_ignored_requests_opens_the_window_of_the_connection_again() => LimitAsync(async (client, release) =>
    {
        var full = new string('6', 2 * 16_384);
        for (var id = 3; id < 3 + (2 * 100); id += 2)
            await client.SendAsync(FrameClient.Frame(1, 4, id, Post), FrameClient.Frame(0, 1, id, full));
        var frames = client.Take();
        Assert.NotEmpty(frames);
        Assert.All(frames, frame => Assert.StartsWith("WINDOW_UPDATE 0 +", frame, StringComparison.Ordinal));
        await release();

        Assert.Equal(_answer, client.Take());
    });

    [Theory]
    [InlineData("requests", 1_000)]
    [InlineData("data", 3_000)]
    [InlineData("empty data", 300)]
    [InlineData("trailers", 3_000)]
    [InlineData("large blocks", 30)]
    [InlineData("large trailers", 30)]
    public Task A_flood_of_what_is_ignored_ends_the_connection(string what, int most) => LimitAsync(async (client, _) =>
    {
        // A field of 4,000 bytes that one byte stands for from here on.
        await client.SendAsync(FrameClient.Frame(1, 4, 3, Post + "400178 7fa11e" + string.Concat(Enumerable.Repeat("61", 4_000))));
        var large = string.Concat(Enumerable.Repeat("be", 1_000));
        for (var sent = 0; sent < most && !client.IsEnded; sent += 10)
        {
            await client.SendAsync(string.Concat(Enumerable.Range(sent, 10).Select(index => what switch
            {
                "requests" => FrameClient.Frame(1, 5, (2 * index) + 5, Post),
                "data" => FrameClient.Frame(0, 0, 3, "61"),
                "empty data" => FrameClient.Frame(0, 0, 3, ""),
                "trailers" => FrameClient.Frame(1, 5, 3, ""),
                "large blocks" => FrameClient.Frame(1, 5, (2 * index) + 5, large),
                _ => FrameClient.Frame(1, 5, 3, large),
            })));
        }

        Assert.Equal("GOAWAY 1 EnhanceYourCalm", client.Last);
        Assert.True(client.IsEnded);
    });

    /// <summary>Plays a client whose first request is under way when the server drains, and which does not answer its PING.</summary>
    private static async Task DrainAsync(Func<FrameClient, Func<ValueTask>, ValueTask> play)
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
            await client.Live.PassAsync(TimeSpan.FromSeconds(1.1));
            Assert.Equal(["GOAWAY 1 NoError"], client.Take());

            await play(client, async () =>
            {
                barrier.SetResult();
                await client.Live.SettleAsync();
            });
            near.Close();
            await serving;
        });
    }

    /// <summary>Plays a client whose first request is under way, and is the last one that its connection takes.</summary>
    private static Task LimitAsync(Func<FrameClient, Func<ValueTask>, ValueTask> play, string request = FrameClient.Get, Func<ServerSession, ValueTask>? handle = null)
    {
        var barrier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return FrameStage.PlayAsync(
            async client =>
            {
                await client.SendAsync(request);
                Assert.Equal(["GOAWAY 1 NoError"], client.Take());
                await play(client, async () =>
                {
                    barrier.TrySetResult();
                    await client.Live.SettleAsync();
                });
                barrier.TrySetResult();
            },
            async session =>
            {
                await barrier.Task;
                await (handle is null ? session.RespondAsync(200, "ok"u8.ToArray()) : handle(session));
            },
            new HttpServiceOptions { KeepAliveRequestLimit = 1 });
    }
}
