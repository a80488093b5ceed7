using Securely.Http;

namespace Securely.Network.Tests.Http.V1;

/// <summary>Request framing that two parsers could read in two ways (rows A1 to A5, H1S-05).</summary>
public sealed class SmugglingTests
{
    [Theory]
    [InlineData("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n")]
    public void Refuses_a_length_together_with_a_coding(string fields) => Refused(400, "HTTP/1.1", fields);

    [Theory]
    [InlineData("Transfer-Encoding: chunked, identity\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")]
    [InlineData("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked, chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked, chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked;q=1\r\n")]
    [InlineData("Transfer-Encoding: chunked ; q=1\r\n")]
    [InlineData("Transfer-Encoding: \u000bchunked\r\n")]
    [InlineData("Transfer-Encoding: chunked\u000b\r\n")]
    [InlineData("Transfer-Encoding: \"chunked\"\r\n")]
    [InlineData("Transfer-Encoding: chunked,\r\n")]
    [InlineData("Transfer-Encoding: , chunked\r\n")]
    [InlineData("Transfer-Encoding:\r\n")]
    [InlineData("Transfer-Encoding: identity\r\n")]
    [InlineData("Transfer-Encoding: gzip\r\n")]
    [InlineData("Transfer-Encoding: chunked, gzip\r\n")]
    [InlineData("Transfer-Encoding: gzip, chunked\r\n")]
    [InlineData("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: chun\u00e9ked\r\n")]
    [InlineData("Transfer-Encoding : chunked\r\n")]
    [InlineData("Transfer-Encoding:\r\n chunked\r\n")]
    public void Refuses_a_coding_that_is_not_exactly_chunked(string fields) => Refused(400, "HTTP/1.1", fields);

    [Theory]
    [InlineData("Transfer-Encoding: xchunked\r\n")]
    [InlineData("Transfer-Encoding: chunkedx\r\n")]
    [InlineData("Transfer-Encoding: chunked, x\r\n")]
    public void Answers_501_to_a_last_coding_that_is_not_known(string fields) => Refused(501, "HTTP/1.1", fields);

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: identity\r\n")]
    public void Refuses_a_coding_on_http_1_0(string fields) => Refused(400, "HTTP/1.0", fields);

    [Theory]
    [InlineData("+5")]
    [InlineData("-1")]
    [InlineData("0x5")]
    [InlineData("5,6")]
    [InlineData("5,5")]
    [InlineData("5, 5")]
    [InlineData("5 5")]
    [InlineData("")]
    [InlineData("5;")]
    [InlineData("5.0")]
    [InlineData("12345678901234567890")]
    [InlineData("00000000000000000001")]
    [InlineData("9223372036854775808")]
    [InlineData("\u00d9\u00a1")]
    public void Refuses_a_length_that_is_not_digits_only(string value) =>
        Refused(400, "HTTP/1.1", $"Content-Length: {value}\r\n");

    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n")]
    [InlineData("Content-Length: 5\r\nContent-Length: 5\r\n")]
    [InlineData("Content-Length: 0\r\ncontent-length: 0\r\n")]
    public void Refuses_two_lengths_even_when_equal(string fields) => Refused(400, "HTTP/1.1", fields);

    [Theory]
    [InlineData("Content-Length: 5", BodyFraming.ContentLength, 5)]
    [InlineData("Content-Length: 0", BodyFraming.None, 0)]
    [InlineData("Content-Length: 007", BodyFraming.ContentLength, 7)]
    [InlineData("Content-Length: 9223372036854775807", BodyFraming.ContentLength, long.MaxValue)]
    [InlineData("Transfer-Encoding: chunked", BodyFraming.Chunked, 0)]
    [InlineData("transfer-encoding:CHUNKED", BodyFraming.Chunked, 0)]
    [InlineData("X: y", BodyFraming.None, 0)]
    public void Reads_the_framing(string field, object body, long length)
    {
        var parsed = Wire.Request($"POST / HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n");
        Assert.Equal(HeadStatus.Done, parsed.Status);
        Assert.Equal(body, parsed.Framing.Body);
        Assert.Equal(length, parsed.Framing.Length);
    }

    [Fact]
    public void A_request_on_http_1_0_without_a_length_has_no_body()
    {
        var parsed = Wire.Request("POST / HTTP/1.0\r\nHost: a\r\n\r\nsomething");
        Assert.Equal(BodyFraming.None, parsed.Framing.Body);
        Assert.False(parsed.Framing.KeepAlive);
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(11, 413)]
    public void A_body_has_a_limit(int length, int status)
    {
        var parsed = Wire.Request($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n", new HttpLimits { Body = 10 });
        Assert.Equal(status, parsed.ErrorStatus);
    }

    [Theory]
    [InlineData("Content-Length: 1\r\n", HeadStatus.Error)]
    [InlineData("Transfer-Encoding: chunked\r\n", HeadStatus.Error)]
    [InlineData("Content-Length: 0\r\n", HeadStatus.Done)]
    public void Connect_has_no_body(string fields, object expected) =>
        Assert.Equal(expected, Wire.Request($"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n{fields}\r\n").Status);

    private static void Refused(int status, string version, string fields)
    {
        var parsed = Wire.Request($"POST / {version}\r\nHost: a\r\n{fields}\r\n");
        Assert.Equal(HeadStatus.Error, parsed.Status);
        Assert.Equal(status, parsed.ErrorStatus);
    }
}
