using Securely.Http;

namespace Securely.Network.Tests.Http.V1;

public sealed class ResponseParserTests
{
    [Fact]
    public void Reads_a_response()
    {
        var parsed = Wire.Response("HTTP/1.1 200 Very OK\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello");
        Assert.Equal(HeadStatus.Done, parsed.Status);
        Assert.Equal("Http11 200 [Very OK]\r\nContent-Length: 5\r\nServer: x\r\n", parsed.Head);
        Assert.Equal((BodyFraming.ContentLength, 5L, true), (parsed.Framing.Body, parsed.Framing.Length, parsed.Framing.KeepAlive));
        Assert.Equal(54, parsed.Consumed);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 \r\n\r\n", "Http11 200 []\r\n")]
    [InlineData("HTTP/1.1 200\r\n\r\n", "Http11 200 []\r\n")]
    [InlineData("HTTP/1.0 999 x\ty\r\n\r\n", "Http10 999 [x\ty]\r\n")]
    [InlineData("HTTP/1.1 404 Not Found\r\n\r\n", "Http11 404 [Not Found]\r\n")]
    public void The_reason_is_optional(string message, string expected) => Assert.Equal(expected, Wire.Response(message).Head);

    [Theory]
    [InlineData("HTTP/1.1 099 x\r\n\r\n")]
    [InlineData("HTTP/1.1 20 x\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 x\r\n\r\n")]
    [InlineData("HTTP/1.1 2x0 x\r\n\r\n")]
    [InlineData("HTTP/1.1 200x\r\n\r\n")]
    [InlineData("HTTP/1.1  200 x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 x\n\r\n")]
    [InlineData("HTTP/1.1 200 x\0\r\n\r\n")]
    [InlineData("HTTP/1.1\r\n\r\n")]
    [InlineData("HTTP/2.0 200 x\r\n\r\n")]
    [InlineData("HTTP/1.2 200 x\r\n\r\n")]
    [InlineData("\r\nHTTP/1.1 200 x\r\n\r\n")]
    [InlineData("ICY 200 OK\r\n\r\n")]
    [InlineData("SSH-2.0-x\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n: a\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\u0001\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n folded\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX y: a\r\n\r\n")]
    public void Refuses_bad_responses(string message)
    {
        var parsed = Wire.Response(message);
        Assert.Equal(HeadStatus.Error, parsed.Status);
        Assert.Equal(502, parsed.ErrorStatus);
    }

    [Fact]
    public void Strips_blanks_before_the_colon() =>
        Assert.Equal("Http11 200 [OK]\r\nX: a\r\nY: b\r\n", Wire.Response("HTTP/1.1 200 OK\r\nX \t: a\r\nY : b\r\n\r\n").Head);

    [Theory]
    [InlineData("X: a\r\n b\r\n", "X: a b\r\n")]
    [InlineData("X: a \r\n \t b \r\n\tc\r\nY: d\r\n", "X: a b c\r\nY: d\r\n")]
    [InlineData("X:\r\n b\r\n", "X: b\r\n")]
    [InlineData("X: a\r\n \r\n b\r\n", "X: a b\r\n")]
    public void Joins_folded_lines_with_one_space(string fields, string expected) =>
        Assert.Equal("Http11 200 [OK]\r\n" + expected, Wire.Response($"HTTP/1.1 200 OK\r\n{fields}\r\n").Head);

    [Fact]
    public void A_folded_coding_is_joined_before_it_is_read() =>
        Assert.Equal(BodyFraming.Chunked, Wire.Response("HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n").Framing.Body);

    [Fact]
    public void Refuses_a_length_next_to_a_coding() =>
        Assert.Equal(502, Wire.Response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n").ErrorStatus);

    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 5\r\n")]
    [InlineData("Content-Length: 5, 5\r\n")]
    [InlineData("Content-Length: x\r\n")]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Content-Length:\r\n")]
    public void A_bad_length_is_an_error_unless_allowed(string fields)
    {
        string message = $"HTTP/1.1 200 OK\r\n{fields}\r\n";
        Assert.Equal(502, Wire.Response(message).ErrorStatus);
        var allowed = Wire.Response(message, allowInvalidLength: true);
        Assert.Equal("Http11 200 [OK]\r\n", allowed.Head);
        Assert.Equal((BodyFraming.UntilClose, 0L, false), (allowed.Framing.Body, allowed.Framing.Length, allowed.Framing.KeepAlive));
    }

    [Theory]
    [InlineData("Transfer-Encoding: gzip, chunked\r\n")]
    [InlineData("Transfer-Encoding: gzip\r\n")]
    [InlineData("Transfer-Encoding: chunked, chunked\r\n")]
    [InlineData("Transfer-Encoding: xchunked\r\n")]
    [InlineData("Transfer-Encoding:\r\n")]
    public void Refuses_codings_that_cannot_be_undone(string fields) =>
        Assert.Equal(502, Wire.Response($"HTTP/1.1 200 OK\r\n{fields}\r\n").ErrorStatus);

    [Theory]
    [InlineData("HTTP/1.1", "", BodyFraming.UntilClose, false)]
    [InlineData("HTTP/1.1", "Transfer-Encoding: identity\r\n", BodyFraming.UntilClose, false)]
    [InlineData("HTTP/1.1", "Content-Length: 0\r\n", BodyFraming.None, true)]
    [InlineData("HTTP/1.1", "Transfer-Encoding: Chunked\r\n", BodyFraming.Chunked, true)]
    [InlineData("HTTP/1.0", "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n", BodyFraming.Chunked, false)]
    [InlineData("HTTP/1.0", "Content-Length: 3\r\nConnection: x, keep-alive\r\n", BodyFraming.ContentLength, true)]
    [InlineData("HTTP/1.0", "Content-Length: 3\r\n", BodyFraming.ContentLength, false)]
    [InlineData("HTTP/1.1", "Content-Length: 3\r\nConnection: close\r\n", BodyFraming.ContentLength, false)]
    public void Reads_the_framing(string version, string fields, object body, bool keepAlive)
    {
        var framing = Wire.Response($"{version} 200 OK\r\n{fields}\r\n").Framing;
        Assert.Equal(body, framing.Body);
        Assert.Equal(keepAlive, framing.KeepAlive);
    }

    [Theory]
    [InlineData(KnownMethod.Head, 200, true)]
    [InlineData(KnownMethod.Get, 304, true)]
    [InlineData(KnownMethod.Get, 204, false)]
    public void Some_responses_have_no_body(KnownMethod method, int status, bool keepsLength)
    {
        var parsed = Wire.Response($"HTTP/1.1 {status} x\r\nContent-Length: 5\r\n\r\n", method);
        Assert.Equal((BodyFraming.None, 0L, true), (parsed.Framing.Body, parsed.Framing.Length, parsed.Framing.KeepAlive));
        Assert.Equal(keepsLength, parsed.Head.Contains("Content-Length: 5", StringComparison.Ordinal));
        Assert.True(Wire.Response($"HTTP/1.1 {status} x\r\n\r\n", method).Framing.KeepAlive);
    }

    [Fact]
    public void An_informational_head_has_no_body_and_another_follows()
    {
        byte[] buffer = Wire.Bytes(
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n");
        var parser = new ResponseParser(HttpLimits.Default);
        var header = new ResponseHeader();
        parser.Reset(KnownMethod.Get, upgradeRequested: false);
        Assert.Equal(HeadStatus.Done, parser.Parse(header, buffer, 0, buffer.Length));
        Assert.True(header.IsInformational);
        Assert.Equal("103 Early Hints\r\nLink: x\r\n", header.ToString());
        Assert.Equal(BodyFraming.None, parser.Framing.Body);

        int next = parser.Consumed;
        parser.Reset(KnownMethod.Get, upgradeRequested: false);
        header.Clear();
        Assert.Equal(HeadStatus.Done, parser.Parse(header, buffer, next, buffer.Length));
        Assert.Equal("200 OK\r\nContent-Length: 1\r\n", header.ToString());
    }

    [Fact]
    public void Switching_protocols_is_a_tunnel_only_when_asked_for()
    {
        const string Message = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        var framing = Wire.Response(Message, upgrade: true).Framing;
        Assert.Equal((BodyFraming.Tunnel, false, true), (framing.Body, framing.KeepAlive, framing.Upgrade));
        Assert.Equal(502, Wire.Response(Message).ErrorStatus);
        Assert.Equal(502, Wire.Response("HTTP/1.0 101 x\r\n\r\n", upgrade: true).ErrorStatus);
    }

    [Fact]
    public void A_connect_that_succeeds_is_a_tunnel()
    {
        var parsed = Wire.Response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", KnownMethod.Connect);
        Assert.Equal(BodyFraming.Tunnel, parsed.Framing.Body);
        Assert.Equal("Http11 200 [OK]\r\n", parsed.Head);
        Assert.Equal(
            BodyFraming.ContentLength, Wire.Response("HTTP/1.1 407 x\r\nContent-Length: 5\r\n\r\n", KnownMethod.Connect).Framing.Body);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: 1\r\nA: 2\r\nA: 3\r\nA: 4\r\n\r\n")]
    public void Limits_hold_for_responses_too(string message) =>
        Assert.Equal(502, Wire.Response(message, limits: new HttpLimits { RequestLine = 40, HeaderBytes = 60, Headers = 3 }).ErrorStatus);
}
