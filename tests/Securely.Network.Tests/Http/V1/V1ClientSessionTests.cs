using System.Text;
using Securely.Http;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Http.V1;

/// <summary>The client's side of a connection, against a scripted upstream.</summary>
public sealed class V1ClientSessionTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";

    [Theory]
    [InlineData(Delivery.Whole)]
    [InlineData(Delivery.Lines)]
    [InlineData(Delivery.Bytes)]
    public async Task Writes_a_request_and_reads_its_response(Delivery delivery)
    {
        var connection = new ReplayConnection(delivery)
            .Write("POST /a?b=c HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello")
            .Read("HTTP/1.1 201 Made\r\nContent-Length: 3\r\nX-A: 1\r\n\r\nyes");
        var session = Begin(connection);

        session.WriteHeader(Request("POST", "/a?b=c", ("Content-Length", "5")), hasBody: true);
        await session.WriteBodyAsync("hello"u8.ToArray(), isEnd: true);
        await session.ReadHeaderAsync();

        Assert.Equal((201, "Made", "1"), (session.Response.StatusCode, session.Response.ReasonText, session.Response.Headers.Get("X-A")));
        Assert.Equal("yes", await ReadTextAsync(session));
        Assert.True(session.CanReuse(out var keepAlive));
        Assert.Null(keepAlive);
        connection.AssertFinished();
    }

    [Theory]
    [InlineData(Delivery.Whole)]
    [InlineData(Delivery.Lines)]
    [InlineData(Delivery.Bytes)]
    public async Task Reads_each_informational_head_and_then_the_final_one(Delivery delivery)
    {
        var connection = new ReplayConnection(delivery).Write(Get).Read(
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-B: 2\r\n\r\nok");
        var session = await SendGetAsync(connection);

        await session.ReadHeaderAsync();
        Assert.Equal((103, "</a>"), (session.Response.StatusCode, session.Response.Headers.Get("Link")));
        Assert.False(session.CanReuse(out _));
        await session.ReadHeaderAsync();
        Assert.Equal((100, 0), (session.Response.StatusCode, session.Response.Headers.Count));
        await session.ReadHeaderAsync();
        Assert.Equal((200, "2", null), (session.Response.StatusCode, session.Response.Headers.Get("X-B"), session.Response.Headers.Get("Link")));
        Assert.Equal("ok", await ReadTextAsync(session));
        Assert.True(session.CanReuse(out _));
    }

    [Theory]
    [InlineData(Delivery.Whole)]
    [InlineData(Delivery.Bytes)]
    public async Task A_final_head_that_outgrows_the_buffer_of_the_informational_one_keeps_its_fields(Delivery delivery)
    {
        var large = new string('x', 20_000);
        var connection = new ReplayConnection(delivery).Write(Get).Read(
            $"HTTP/1.1 103 Early Hints\r\nLink: {new string('y', 9_000)}\r\n\r\nHTTP/1.1 200 OK\r\nX-First: 1\r\nX-Large: {large}\r\nContent-Length: 2\r\n\r\nok");
        var session = await SendGetAsync(connection);

        await session.ReadHeaderAsync();
        await session.ReadHeaderAsync();

        Assert.Equal(("1", large), (session.Response.Headers.Get("X-First"), session.Response.Headers.Get("X-Large")));
        Assert.Equal("ok", await ReadTextAsync(session));
    }

    [Theory]
    [InlineData(16 * 1024 - 1)]
    [InlineData(16 * 1024)]
    [InlineData(16 * 1024 + 1)]
    [InlineData(64 * 1024)]
    [InlineData(200_000)]
    public async Task A_body_that_ends_at_the_end_of_a_buffer_is_whole(int total)
    {
        var head = "HTTP/1.1 200 OK\r\nContent-Length: 00000\r\n\r\n";
        var length = total - head.Length;
        var body = Pattern(length);
        var connection = new ReplayConnection().Write(Get).Read(head.Replace("00000", length.ToString("D5", null), StringComparison.Ordinal) + body);
        var session = await SendGetAsync(connection);

        await session.ReadHeaderAsync();

        Assert.Equal(body, await ReadTextAsync(session));
        Assert.Equal((long)length, session.BodyBytesReceived);
        Assert.True(session.CanReuse(out _));
    }

    [Theory]
    [InlineData(Delivery.Whole, 3)]
    [InlineData(Delivery.Whole, 5_000)]
    [InlineData(Delivery.Whole, 100_000)]
    [InlineData(Delivery.Lines, 100_000)]
    [InlineData(Delivery.Bytes, 700)]
    public async Task Chunks_larger_and_smaller_than_the_buffers_are_put_together(Delivery delivery, int size)
    {
        var body = Pattern(size);
        var connection = new ReplayConnection(delivery).Write(Get).Read(
            $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{size:x};ext=1\r\n{body}\r\n1\r\n!\r\n0\r\nX-Sum: 7\r\nHost: evil\r\n\r\n");
        var session = await SendGetAsync(connection);

        await session.ReadHeaderAsync();

        Assert.Equal(body + "!", await ReadTextAsync(session));
        Assert.Equal("7", session.Trailers!.Get("X-Sum"));
        Assert.Equal(1, session.Trailers.Count);
        Assert.True(session.CanReuse(out _));
    }

    [Fact]
    public async Task A_reused_connection_counts_the_body_of_its_own_request()
    {
        var connection = new ReplayConnection()
            .Write(Get).Read("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + new string('x', 100))
            .Write(Get).Read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        var session = await SendGetAsync(connection);
        await session.ReadHeaderAsync();
        await ReadTextAsync(session);
        session.End();

        session.Begin(PeerOptions.Default, isReused: true);
        session.WriteHeader(Request("GET", "/"), hasBody: false);
        Assert.Equal((0L, false, false), (session.BodyBytesReceived, session.HasReceived, session.HasSent));
        await session.FlushAsync();
        await session.ReadHeaderAsync();
        await ReadTextAsync(session);

        Assert.Equal((2L, true), (session.BodyBytesReceived, session.IsReused));
        connection.AssertFinished();
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", false)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok", true)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nok", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!", false)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\nok", false)]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=0\r\n\r\nok", false)]
    public async Task Only_a_connection_at_the_end_of_its_message_is_used_again(string response, bool expected)
    {
        var session = await SendGetAsync(new ReplayConnection().Write(Get).Read(response));
        await session.ReadHeaderAsync();
        await ReadTextAsync(session);

        Assert.Equal(expected, session.CanReuse(out _));
    }

    [Theory]
    [InlineData("timeout=5", 4)]
    [InlineData("max=3, timeout=60", 59)]
    [InlineData("timeout=1", 0.5)]
    public async Task Keep_alive_of_the_upstream_is_kept_a_second_less(string value, double seconds)
    {
        var session = await SendGetAsync(new ReplayConnection().Write(Get).Read($"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: {value}\r\n\r\n"));
        await session.ReadHeaderAsync();

        Assert.True(session.CanReuse(out var keepAlive));
        Assert.Equal(TimeSpan.FromSeconds(seconds), keepAlive);
    }

    [Fact]
    public async Task A_connection_whose_request_is_not_sent_to_its_end_is_not_used_again()
    {
        var session = Begin(new ReplayConnection().Read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        session.WriteHeader(Request("POST", "/", ("Content-Length", "5")), hasBody: true);
        await session.WriteBodyAsync("he"u8.ToArray(), isEnd: false);
        await session.FlushAsync();
        await session.ReadHeaderAsync();

        Assert.False(session.IsRequestEnded);
        Assert.False(session.CanReuse(out _));
    }

    [Fact]
    public async Task An_informational_head_whose_status_was_changed_does_not_end_the_exchange()
    {
        var session = await SendGetAsync(new ReplayConnection().Write(Get).Read("HTTP/1.1 103 Early Hints\r\n\r\n"));
        await session.ReadHeaderAsync();
        session.Response.StatusCode = 200;

        Assert.False(session.CanReuse(out _));
    }

    [Fact]
    public async Task A_request_without_a_host_gets_the_address_of_the_upstream()
    {
        var connection = new ReplayConnection(remote: new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 81)).Write("GET / HTTP/1.1\r\nHost: 127.0.0.1:81\r\n\r\n");
        var session = Begin(connection);
        session.WriteHeader(new RequestHeader("GET", "/", HttpVersion.Http10), hasBody: false);
        await session.FlushAsync();

        connection.AssertFinished();
    }

    [Theory]
    [InlineData("5", "")]
    [InlineData("0", "Content-Length: 0\r\n")]
    public async Task A_request_without_a_body_announces_none(string length, string sent)
    {
        var connection = new ReplayConnection().Write($"DELETE / HTTP/1.1\r\nHost: a.test\r\n{sent}\r\n");
        var session = Begin(connection);
        session.WriteHeader(Request("DELETE", "/", ("Content-Length", length)), hasBody: false);
        await session.FlushAsync();

        connection.AssertFinished();
    }

    [Fact]
    public async Task A_body_without_a_length_goes_in_chunks_with_its_trailers()
    {
        var connection = new ReplayConnection().Write("PUT / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n");
        var session = Begin(connection);
        var trailers = new HeaderMap();
        trailers.Set("X-Sum", "1");

        session.WriteHeader(Request("PUT", "/"), hasBody: true);
        await session.WriteBodyAsync("hello"u8.ToArray(), isEnd: false);
        await session.WriteBodyAsync(default, isEnd: false);
        await session.WriteBodyAsync("!"u8.ToArray(), isEnd: false);
        Assert.False(session.HasSent);
        await session.WriteTrailersAsync(trailers);

        Assert.True(session.HasSent && session.IsRequestEnded);
        connection.AssertFinished();
    }

    [Fact]
    public async Task A_body_that_has_ended_cannot_end_again()
    {
        var connection = new ReplayConnection().Write("PUT / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n!\r\n0\r\n\r\n");
        var session = Begin(connection);
        session.WriteHeader(Request("PUT", "/"), hasBody: true);
        await session.WriteBodyAsync("!"u8.ToArray(), isEnd: true);
        await session.WriteBodyAsync("?"u8.ToArray(), isEnd: true);
        await session.WriteTrailersAsync(new HeaderMap());

        connection.AssertFinished();
    }

    [Fact]
    public async Task A_body_over_its_length_is_cut_and_one_below_it_is_a_fault_of_this_side()
    {
        var connection = new ReplayConnection().Write("PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc");
        var session = Begin(connection);
        session.WriteHeader(Request("PUT", "/", ("Content-Length", "3")), hasBody: true);
        await session.WriteBodyAsync("abcdef"u8.ToArray(), isEnd: true);
        connection.AssertFinished();

        session = Begin(new ReplayConnection());
        session.WriteHeader(Request("PUT", "/", ("Content-Length", "3")), hasBody: true);
        var error = await Assert.ThrowsAsync<NetException>(async () => await session.WriteBodyAsync("ab"u8.ToArray(), isEnd: true));
        Assert.Equal(ErrorSource.Internal, error.Origin);
    }

    [Theory]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n")]
    [InlineData("SSH-2.0-x\r\n")]
    public async Task A_response_that_breaks_the_rules_is_a_protocol_error(string response)
    {
        var session = await SendGetAsync(new ReplayConnection().Write(Get).Read(response));

        await Assert.ThrowsAsync<Securely.Http.HttpProtocolException>(async () => await session.ReadHeaderAsync());
        Assert.False(session.CanReuse(out _));
    }

    [Fact]
    public async Task A_flood_of_informational_heads_is_a_protocol_error()
    {
        var session = await SendGetAsync(new ReplayConnection().Write(Get).Read(string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 33))));
        for (var i = 0; i < 32; i++)
            await session.ReadHeaderAsync();

        await Assert.ThrowsAsync<Securely.Http.HttpProtocolException>(async () => await session.ReadHeaderAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    public async Task An_end_before_the_head_is_whole_says_that_the_upstream_closed(string response)
    {
        var session = await SendGetAsync(new ReplayConnection().Write(Get).Read(response).End());

        var error = await Assert.ThrowsAsync<NetException>(async () => await session.ReadHeaderAsync());

        Assert.Equal((NetErrorKind.ConnectionClosed, ErrorSource.Upstream), (error.Kind, error.Origin));
        Assert.Equal(response.Length > 0, session.HasReceived);
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\nabc")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nabc")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")]
    public async Task A_body_that_is_cut_never_ends_in_order(string rest)
    {
        var session = await SendGetAsync(new ReplayConnection().Write(Get).Read($"HTTP/1.1 200 OK\r\n{rest}").End());
        await session.ReadHeaderAsync();

        var error = await Assert.ThrowsAsync<HttpBodyException>(async () => await ReadTextAsync(session));

        Assert.Equal(ErrorSource.Upstream, error.Origin);
        Assert.False(session.CanReuse(out _));
    }

    [Fact]
    public async Task Waits_for_the_head_and_the_body_no_longer_than_the_read_timeout()
    {
        var options = new PeerOptions { ReadTimeout = TimeSpan.FromSeconds(7), WriteTimeout = TimeSpan.FromSeconds(3) };
        var connection = new ReplayConnection().Write(Get).Read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab").Silence();
        var session = Begin(connection, options);
        session.WriteHeader(Request("GET", "/"), hasBody: false);
        await session.FlushAsync();
        await session.ReadHeaderAsync();
        Assert.True(session.TryReadBody(out _));

        var error = await Assert.ThrowsAsync<NetException>(async () => await session.ReadBodyAsync());

        Assert.Equal(NetErrorKind.ReadTimedOut, error.Kind);
        Assert.Equal((TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(3)), (connection.ReadDeadline, connection.WriteDeadline));
    }

    private static V1ClientSession Begin(ReplayConnection connection, PeerOptions? options = null)
    {
        var session = new V1ClientSession(connection);
        session.Begin(options ?? PeerOptions.Default, isReused: false);
        return session;
    }

    private static async Task<V1ClientSession> SendGetAsync(ReplayConnection connection)
    {
        var session = Begin(connection);
        session.WriteHeader(Request("GET", "/"), hasBody: false);
        await session.FlushAsync();
        return session;
    }

    private static RequestHeader Request(string method, string target, params (string Name, string Value)[] headers)
    {
        var request = new RequestHeader(method, target);
        request.Headers.Set(HeaderName.Host, "a.test");
        foreach (var (name, value) in headers)
            request.Headers.Append(name, value);
        return request;
    }

    private static async Task<string> ReadTextAsync(V1ClientSession session)
    {
        var text = new StringBuilder();
        while (true)
        {
            if (!session.TryReadBody(out var chunk))
                chunk = await session.ReadBodyAsync();
            text.Append(Encoding.Latin1.GetString(chunk.Data.Span));
            if (chunk.IsEnd)
                return text.ToString();
        }
    }

    /// <summary>Text whose every part says where it stands.</summary>
    private static string Pattern(int length)
    {
        var text = new StringBuilder(length + 8);
        while (text.Length < length)
            text.Append(text.Length).Append(' ');
        return text.ToString(0, length);
    }
}
