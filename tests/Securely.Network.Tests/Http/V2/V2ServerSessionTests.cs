using System.Text;
using Securely.Http;
using Securely.Net;

namespace Securely.Network.Tests.Http.V2;

public sealed class V2ServerSessionTests
{
    // POST /echo of http://a.b, open.
    private const string Echo = "00000e 01 04 00000001 83 86 04052f6563686f 4103612e62";

    // POST / of http://a.b, open.
    private const string Post = "000008 01 04 00000001 83 86 84 4103612e62";

    [Fact]
    public Task Answers_a_request() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(FrameClient.Get);

        Assert.Equal(["HEADERS 1 :status: 200, content-length: 2", "DATA 1 END [ok]"], client.Take());
    });

    [Fact]
    public Task Shows_the_request_as_any_other() => FrameStage.PlayAsync(
        async client =>
        {
            // GET /a?b=c of https://x.test:8, x: y, and two cookies.
            await client.SendAsync(FrameClient.Frame(1, 5, 1, "82 87 04062f613f623d63 4108782e746573743a38 0001780179 600161 600162"));

            Assert.Equal(["HEADERS 1 :status: 200, content-length: 62", "DATA 1 END [GET /a b=c Http2 x.test:8\nhost: x.test:8\r\nx: y\r\ncookie: a; b\r\n]"], client.Take());
        },
        session =>
        {
            var request = session.Request;
            return session.RespondAsync(200, Encoding.Latin1.GetBytes($"{request.MethodText} {request.PathText} {request.QueryText} {request.Version} {request.HostText}\n{request.Headers}"));
        });

    [Fact]
    public Task Serves_streams_side_by_side_and_answers_in_the_order_of_the_answers()
    {
        var barrier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return FrameStage.PlayAsync(
            async client =>
            {
                await client.SendAsync(FrameClient.Frame(1, 5, 1, "82 86 04052f77616974 4103612e62"), FrameClient.Frame(1, 5, 3, "82 86 84 4103612e62"));
                Assert.Equal(["HEADERS 3 :status: 200, content-length: 1", "DATA 3 END [/]"], client.Take());

                barrier.SetResult();
                await client.Live.SettleAsync();
                Assert.Equal(["HEADERS 1 :status: 200, content-length: 5", "DATA 1 END [/wait]"], client.Take());
            },
            async session =>
            {
                if (session.Request.PathText == "/wait")
                    await barrier.Task;
                await session.RespondAsync(200, Encoding.Latin1.GetBytes(session.Request.PathText));
            });
    }

    [Fact]
    public Task Passes_a_body_on_as_it_comes() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(Echo);
        Assert.Equal(["HEADERS 1 :status: 200"], client.Take());
        await client.SendAsync(FrameClient.Frame(0, 0, 1, FrameClient.Hex("abc")));
        Assert.Equal(["DATA 1 [abc]"], client.Take());
        // Padded: five bytes of padding behind two of data.
        await client.SendAsync("000008 00 08 00000001 05 6465 0000000000");
        Assert.Equal(["DATA 1 [de]"], client.Take());
        await client.SendAsync("000000 00 01 00000001");
        Assert.Equal(["DATA 1 END []"], client.Take());
    }, options: Plain);

    [Fact]
    public Task Passes_trailers_on_but_none_that_would_change_the_head() => FrameStage.PlayAsync(async client =>
    {
        // x: y and host: evil.
        await client.SendAsync(Echo, FrameClient.Frame(0, 0, 1, "61"), FrameClient.Frame(1, 5, 1, "0001780179 0f17046576696c"));

        Assert.Equal(["HEADERS 1 :status: 200", "DATA 1 [a]", "HEADERS 1 END x: y"], client.Take());
    });

    [Theory]
    [InlineData(200, "HEADERS 1 END :status: 200, content-length: 5")]
    [InlineData(304, "HEADERS 1 END :status: 304")]
    public Task A_HEAD_request_gets_the_length_and_no_body(int status, string answer) => FrameStage.PlayAsync(
        async client =>
        {
            await client.SendAsync(FrameClient.Frame(1, 5, 1, "0204 48454144 86 84 4103612e62"));

            Assert.Equal([answer], client.Take());
        },
        session => session.RespondAsync(status, "hello"u8.ToArray()));

    [Fact]
    public Task Leaves_out_what_belongs_to_a_connection_of_HTTP_1() => FrameStage.PlayAsync(
        async client =>
        {
            await client.SendAsync(FrameClient.Get);

            Assert.Equal(["HEADERS 1 END :status: 204, x-mixed: Case"], client.Take());
        },
        session =>
        {
            var header = new ResponseHeader(204);
            header.Headers.Set(HeaderName.Parse("Connection"), "close");
            header.Headers.Set(HeaderName.Parse("Keep-Alive"), "timeout=5");
            header.Headers.Set(HeaderName.Parse("Transfer-Encoding"), "chunked");
            header.Headers.Set(HeaderName.Parse("X-Mixed"), "Case");
            return session.RespondAsync(header, default);
        });

    [Fact]
    public Task Sends_informational_heads_before_the_final_one() => FrameStage.PlayAsync(
        async client =>
        {
            await client.SendAsync(FrameClient.Get);

            Assert.Equal(["HEADERS 1 :status: 103, link: </a>", "HEADERS 1 :status: 200, content-length: 2", "DATA 1 END [ok]"], client.Take());
        },
        async session =>
        {
            var hints = new ResponseHeader(103);
            hints.Headers.Set(HeaderName.Parse("Link"), "</a>");
            await session.WriteInformationalAsync(hints);
            await session.RespondAsync(200, "ok"u8.ToArray());
        });

    [Fact]
    public Task Tells_a_client_that_waits_to_go_on() => FrameStage.PlayAsync(async client =>
    {
        // POST /echo with expect: 100-continue.
        await client.SendAsync(FrameClient.Frame(1, 4, 1, "83 86 04052f6563686f 4103612e62 0f140c" + FrameClient.Hex("100-continue")));
        Assert.Equal(["HEADERS 1 :status: 100", "HEADERS 1 :status: 200"], client.Take());
        await client.SendAsync(FrameClient.Frame(0, 1, 1, "61"));
        Assert.Equal(["DATA 1 END [a]"], client.Take());
    }, ContinueAsync);

    [Fact]
    public Task An_early_answer_ends_the_sending_of_the_body() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(Post);

        Assert.Equal(["HEADERS 1 :status: 200, content-length: 2", "DATA 1 END [ok]"], client.Take());
        await client.Live.PassAsync(TimeSpan.FromMilliseconds(1_100));
        Assert.Equal(["RST_STREAM 1 NoError"], client.Take());
        await client.SendAsync(FrameClient.Frame(0, 1, 1, "61"), FrameClient.Frame(1, 5, 3, "82 86 84 4103612e62"));
        Assert.Equal(["HEADERS 3 :status: 200, content-length: 2", "DATA 3 END [ok]"], client.Take());
    });

    [Fact]
    public Task A_handler_that_fails_costs_its_stream_only() => FrameStage.PlayAsync(
        async client =>
        {
            await client.SendAsync(FrameClient.Get, FrameClient.Frame(1, 5, 3, "82 86 04052f77616974 4103612e62"));

            Assert.Equal(["HEADERS 1 END :status: 500, content-length: 0", "HEADERS 3 :status: 200", "DATA 3 [begun]", "RST_STREAM 3 InternalError"], client.Take());
        },
        async session =>
        {
            if (session.Request.PathText != "/wait")
                throw new InvalidOperationException("Wrong on purpose");
            session.WriteHeader(new ResponseHeader(200), isEnd: false);
            await session.WriteBodyAsync("begun"u8.ToArray(), false);
            throw new InvalidOperationException("Wrong on purpose");
        });

    [Fact]
    public Task CONNECT_is_answered_405_and_Allow_names_no_method_since_its_target_is_no_resource_of_ours() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(FrameClient.Frame(1, 5, 1, "0207434f4e4e454354 4105612e623a31"));

        Assert.Equal(["HEADERS 1 END :status: 405, allow: , content-length: 0"], client.Take());
    });

    [Theory]
    [InlineData("000003 01 05 00000001 82 86 84", "HEADERS 1 END :status: 400, content-length: 0")]
    public Task Refuses_what_is_well_formed_but_not_wanted(string request, string answer) => FrameStage.PlayAsync(async client =>
    {
        var payload = request.Replace(" ", "", StringComparison.Ordinal)[18..];
        await client.SendAsync(FrameClient.Frame(1, 5, 1, payload));

        Assert.Equal([answer], client.Take());
    });

    [Fact]
    public Task A_path_over_the_limit_is_answered_414() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(FrameClient.Frame(1, 5, 1, "82 86 4103612e62 04 7f8140 2f" + string.Concat(Enumerable.Repeat("61", 8_319))));

        Assert.Equal(["HEADERS 1 END :status: 414, content-length: 0"], client.Take());
    });

    [Fact]
    public Task Too_many_fields_are_answered_431_and_the_table_stays_in_step() => FrameStage.PlayAsync(async client =>
    {
        // x: y enters the table, and comes 199 times more by its index; the next request uses it, too.
        await client.SendAsync(FrameClient.Frame(1, 5, 1, "82 86 84 4103612e62 4001780179" + string.Concat(Enumerable.Repeat("be", 199))));
        Assert.Equal(["HEADERS 1 END :status: 431, content-length: 0"], client.Take());

        await client.SendAsync(FrameClient.Frame(1, 5, 3, "82 86 84 bf be"));
        Assert.Equal(["HEADERS 3 :status: 200, content-length: 2", "DATA 3 END [ok]"], client.Take());
    });

    [Fact]
    public Task A_body_over_the_limit_is_answered_413() => FrameStage.PlayAsync(
        async client =>
        {
            await client.SendAsync(FrameClient.Frame(1, 4, 1, "83 86 84 4103612e62 0f0d0134"));
            Assert.Equal(["HEADERS 1 END :status: 413, content-length: 0", "RST_STREAM 1 NoError"], client.Take());
            await client.SendAsync(FrameClient.Frame(1, 4, 3, "83 86 84 4103612e62"), FrameClient.Frame(0, 0, 3, "61626364"));
            Assert.Equal(["HEADERS 3 END :status: 413, content-length: 0", "RST_STREAM 3 NoError"], client.Take());
        },
        async session =>
        {
            while (!(await session.ReadBodyAsync()).IsEnd)
            {
            }
        },
        new HttpServiceOptions { Limits = new HttpLimits { Body = 3 } });

    [Fact]
    public Task A_large_head_goes_in_several_frames() => FrameStage.PlayAsync(
        async client =>
        {
            await client.SendAsync(FrameClient.Get);
            await client.Live.SettleAsync();

            // HEADERS without END_HEADERS (flag 4), then CONTINUATION with it.
            var bytes = Encoding.Latin1.GetBytes(client.Live.Received);
            var frames = new List<string>();
            for (var at = 0; at < bytes.Length;)
            {
                var header = FrameHeader.Read(bytes.AsSpan(at));
                frames.Add($"{header.Type} {header.Flags:x} {header.StreamId}");
                at += FrameHeader.Size + header.Length;
            }

            Assert.Equal(["Headers 01 1", "Continuation 04 1"], frames[^2..]);
        },
        session =>
        {
            var header = new ResponseHeader(204);
            header.Headers.Set(HeaderName.Parse("X-Large"), new string('~', 20_000));
            return session.RespondAsync(header, default);
        });

    [Fact]
    public Task A_reset_cancels_what_its_handler_waits_for()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return FrameStage.PlayAsync(
            async client =>
            {
                await client.SendAsync(Post);
                await client.SendAsync("000004 03 00 00000001 00000008");

                Assert.True(ended.Task.IsCompletedSuccessfully);
                Assert.Empty(client.Take());
            },
            async session =>
            {
                var error = await Assert.ThrowsAsync<NetException>(async () => await session.ReadBodyAsync());
                Assert.Equal(ErrorSource.Downstream, error.Origin);
                Assert.True(session.Connection.IsClosed);
                Assert.True(session.Connection.Closed.IsCancellationRequested);
                ended.SetResult();
            });
    }

    private static HttpServiceOptions Plain => new() { Timeouts = HttpTimeouts.Default with { MinReceiveRate = 0 } };

    private static async ValueTask ContinueAsync(ServerSession session)
    {
        Assert.True(session.ExpectsContinue);
        var reading = session.ReadBodyAsync();
        session.WriteHeader(new ResponseHeader(200), isEnd: false);
        await session.FlushAsync();
        var chunk = await reading;
        await session.WriteBodyAsync(chunk.Data, true);
    }
}
