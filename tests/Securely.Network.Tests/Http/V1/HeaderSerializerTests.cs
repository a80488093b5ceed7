using System.Text;
using Securely.Http;

namespace Securely.Network.Tests.Http.V1;

public sealed class HeaderSerializerTests
{
    [Theory]
    [InlineData("GET /a?b HTTP/1.1\r\nHost: a.test\r\nx-lower: 1\r\nX-Empty: \r\n\r\n", null)]
    [InlineData("GET /a?b HTTP/1.0\r\nHOST:a.test\r\nX:  1\t\r\n\r\n", "GET /a?b HTTP/1.0\r\nHOST: a.test\r\nX: 1\r\n\r\n")]
    [InlineData("GET http://b.test/p?q HTTP/1.1\r\nHost: a.test\r\nX: y\r\n\r\n", "GET /p?q HTTP/1.1\r\nHost: b.test\r\nX: y\r\n\r\n")]
    [InlineData("OPTIONS http://b.test HTTP/1.1\r\nHost: a.test\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: b.test\r\n\r\n")]
    [InlineData("PURGE / HTTP/1.1\r\nX: y\r\nHost: a\r\n\r\n", null)]
    public void Writes_a_parsed_request(string message, string? expected) => Assert.Equal(expected ?? message, Write(Parse(message)));

    [Fact]
    public void Writes_edits_among_lines_that_are_copied_as_they_stand()
    {
        var request = Parse("GET /old HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\nD:4\r\nE: 5\r\nF: 6\r\n\r\n");
        request.SetTarget("/new?x");
        request.SetMethod("POST");
        request.Headers.Remove("B");
        request.Headers.Set("E", "five");
        request.Headers.Append("G", "7");
        request.Headers.AppendKnown(KnownHeader.Connection, "keep-alive"u8);
        Assert.Equal(
            "POST /new?x HTTP/1.1\r\nHost: a\r\nA: 1\r\nC: 3\r\nD: 4\r\nE: five\r\nF: 6\r\nG: 7\r\nConnection: keep-alive\r\n\r\n",
            Write(request));

        var copy = new RequestHeader();
        copy.CopyFrom(request);
        copy.Headers.RemoveKnown(KnownHeader.Connection);
        copy.Headers.Set("G", "8");
        Assert.Equal("POST /new?x HTTP/1.1\r\nHost: a\r\nA: 1\r\nC: 3\r\nD: 4\r\nE: five\r\nF: 6\r\nG: 8\r\n\r\n", Write(copy));
    }

    [Fact]
    public void Writes_a_response()
    {
        var response = new ResponseHeader(404);
        response.Headers.Append("Content-Length", "0");
        Assert.Equal("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Write(response));
        response.SetReason("");
        response.Headers.Clear();
        Assert.Equal("HTTP/1.1 404 \r\n\r\n", Write(response));
    }

    [Fact]
    public void Writes_a_parsed_response_with_joined_lines()
    {
        byte[] buffer = Wire.Bytes("HTTP/1.1 299 Odd\r\nA : 1\r\nB: 2\r\n 3\r\nC: 4\r\n\r\n");
        var parser = new ResponseParser(HttpLimits.Default);
        var header = new ResponseHeader();
        Assert.Equal(HeadStatus.Done, parser.Parse(header, buffer, 0, buffer.Length));
        Assert.Equal("HTTP/1.1 299 Odd\r\nA: 1\r\nB: 2 3\r\nC: 4\r\n\r\n", Write(header));
    }

    [Fact]
    public void Writes_ready_made_lines_behind_the_fields()
    {
        byte[] buffer = new byte[200];
        var response = new ResponseHeader(204);
        response.Headers.Append("A", "1");
        int written = HeaderSerializer.Write(response, buffer, "Connection: close\r\n"u8);
        Assert.Equal("HTTP/1.1 204 No Content\r\nA: 1\r\nConnection: close\r\n\r\n", Encoding.ASCII.GetString(buffer, 0, written));
        written = HeaderSerializer.Write(new RequestHeader("GET", "/"), buffer, "Host: a\r\n"u8);
        Assert.Equal("GET / HTTP/1.1\r\nHost: a\r\n\r\n", Encoding.ASCII.GetString(buffer, 0, written));
    }

    [Fact]
    public void Refuses_a_destination_that_is_too_small()
    {
        var response = new ResponseHeader(200);
        Assert.ThrowsAny<Exception>(() => HeaderSerializer.Write(response, new byte[10]));
    }

    private static RequestHeader Parse(string message)
    {
        byte[] buffer = Wire.Bytes(message);
        var header = new RequestHeader();
        Assert.Equal(HeadStatus.Done, new RequestParser(HttpLimits.Default).Parse(header, buffer, 0, buffer.Length));
        return header;
    }

    private static string Write(RequestHeader header)
    {
        byte[] buffer = new byte[HeaderSerializer.GetMaxLength(header)];
        return Encoding.Latin1.GetString(buffer, 0, HeaderSerializer.Write(header, buffer));
    }

    private static string Write(ResponseHeader header)
    {
        byte[] buffer = new byte[HeaderSerializer.GetMaxLength(header)];
        return Encoding.Latin1.GetString(buffer, 0, HeaderSerializer.Write(header, buffer));
    }
}
