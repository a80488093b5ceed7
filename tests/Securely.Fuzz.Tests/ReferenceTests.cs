using Securely.Fuzz.Tests.Cases;
using Securely.Fuzz.Tests.Reference;

namespace Securely.Fuzz.Tests;

/// <summary>The reference itself is right where the regression list says what right is (rows A1 to A14, A21).</summary>
public sealed class ReferenceTests
{
    private static readonly PlainParser Parser = new();
    private static readonly PlainQuestion Question = new("GET", UpgradeRequested: true, ForgivesLength: false);

    [Fact]
    public void Accepts_what_the_corpus_calls_good_and_refuses_the_rest()
    {
        Assert.All(Corpus.Requests.Good, bytes => Assert.Equal(Verdict.Accepted, Parser.ReadRequest(bytes, PlainLimits.Usual).Verdict));
        Assert.All(Corpus.Requests.Bad, bytes => Assert.Equal(Verdict.Refused, Parser.ReadRequest(bytes, PlainLimits.Usual).Verdict));
        Assert.All(Corpus.Responses.Good, bytes => Assert.Equal(Verdict.Accepted, Parser.ReadResponse(bytes, Question, PlainLimits.Usual).Verdict));
        Assert.All(Corpus.Responses.Bad, bytes => Assert.Equal(Verdict.Refused, Parser.ReadResponse(bytes, Question, PlainLimits.Usual).Verdict));
        Assert.All(Corpus.Bodies.Good, bytes => Assert.Equal(Verdict.Accepted, Parser.ReadChunked(bytes, false, PlainLimits.Usual).Verdict));
        Assert.All(Corpus.Bodies.Bad, bytes => Assert.Equal(Verdict.Refused, Parser.ReadChunked(bytes, false, PlainLimits.Usual).Verdict));
    }

    [Theory]
    [InlineData(@"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n", 400)]
    [InlineData(@"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n", 400)]
    [InlineData(@"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501)]
    [InlineData(@"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400)]
    [InlineData(@"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5,5\r\n\r\n", 400)]
    [InlineData(@"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400)]
    [InlineData(@"GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", 400)]
    [InlineData(@"GET / HTTP/1.1\nHost: a\n\n", 400)]
    [InlineData(@"GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData(@"GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData(@"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505)]
    [InlineData(@"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 31\r\n\r\n", 413)]
    [InlineData(@"GET /0123456789012345678901234567890 HTTP/1.1\r\nHost: a\r\n\r\n", 414)]
    [InlineData(@"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nX: 2\r\nX: 3\r\n\r\n", 431)]
    [InlineData(@"GET / HTTP/1.1\r\nHost: a\r\nX: 01234567890123456789012345678901234567890123456789\r\n\r\n", 431)]
    public void Refuses_a_request(string text, int status)
    {
        var head = Parser.ReadRequest(Escapes.Read(text), new PlainLimits(40, 60, 3, 30));
        Assert.Equal(Verdict.Refused, head.Verdict);
        Assert.Equal([status], head.Statuses);
    }

    [Theory]
    [InlineData(@"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "GET", "AfterLength 5 keep")]
    [InlineData(@"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD", "NoBody 0 keep")]
    [InlineData(@"HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n", "GET", "NoBody 0 keep")]
    [InlineData(@"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "GET", "AfterLastChunk 0 keep")]
    [InlineData(@"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n", "GET", "AfterLastChunk 0 close")]
    [InlineData(@"HTTP/1.1 200 OK\r\n\r\n", "GET", "AtClose 0 close")]
    [InlineData(@"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "CONNECT", "OtherProtocol 0 close")]
    [InlineData(@"HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: y\r\n\r\n", "GET", "OtherProtocol 0 close")]
    public void Finds_the_end_of_a_response(string text, string method, string expected)
    {
        var head = Parser.ReadResponse(Escapes.Read(text), Question with { Method = method }, PlainLimits.Usual);
        Assert.Equal(Verdict.Accepted, head.Verdict);
        Assert.Equal(expected, $"{head.Body} {head.BodyLength} {(head.KeepAlive ? "keep" : "close")}");
    }

    [Fact]
    public void Joins_the_folded_lines_of_a_response()
    {
        var head = Parser.ReadResponse(Escapes.Read(@"HTTP/1.1 200\r\nX :\r\n \r\n\ta \r\n  b\r\n\r\n"), Question, PlainLimits.Usual);
        var field = Assert.Single(head.Fields);
        Assert.Equal(("X", "a b"), (Escapes.Write(field.Name), Escapes.Write(field.Value)));
    }

    [Fact]
    public void Undoes_chunks_and_keeps_harmless_trailers()
    {
        var body = Parser.ReadChunked(Escapes.Read(@"2;x\r\nhe\r\n03\r\nllo\r\n0\r\nHost: evil\r\nX-Sum: 5\r\n\r\nNEXT"), false, PlainLimits.Usual);
        Assert.Equal((Verdict.Accepted, 45), (body.Verdict, body.Consumed));
        Assert.Equal("hello", Escapes.Write([.. body.Data]));
        Assert.Equal("X-Sum", Escapes.Write(Assert.Single(body.Fields).Name));
    }

    [Theory]
    [InlineData(@"GET / HTT")]
    [InlineData(@"GET / HTTP/1.1\r\nHost: a\r\n\r")]
    [InlineData(@"\r\n")]
    [InlineData("")]
    public void Waits_for_the_rest_of_a_request(string text) =>
        Assert.Equal(Verdict.Unfinished, Parser.ReadRequest(Escapes.Read(text), PlainLimits.Usual).Verdict);
}
