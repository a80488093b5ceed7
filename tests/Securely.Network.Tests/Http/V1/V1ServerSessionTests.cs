using System.Text;
using Securely.Http;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Http.V1;

/// <summary>The server's side of a connection, against a scripted client.</summary>
public sealed class V1ServerSessionTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";

    [Theory]
    [InlineData(Delivery.Whole)]
    [InlineData(Delivery.Lines)]
    [InlineData(Delivery.Bytes)]
    public async Task Pipelined_requests_are_answered_one_by_one(Delivery delivery)
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(EchoAsync, () => new ReplayConnection(delivery)
            .Read("POST /1 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello\r\nPUT /2 HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-T: 1\r\n\r\n"
                + "GET /3 HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\nHEAD /4 HTTP/1.1\r\nHost: a.test\r\n\r\nGET /5 HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
            .Write(Ok("POST /1 hello")).Write(Ok("PUT /2 abcde")).Write(Ok("GET /3 ")).Write(Ok("HEAD /4 ", hasBody: false)).Write(Ok("GET /5 ", "close")));

        client.AssertFinished();
        Assert.True(client.IsClosed);
        Assert.Null(client.AbortReason);
    }

    [Theory]
    [InlineData(16 * 1024 - 1)]
    [InlineData(16 * 1024)]
    [InlineData(16 * 1024 + 1)]
    [InlineData(64 * 1024)]
    [InlineData(300_000)]
    public async Task A_body_that_ends_at_the_end_of_a_buffer_leaves_the_next_request_whole(int total)
    {
        await using var stage = new Stage();
        var length = total - "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 123456\r\n\r\n".Length;
        var body = Pattern(length);
        var client = await stage.ServeAsync(EchoAsync, () => new ReplayConnection()
            .Read($"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: {length,6:D6}\r\n\r\n{body}GET /next HTTP/1.1\r\nHost: a.test\r\n\r\n")
            .Write(Ok($"POST / {body}")).Write(Ok("GET /next ")));

        client.AssertFinished();
    }

    [Theory]
    [InlineData(Delivery.Whole)]
    [InlineData(Delivery.Lines)]
    public async Task Heads_that_outgrow_their_buffer_in_the_middle_keep_their_fields(Delivery delivery)
    {
        await using var stage = new Stage();
        var head = string.Concat(Enumerable.Range(0, 100).Select(number => $"X-Field-{number}: {new string((char)('a' + (number % 26)), 600)}\r\n"));
        List<string?> seen = [];
        var request = $"GET / HTTP/1.1\r\nHost: a.test\r\n{head}\r\n";

        await stage.ServeAsync(
            session =>
            {
                for (var number = 0; number < 100; number++)
                    seen.Add(session.Request.Headers.Get($"X-Field-{number}"));
                return session.RespondAsync(204);
            },
            () => new ReplayConnection(delivery).Read(request + request + request));

        Assert.Equal(300, seen.Count);
        Assert.All(seen.Index(), field => Assert.Equal(new string((char)('a' + (field.Index % 100 % 26)), 600), field.Item));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a.test\r\nContent-Length: x\r\n\r\n", 400)]
    [InlineData("GET / HTTP/2.7\r\nHost: a.test\r\n\r\n", 505)]
    [InlineData("GET / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: zip\r\n\r\n", 501)]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\nGET /tunnel HTTP/1.1\r\nHost: a.test\r\n\r\n", 405)]
    public async Task A_request_that_is_refused_ends_the_connection(string request, int status)
    {
        await using var stage = new Stage();
        var handled = 0;
        var client = await stage.ServeAsync(
            session =>
            {
                handled++;
                return session.RespondAsync(200);
            },
            () => new ReplayConnection().Read(request + Get));

        Assert.StartsWith($"HTTP/1.1 {status} ", client.Written, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", client.Written, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", client.Written, StringComparison.Ordinal);
        Assert.Equal(0, handled);
        Assert.True(client.IsWriteShutDown);
    }

    [Fact]
    public async Task A_body_without_a_length_is_sent_in_chunks_to_http_1_1_and_until_the_end_to_http_1_0()
    {
        await using var stage = new Stage();
        var trailers = new HeaderMap();
        trailers.Set("X-Sum", "1");
        async ValueTask AnswerAsync(ServerSession session)
        {
            session.WriteHeader(new ResponseHeader(200), isEnd: false);
            await session.WriteBodyAsync("abc"u8.ToArray(), isEnd: false);
            await session.WriteBodyAsync("de"u8.ToArray(), isEnd: false);
            await session.WriteTrailersAsync(trailers);
        }

        (await stage.ServeAsync(AnswerAsync, () => new ReplayConnection().Read(Get)
            .Write($"HTTP/1.1 200 OK\r\n{Stage.Date}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n"))).AssertFinished();
        (await stage.ServeAsync(AnswerAsync, () => new ReplayConnection().Read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            .Write($"HTTP/1.1 200 OK\r\n{Stage.Date}Connection: close\r\n\r\nabcde"))).AssertFinished();
    }

    [Theory]
    [InlineData("HEAD", 200, "Content-Length: 3\r\n")]
    [InlineData("GET", 304, "Content-Length: 3\r\n")]
    [InlineData("GET", 204, "")]
    public async Task A_response_without_a_body_gets_none_whatever_the_handler_writes(string method, int status, string length)
    {
        await using var stage = new Stage();
        var reason = status switch { 200 => "OK", 204 => "No Content", _ => "Not Modified" };
        var client = await stage.ServeAsync(
            async session =>
            {
                var header = new ResponseHeader(status);
                header.Headers.Set(HeaderName.ContentLength, "3");
                session.WriteHeader(header, isEnd: false);
                await session.WriteBodyAsync("abc"u8.ToArray(), isEnd: true);
            },
            () => new ReplayConnection().Read($"{method} / HTTP/1.1\r\nHost: a.test\r\n\r\n")
                .Write($"HTTP/1.1 {status} {reason}\r\n{length}{Stage.Date}Connection: keep-alive\r\n\r\n"));

        client.AssertFinished();
    }

    [Theory]
    [InlineData("HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n", "keep-alive\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "close\r\n\r\nabc")]
    public async Task What_a_handler_makes_of_the_request_does_not_change_what_its_client_gets(string request, string rest)
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            async session =>
            {
                session.Request.SetMethod("GET");
                session.Request.Version = HttpVersion.Http11;
                await session.WriteInformationalAsync(new ResponseHeader(103));
                session.WriteHeader(new ResponseHeader(200), isEnd: false);
                await session.WriteBodyAsync("abc"u8.ToArray(), isEnd: true);
            },
            () => new ReplayConnection().Read(request));

        Assert.EndsWith($"HTTP/1.1 200 OK\r\n{Stage.Date}Connection: {rest}", client.Written, StringComparison.Ordinal);
        Assert.Equal(request.Contains("1.1", StringComparison.Ordinal), client.Written.Contains(" 103 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reading_a_body_that_the_client_holds_back_sends_100_once()
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            async session =>
            {
                Assert.True(session.ExpectsContinue);
                Assert.False(session.TryReadBody(out _));
                var chunk = await session.ReadBodyAsync();
                Assert.Equal("hello", Encoding.ASCII.GetString(chunk.Data.Span));
                await session.WriteInformationalAsync(new ResponseHeader(100));
                await session.RespondAsync(204);
            },
            () => new ReplayConnection().Read("PUT / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
                .Write("HTTP/1.1 100 Continue\r\n\r\n").Read("hello")
                .Write($"HTTP/1.1 204 No Content\r\n{Stage.Date}Connection: keep-alive\r\n\r\n"));

        client.AssertFinished();
    }

    [Fact]
    public async Task A_client_that_holds_its_body_back_and_is_answered_without_it_ends_there()
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(session => session.RespondAsync(403), () => new ReplayConnection()
            .Read("PUT / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            .Write($"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n{Stage.Date}Connection: close\r\n\r\n").Read("hello").Silence());

        client.AssertFinished();
        Assert.True(client.IsWriteShutDown);
        Assert.Null(client.AbortReason);
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(200_000, false)]
    public async Task A_small_body_that_nobody_reads_is_passed_over_and_a_large_one_ends_the_connection(int length, bool livesOn)
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(session => session.RespondAsync(403), () => new ReplayConnection()
            .Read($"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: {length}\r\n\r\n{Pattern(length).Replace(' ', 'x')}{Get}"));

        Assert.Equal(livesOn ? 2 : 1, client.Written.Split("HTTP/1.1 403 ").Length - 1);
        Assert.Contains(livesOn ? "Connection: keep-alive" : "Connection: close", client.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_of_the_request_can_be_sent_back_before_the_rest_has_been_read()
    {
        await using var stage = new Stage();
        var first = Pattern(9_000);
        var client = await stage.ServeAsync(
            async session =>
            {
                var chunk = await session.ReadBodyAsync();
                Assert.False(chunk.IsEnd);
                await session.RespondAsync(200, chunk.Data);
            },
            () => new ReplayConnection().Read("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 18000\r\n\r\n").Read(first).Read(new string('!', 9_000)));

        Assert.EndsWith($"\r\n\r\n{first}", client.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_that_is_interrupted_loses_nothing()
    {
        await using var host = await RunningHttp.StartAsync(async session =>
        {
            var first = await session.ReadBodyAsync();
            Assert.Equal(3, first.Data.Length);
            var pending = session.ReadBodyAsync();
            session.InterruptRead();
            Assert.True((await Assert.ThrowsAsync<NetException>(async () => await pending)).IsTimeout);
            await session.FlushAsync();
            session.WriteHeader(new ResponseHeader(200), isEnd: false);
            await session.FlushAsync();
            var second = await session.ReadBodyAsync();
            await session.WriteBodyAsync(second.Data, isEnd: true);
        });
        await using var client = await host.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 6\r\n\r\nabc");
        await client.ReadHeadAsync();
        await client.SendAsync("def");

        Assert.Equal("3\r\ndef\r\n0\r\n\r\n", (await client.ReadToEndAsync()).Text);
    }

    [Fact]
    public async Task Informational_heads_stay_informational_and_come_before_the_final_one()
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            async session =>
            {
                await session.WriteInformationalAsync(new ResponseHeader(102));
                await Assert.ThrowsAsync<ArgumentException>(async () => await session.WriteInformationalAsync(new ResponseHeader(200)));
                await Assert.ThrowsAsync<ArgumentException>(async () => await session.WriteInformationalAsync(new ResponseHeader(101)));
                Assert.Throws<InvalidOperationException>(() => session.WriteHeader(new ResponseHeader(103), isEnd: true));
                await session.RespondAsync(204);
                await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.WriteInformationalAsync(new ResponseHeader(103)));
                Assert.Throws<InvalidOperationException>(() => session.WriteHeader(new ResponseHeader(200), isEnd: true));
            },
            () => new ReplayConnection().Read(Get).Write($"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\n{Stage.Date}Connection: keep-alive\r\n\r\n"));

        client.AssertFinished();
    }

    [Theory]
    [InlineData(false, "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n")]
    [InlineData(true, "HTTP/1.1 100 Continue\r\n\r\n", "")]
    public async Task Informational_heads_can_be_dropped_but_not_the_one_that_the_client_waits_for(bool ignore, string first, string second)
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            async session =>
            {
                session.IgnoreInformational = ignore;
                await session.WriteInformationalAsync(new ResponseHeader(100));
                await session.WriteInformationalAsync(new ResponseHeader(103));
                await session.RespondAsync(204);
            },
            () => new ReplayConnection().Read("PUT / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n!"));

        Assert.StartsWith($"{first}{second}HTTP/1.1 204 ", client.Written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("websocket", true)]
    [InlineData("h2c", false)]
    [InlineData("websocket, H2C", false)]
    public async Task Cleartext_http_2_is_no_upgrade_that_could_be_passed_on(string protocol, bool expected)
    {
        await using var stage = new Stage();
        bool? wants = null;
        await stage.ServeAsync(
            session =>
            {
                wants = session.WantsUpgrade;
                return session.RespondAsync(204);
            },
            () => new ReplayConnection().Read($"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n"));

        Assert.Equal(expected, wants);
    }

    [Fact]
    public async Task A_tunnel_begins_with_what_the_client_sent_ahead_and_is_never_kept_alive()
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            async session =>
            {
                var header = new ResponseHeader(101);
                header.Headers.Set(HeaderName.Upgrade, "x");
                header.Headers.Set(HeaderName.ContentLength, "7");
                session.WriteHeader(header, isEnd: false);
                session.BeginTunnel();
                await session.FlushAsync();
                var ahead = await session.ReadBodyAsync();
                await session.WriteBodyAsync(ahead.Data, isEnd: false);
                await session.FlushAsync();
                var rest = await session.ReadBodyAsync();
                await session.WriteBodyAsync(rest.Data, isEnd: true);
                Assert.True((await session.ReadBodyAsync()).IsEnd);
            },
            () => new ReplayConnection().Read("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nahead")
                .Write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nahead").Read("GET / not a request").Write("GET / not a request").End());

        client.AssertFinished();
    }

    [Fact]
    public async Task Object_of_one_connection_brings_nothing_of_it_to_the_next()
    {
        await using var stage = new Stage();
        var service = new MemoryHttp(new Handler(async session =>
        {
            await session.RespondAsync(200, $"{session.Request.PathText} {session.RequestsBefore} {session.ConnectionState ?? "none"} {session.IgnoreInformational} {session.AutoContinue} {session.BodyBytesRead}");
            session.ConnectionState = "left";
            session.IgnoreInformational = true;
            session.AutoContinue = false;
        }));
        var client = await stage.ServeAsync(
            service,
            () => new ReplayConnection().Read("POST /1 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000\r\n\r\nabc").FailRead(),
            () => new ReplayConnection().Read("BROKEN\r\n\r\n"),
            () => new ReplayConnection().Read(Get + Get));

        Assert.Contains("/ 0 none False True 0HTTP", client.Written, StringComparison.Ordinal);
        Assert.EndsWith("/ 1 left False True 0", client.Written, StringComparison.Ordinal);
    }

    private static async ValueTask EchoAsync(ServerSession session)
    {
        var text = new StringBuilder($"{session.Request.MethodText} {session.Request.PathText} ");
        while (true)
        {
            if (!session.TryReadBody(out var chunk))
                chunk = await session.ReadBodyAsync();
            text.Append(Encoding.Latin1.GetString(chunk.Data.Span));
            if (chunk.IsEnd)
                break;
        }

        var body = Encoding.Latin1.GetBytes(text.ToString());
        await session.RespondAsync(200, body);
    }

    private static string Ok(string body, string connection = "keep-alive", bool hasBody = true) =>
        $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n{Stage.Date}Connection: {connection}\r\n\r\n{(hasBody ? body : "")}";

    private static string Pattern(int length)
    {
        var text = new StringBuilder(length + 8);
        while (text.Length < length)
            text.Append(text.Length).Append(' ');
        return text.ToString(0, length);
    }
}
