using Securely.Http;

namespace Securely.Network.Tests.Http.V1;

public sealed class AllocationTests
{
    private const int Rounds = 1_000;

    [Fact]
    public void Parsing_editing_and_writing_a_request_allocates_nothing()
    {
        byte[] buffer = Wire.Bytes(
            "GET http://a.test/path?query HTTP/1.1\r\nHost: a.test\r\nUser-Agent: x\r\nAccept: */*\r\nConnection: keep-alive, X-Drop\r\n"
            + "X-Drop: 1\r\nX-Own: 2\r\nCookie: a=b\r\n\r\n");
        byte[] output = new byte[1024];
        var parser = new RequestParser(HttpLimits.Default);
        var request = new RequestHeader();
        var upstream = new RequestHeader();
        HeaderName own = "X-Own";

        AllocatesNothing(() =>
        {
            parser.Reset();
            Check(parser.Parse(request, buffer, 0, buffer.Length) == HeadStatus.Done);
            upstream.CopyFrom(request);
            HeaderRules.RemoveHopByHop(upstream.Headers);
            upstream.Headers.AppendKnown(KnownHeader.XForwardedFor, "127.0.0.1"u8);
            upstream.Headers.Set(own, "edited"u8);
            upstream.Headers.Set(HeaderName.Server, "Securely");
            upstream.SetTarget("/other"u8);
            Check(HeaderSerializer.GetMaxLength(upstream) <= output.Length);
            Check(HeaderSerializer.Write(upstream, output) > 0);
            upstream.Reset();
            request.Reset();
        });
    }

    [Fact]
    public void Parsing_and_writing_a_response_allocates_nothing()
    {
        byte[] buffer = Wire.Bytes(
            "HTTP/1.1 200 Fine\r\nServer: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\nKeep-Alive: timeout=5\r\n\r\n");
        byte[] output = new byte[1024];
        var parser = new ResponseParser(HttpLimits.Default);
        var response = new ResponseHeader(200);

        AllocatesNothing(() =>
        {
            parser.Reset(KnownMethod.Get, upgradeRequested: false);
            Check(parser.Parse(response, buffer, 0, buffer.Length) == HeadStatus.Done);
            HeaderRules.RemoveHopByHop(response.Headers);
            Check(HeaderSerializer.Write(response, output) > 0);
            response.Reset();
        });
    }

    [Fact]
    public void Reading_and_writing_chunks_allocates_nothing()
    {
        byte[] body = Wire.Bytes("5;x\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nX-Sum: 1\r\nHost: x\r\n\r\n");
        byte[] output = new byte[64];
        var reader = new ChunkedReader(HttpLimits.Default);

        AllocatesNothing(() =>
        {
            int at = 0;
            while (reader.Read(body.AsSpan(at), out int consumed, out _, out int length) == HeadStatus.NeedMore)
            {
                at += consumed;
                Check(ChunkedWriter.WriteHead(output, length) > 0);
            }

            Check(reader.Trailers!.Count == 1);
            reader.Reset();
        });
    }

    /// <summary>An assertion that does not allocate itself.</summary>
    private static void Check(bool condition)
    {
        if (!condition)
        {
            Assert.Fail("The message was not handled as expected.");
        }
    }

    private static void AllocatesNothing(Action action)
    {
        action();
        action();
        // A collection in between empties the shared pools once; what allocates does so each time.
        long least = long.MaxValue;
        for (int turn = 0; turn < 3 && least > 0; turn++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int round = 0; round < Rounds; round++)
            {
                action();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}
