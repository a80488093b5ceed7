using System.Text;
using Securely.Http;

namespace Securely.Network.Tests.Http.V1;

public sealed class RequestParserTests
{
    [Fact]
    public void Reads_a_request()
    {
        var parsed = Wire.Request("GET /a?b=c HTTP/1.1\r\nHost: a.test\r\nUser-Agent: x y\r\nx-Odd:\t v \r\nEmpty:\r\n\r\nrest");

        Assert.Equal(HeadStatus.Done, parsed.Status);
        Assert.Equal("GET /a?b=c Http11\r\nHost: a.test\r\nUser-Agent: x y\r\nx-Odd: v\r\nEmpty: \r\n", parsed.Head);
        Assert.Equal(74, parsed.Consumed);
        Assert.Equal(BodyFraming.None, parsed.Framing.Body);
        Assert.True(parsed.Framing.KeepAlive);
    }

    [Fact]
    public void Points_into_the_buffer_and_copies_nothing()
    {
        byte[] buffer = Wire.Bytes("GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n");
        var header = new RequestHeader();
        var parser = new RequestParser(HttpLimits.Default);
        Assert.Equal(HeadStatus.Done, parser.Parse(header, buffer, 0, buffer.Length));
        Assert.True(header.Target.Overlaps(buffer, out int target));
        Assert.True(header.Host.Overlaps(buffer, out int host));
        Assert.Equal((-4, -23), (target, host));
    }

    [Theory]
    [InlineData("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    public void Skips_up_to_two_empty_lines_before_the_request(string message)
    {
        var parsed = Wire.Request(message);
        Assert.Equal(HeadStatus.Done, parsed.Status);
        Assert.Equal(message.Length, parsed.Consumed);
    }

    [Theory]
    [InlineData("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("\r GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    public void Refuses_other_line_ends_before_the_request(string message) => Refused(400, message);

    [Theory]
    [InlineData("PURGE / HTTP/1.1\r\nHost: a\r\n\r\n", KnownMethod.Other)]
    [InlineData("get / HTTP/1.1\r\nHost: a\r\n\r\n", KnownMethod.Other)]
    [InlineData("PATCH / HTTP/1.1\r\nHost: a\r\n\r\n", KnownMethod.Patch)]
    [InlineData("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", KnownMethod.Delete)]
    [InlineData("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", KnownMethod.Trace)]
    [InlineData("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", KnownMethod.Head)]
    [InlineData("PUT / HTTP/1.1\r\nHost: a\r\n\r\n", KnownMethod.Put)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\n\r\n", KnownMethod.Post)]
    public void Recognises_methods(string message, KnownMethod expected)
    {
        byte[] bytes = Wire.Bytes(message);
        var header = new RequestHeader();
        Assert.Equal(HeadStatus.Done, new RequestParser(HttpLimits.Default).Parse(header, bytes, 0, bytes.Length));
        Assert.Equal(expected, header.MethodKind);
        Assert.Equal(message[..message.IndexOf(' ', StringComparison.Ordinal)], header.MethodText);
        Assert.Equal(header.MethodText, Encoding.ASCII.GetString(header.Method));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\n")]
    [InlineData("GET / HTTP/1.1\0")]
    [InlineData("GET / HTTP/1.1\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\rX: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\0\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\u0001\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\u007f\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost : a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost\t: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX y: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX\u00e9: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n(X): b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n Host: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n continued\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tcontinued\r\n\r\n")]
    public void Refuses_bad_lines(string message) => Refused(400, message);

    [Theory]
    [InlineData("GET /\r\nHost: a\r\n\r\n")]
    [InlineData("GET / \r\nHost: a\r\n\r\n")]
    [InlineData("GET  / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /  HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1 \r\nHost: a\r\n\r\n")]
    [InlineData(" GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / http/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/11\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1x\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.10\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTPS/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("G@T / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000")]
    public void Refuses_bad_request_lines(string message) => Refused(400, message);

    [Theory]
    [InlineData("GET / HTTP/2.0\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.2\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/0.9\r\nHost: a\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public void Answers_505_to_other_versions(string message) => Refused(505, message);

    [Theory]
    [InlineData("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /\u007f HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET * HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("OPTIONS ** HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET a.test:80 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET a HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET http:// HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET http:/a HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("CONNECT a.test HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("CONNECT http://a.test/ HTTP/1.1\r\nHost: a\r\n\r\n")]
    public void Refuses_bad_targets(string message) => Refused(400, message);

    [Fact]
    public void The_host_of_an_absolute_target_wins()
    {
        Assert.Equal(
            "GET http://b.test:81/p?q Http11\r\nX: y\r\nHost: b.test:81\r\n",
            Wire.Request("GET http://b.test:81/p?q HTTP/1.1\r\nX: y\r\nHost: a.test\r\n\r\n").Head);
        Assert.Equal("GET http://b.test/ Http10\r\nHost: b.test\r\n", Wire.Request("GET http://b.test/ HTTP/1.0\r\n\r\n").Head);
    }

    [Fact]
    public void Keeps_the_asterisk_of_options() =>
        Assert.Equal("OPTIONS * Http11\r\nHost: a\r\n", Wire.Request("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").Head);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [:6]\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [:::]\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [1:2:3:4:5:6:7]\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [1:2:3:4:5:6:7:8:9]\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [1::2::3]\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [12345::]\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [::1.2.3.4.5]\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [::1.2.3.256]\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [::01.2.3.4]\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [::1.2.00.4]\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [1.2.3.4]\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: []\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n")]
    [InlineData("GET http://[:6]/ HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET http://b.test/ HTTP/1.1\r\n\r\n")]
    [InlineData("GET http://b.test/ HTTP/1.1\r\nHost: a@b\r\n\r\n")]
    public void Refuses_bad_hosts(string message) => Refused(400, message);

    [Theory]
    [InlineData("a")]
    [InlineData("a.test:")]
    [InlineData("a%41:65535")]
    [InlineData("[::]")]
    [InlineData("[::1]:80")]
    [InlineData("[1:2:3:4:5:6:7:8]")]
    [InlineData("[2001:DB8::ffff:192.0.2.0]")]
    [InlineData("[::0.0.0.0]")]
    [InlineData("[0001::0002]")]
    public void Accepts_hosts(string host) =>
        Assert.Equal($"GET / Http11\r\nHost: {host}\r\n", Wire.Request($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").Head);

    [Fact]
    public void Allows_a_missing_host_on_http_1_0()
    {
        var parsed = Wire.Request("GET / HTTP/1.0\r\n\r\n");
        Assert.Equal(HeadStatus.Done, parsed.Status);
        Assert.False(parsed.Framing.KeepAlive);
    }

    [Fact]
    public void Values_may_hold_bytes_above_ascii() =>
        Assert.Equal("GET / Http11\r\nHost: a\r\nX: \u00e9\r\n", Wire.Request("GET / HTTP/1.1\r\nHost: a\r\nX: \u00c3\u00a9\r\n\r\n").Head);

    [Theory]
    [InlineData(0, HeadStatus.Done)]
    [InlineData(1, HeadStatus.Error)]
    public void A_request_line_has_a_limit(int excess, object expected)
    {
        var limits = new HttpLimits { RequestLine = 64 };
        string path = "/" + new string('a', 64 - "GET / HTTP/1.1".Length + excess);
        var parsed = Wire.Request($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n", limits);
        Assert.Equal(expected, parsed.Status);
        Assert.Equal(excess == 0 ? 0 : 414, parsed.ErrorStatus);
    }

    [Theory]
    [InlineData(0, HeadStatus.Done)]
    [InlineData(1, HeadStatus.Error)]
    public void Header_bytes_have_a_limit(int excess, object expected)
    {
        var limits = new HttpLimits { HeaderBytes = 100 };
        string fields = "Host: a\r\nX: " + new string('a', 100 - "Host: a\r\nX: \r\n\r\n".Length + excess) + "\r\n\r\n";
        var parsed = Wire.Request($"GET / HTTP/1.1\r\n{fields}", limits);
        Assert.Equal(expected, parsed.Status);
        Assert.Equal(excess == 0 ? 0 : 431, parsed.ErrorStatus);
    }

    [Theory]
    [InlineData(4, HeadStatus.Done)]
    [InlineData(3, HeadStatus.Error)]
    public void The_number_of_headers_has_a_limit(int most, object expected)
    {
        var parsed = Wire.Request("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nA: 2\r\nB: 3\r\n\r\n", new HttpLimits { Headers = most });
        Assert.Equal(expected, parsed.Status);
        Assert.Equal(expected is HeadStatus.Done ? 0 : 431, parsed.ErrorStatus);
    }

    [Theory]
    [InlineData("GET ")]
    [InlineData("GET / HTTP/1.1\r")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX")]
    [InlineData("\r\n")]
    public void Asks_for_more_until_the_head_is_complete(string message) =>
        Assert.Equal(HeadStatus.NeedMore, Wire.Request(message).Status);

    [Fact]
    public void Can_be_used_for_the_next_request()
    {
        byte[] buffer = Wire.Bytes("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nX: y\r\n\r\nxxGET /b HTTP/1.0\r\n\r\n");
        var parser = new RequestParser(HttpLimits.Default);
        var header = new RequestHeader();
        Assert.Equal(HeadStatus.Done, parser.Parse(header, buffer, 0, buffer.Length));
        int next = parser.Consumed + (int)parser.Framing.Length;
        parser.Reset();
        header.Clear();
        Assert.Equal(HeadStatus.Done, parser.Parse(header, buffer, next, buffer.Length));
        Assert.Equal("GET /b\r\n", header.ToString());
        Assert.Equal(BodyFraming.None, parser.Framing.Body);
        Assert.Equal(buffer.Length, next + parser.Consumed);
    }

    [Fact]
    public void What_was_looked_at_of_an_unfinished_line_is_not_looked_at_again()
    {
        byte[] line = Wire.Bytes("X: abc\r\n");
        int scanned = 1;
        for (int length = 2; length < line.Length; length++)
        {
            Assert.False(LineScan.IsWorthParsing(line.AsSpan(0, length), ref scanned));
            Assert.Equal(Math.Min(length, line.Length - 2), scanned);
        }

        Assert.True(LineScan.IsWorthParsing(line, ref scanned));
    }

    private static void Refused(int status, string message)
    {
        var parsed = Wire.Request(message);
        Assert.Equal(HeadStatus.Error, parsed.Status);
        Assert.Equal(status, parsed.ErrorStatus);
        Assert.NotEmpty(parsed.Problem);
    }
}
