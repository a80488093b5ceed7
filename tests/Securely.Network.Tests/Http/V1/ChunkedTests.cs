using System.Text;
using Securely.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Http.V1;

public sealed class ChunkedTests
{
    [Theory]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", "hello")]
    [InlineData("0\r\n\r\n", "")]
    [InlineData("5\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n000\r\n\r\n", "hello, world")]
    [InlineData("A\r\n0123456789\r\n0a\r\nabcdefghij\r\n0\r\n\r\n", "0123456789abcdefghij")]
    [InlineData("2;x=y;z=\"a b\"\r\nhi\r\n0;last\r\n\r\n", "hi")]
    [InlineData("0000000000000002\r\n\r\n\r\n0\r\n\r\n", "\r\n")]
    public void Undoes_the_coding(string message, string expected)
    {
        var result = Read(message + "NEXT");
        Assert.Equal(HeadStatus.Done, result.Status);
        Assert.Equal(expected, result.Data);
        Assert.Equal(message.Length, result.Consumed);
        Assert.Null(result.Trailers);
    }

    [Theory]
    [InlineData("0x10\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("+1\r\n")]
    [InlineData("\r\n")]
    [InlineData(" 1\r\na\r\n")]
    [InlineData("00000000000000001\r\na\r\n")]
    [InlineData("8000000000000000\r\n")]
    [InlineData("ffffffffffffffff\r\n")]
    [InlineData("1\r\na\r\n7fffffffffffffff\r\n")]
    [InlineData("1 ;x\r\na\r\n")]
    [InlineData("1 \r\na\r\n")]
    [InlineData("1\na\r\n")]
    [InlineData("1\rXa\r\n")]
    [InlineData("1;x\na\r\n")]
    [InlineData("1;x\0\r\na\r\n")]
    [InlineData("1\r\naX\r\n")]
    [InlineData("1\r\na\n0\r\n\r\n")]
    [InlineData("1\r\na\rX")]
    [InlineData("1\r\nab\r\n")]
    [InlineData("0\r\n\n")]
    [InlineData("0\r\n\rX")]
    [InlineData("0\r\nX : y\r\n\r\n")]
    [InlineData("0\r\nX: y\n\r\n")]
    [InlineData("0\r\n folded\r\n\r\n")]
    [InlineData("0\r\nX: y\r\n folded\r\n\r\n")]
    public void Refuses_what_is_not_strictly_chunked(string message)
    {
        var result = Read(message);
        Assert.Equal(HeadStatus.Error, result.Status);
        Assert.Equal(400, result.ErrorStatus);
        Assert.Equal(502, Read(message, response: true).ErrorStatus);
    }

    [Theory]
    [InlineData(8190, HeadStatus.Done)]
    [InlineData(8191, HeadStatus.Error)]
    public void An_extension_has_a_limit(int length, object expected) =>
        Assert.Equal(expected, Read($"1;{new string('x', length)}\r\na\r\n0\r\n\r\n").Status);

    [Fact]
    public void An_endless_extension_is_refused_before_it_ends() =>
        Assert.Equal(400, Read("1;" + new string('x', 9000)).ErrorStatus);

    [Fact]
    public void A_body_has_a_limit_for_requests_only()
    {
        var limits = new HttpLimits { Body = 10 };
        const string Message = "6\r\nabcdef\r\n5\r\nghijk\r\n0\r\n\r\n";
        Assert.Equal(413, Read(Message, limits: limits).ErrorStatus);
        Assert.Equal("abcdefghijk", Read(Message, response: true, limits: limits).Data);
        Assert.Equal(HeadStatus.Done, Read("a\r\n0123456789\r\n0\r\n\r\n", limits: limits).Status);
    }

    [Fact]
    public void Trailers_are_kept_apart_and_lose_what_is_forbidden()
    {
        var result = Read(
            "1\r\na\r\n0\r\nX-Checksum: 1\r\nContent-Length: 5\r\nhost: evil\r\nAuthorization: x\r\nTransfer-Encoding: chunked\r\n"
            + "Content-Type: x\r\nSet-Cookie: a=b\r\nx-forwarded-anything: x\r\nConnection: close\r\nPragma: no-cache\r\n"
            + "Content-Digest: y\r\n\r\nNEXT");
        Assert.Equal(HeadStatus.Done, result.Status);
        Assert.Equal("X-Checksum: 1\r\nContent-Digest: y\r\n", result.Trailers);
        Assert.Equal("a", result.Data);
    }

    [Fact]
    public void Trailers_that_are_all_forbidden_are_none() => Assert.Null(Read("0\r\nHost: evil\r\n\r\n").Trailers);

    [Fact]
    public void Trailers_have_limits()
    {
        Assert.Equal(400, Read("0\r\nX: " + new string('a', 70_000), byByte: false).ErrorStatus);
        Assert.Equal(400, Read("0\r\nA: 1\r\nA: 2\r\nA: 3\r\n\r\n", limits: new HttpLimits { Headers = 2 }).ErrorStatus);
        Assert.Equal(HeadStatus.Done, Read("0\r\nX: " + new string('a', 60_000) + "\r\n\r\n", byByte: false).Status);
    }

    [Theory]
    [InlineData("5\r\nhel", "hel")]
    [InlineData("5", "")]
    [InlineData("5\r\nhello\r\n", "hello")]
    [InlineData("0\r\nX: y\r\n", "")]
    public void Asks_for_more_until_the_body_ends(string message, string data)
    {
        var result = Read(message);
        Assert.Equal(HeadStatus.NeedMore, result.Status);
        Assert.Equal(data, result.Data);
        Assert.Equal(message.Length, result.Consumed);
    }

    [Fact]
    public void The_end_is_known_together_with_the_last_data()
    {
        var reader = new ChunkedReader(HttpLimits.Default);
        var status = reader.Read("5\r\nhello\r\n0\r\n\r\nNEXT"u8, out int consumed, out int offset, out int length);
        Assert.Equal((HeadStatus.Done, 15, 3, 5), (status, consumed, offset, length));
    }

    [Fact]
    public void Can_be_used_for_the_next_body()
    {
        var reader = new ChunkedReader(HttpLimits.Default);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(HeadStatus.Done, reader.Read("1\r\na\r\n0\r\nX: y\r\n\r\n"u8, out _, out _, out _));
            Assert.Equal("X: y\r\n", reader.Trailers!.ToString());
            Assert.Equal(1, reader.TotalLength);
            reader.Reset();
            Assert.Null(reader.Trailers);
        }
    }

    [Theory]
    [InlineData(1, "1\r\n")]
    [InlineData(15, "f\r\n")]
    [InlineData(16, "10\r\n")]
    [InlineData(0xABCDE, "abcde\r\n")]
    [InlineData(long.MaxValue, "7fffffffffffffff\r\n")]
    public void Writes_chunk_heads(long length, string expected)
    {
        byte[] buffer = new byte[ChunkedWriter.MaxHeadLength];
        int written = ChunkedWriter.WriteHead(buffer, length);
        Assert.Equal(expected, Encoding.ASCII.GetString(buffer, 0, written));
        Assert.Equal(expected.Length, ChunkedWriter.GetHeadLength(length));
        int start = ChunkedWriter.WriteHeadBefore(buffer, length);
        Assert.Equal(expected, Encoding.ASCII.GetString(buffer, start, buffer.Length - start));
    }

    [Fact]
    public void Never_writes_an_empty_chunk() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ChunkedWriter.WriteHead(new byte[20], 0));

    [Fact]
    public void Writes_trailers()
    {
        var trailers = new HeaderMap();
        trailers.Append("X-Checksum", "1");
        byte[] buffer = new byte[ChunkedWriter.GetMaxLastLength(trailers)];
        Assert.Equal("0\r\nX-Checksum: 1\r\n\r\n", Encoding.ASCII.GetString(buffer, 0, ChunkedWriter.WriteLast(buffer, trailers)));
        Assert.Equal("0\r\n\r\n", Encoding.ASCII.GetString(ChunkedWriter.Last));
    }

    private static Result Read(string message, bool response = false, HttpLimits? limits = null, bool byByte = true)
    {
        byte[] bytes = Wire.Bytes(message);
        limits ??= HttpLimits.Default;
        var whole = ReadPieces(bytes, Delivery.Whole, response, limits);
        Assert.Equal(whole, ReadPieces(bytes, Delivery.Lines, response, limits));
        Assert.Equal(whole, Decode(bytes, response, limits));
        if (byByte)
        {
            Assert.Equal(whole, ReadPieces(bytes, Delivery.Bytes, response, limits));
        }

        return whole;
    }

    private static Result ReadPieces(byte[] message, Delivery delivery, bool response, HttpLimits limits)
    {
        var reader = new ChunkedReader(limits, response);
        var data = new StringBuilder();
        var status = HeadStatus.NeedMore;
        int at = 0;
        foreach (int end in Wire.Ends(message, delivery))
        {
            while (at < end && status == HeadStatus.NeedMore)
            {
                status = reader.Read(message.AsSpan(at, end - at), out int consumed, out int offset, out int length);
                data.Append(Encoding.Latin1.GetString(message, at + offset, length));
                at += consumed;
            }
        }

        return Outcome(ref reader, status, data.ToString(), at);
    }

    private static Result Decode(byte[] message, bool response, HttpLimits limits)
    {
        byte[] copy = [.. message];
        var reader = new ChunkedReader(limits, response);
        var status = reader.Decode(copy, out int consumed, out int produced);
        return Outcome(ref reader, status, Encoding.Latin1.GetString(copy, 0, produced), consumed);
    }

    private static Result Outcome(ref ChunkedReader reader, HeadStatus status, string data, int consumed) => status == HeadStatus.Error
        ? new Result(status, reader.Error.StatusCode, "", 0, null)
        : new Result(status, 0, data, consumed, reader.Trailers?.ToString());

    private sealed record Result(HeadStatus Status, int ErrorStatus, string Data, int Consumed, string? Trailers);
}
