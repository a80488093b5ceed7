using System.Text;

namespace Securely.Network.Tests.Proxy.Http2;

/// <summary>What RFC 9113 forbids a server, as bytes that an upstream sends on a connection with one open stream, and the error that it asks for.</summary>
public sealed class UpstreamRuleTests
{
    // HEADERS of :status 200 on stream 1; with END_STREAM; and DATA that ends it.
    private const string Ok = "000001 01 04 00000001 88";
    private const string OkEnd = "000001 01 05 00000001 88";

    [Theory]
    [InlineData("4.1 an unknown frame type is ignored", "000003 fe ff 00000000 616263", null)]
    [InlineData("4.1 the reserved bit is ignored", "000008 06 00 80000000 0102030405060708", "PING True 0102030405060708")]
    [InlineData("4.2 a frame over the size", "004001 00 00 00000001 FULL", "GOAWAY 0 6")]
    [InlineData("4.3 a block that cannot be decoded", "000001 01 05 00000001 ff", "GOAWAY 0 9")]
    [InlineData("4.3 index 0", "000001 01 05 00000001 80", "GOAWAY 0 9")]
    [InlineData("4.3 a table size over the setting", "000004 01 05 00000001 3fe21f 88", "GOAWAY 0 9")]
    [InlineData("4.3 a frame between HEADERS and CONTINUATION", "000001 01 00 00000001 88 000008 06 00 00000000 0102030405060708", "GOAWAY 0 1")]
    [InlineData("5.1 DATA on an idle stream", "000001 00 01 00000003 61", "GOAWAY 0 1")]
    [InlineData("5.1 HEADERS on an idle stream", "000001 01 05 00000003 88", "GOAWAY 0 1")]
    [InlineData("5.1 RST_STREAM on an idle stream", "000004 03 00 00000003 00000008", "GOAWAY 0 1")]
    [InlineData("5.1 WINDOW_UPDATE on an idle stream", "000004 08 00 00000003 00000001", "GOAWAY 0 1")]
    [InlineData("5.1 DATA after its end, which has cancelled the rest of its request, is ignored", OkEnd + "000001 00 01 00000001 61", "RST_STREAM 1 8")]
    [InlineData("5.1 HEADERS after its end, which has cancelled the rest of its request, are ignored", OkEnd + "000001 01 05 00000001 88", "RST_STREAM 1 8")]
    [InlineData("5.1.1 a stream that a server may not begin", "000001 01 05 00000002 88", "GOAWAY 0 1")]
    [InlineData("5.5 an unknown frame between HEADERS and CONTINUATION", "000001 01 00 00000001 88 000000 fe 00 00000001", "GOAWAY 0 1")]
    public Task Section_4_and_5_frames_blocks_and_streams(string rule, string sent, string? expected) => CheckAsync(rule, sent, expected);

    [Theory]
    [InlineData("6.1 DATA on stream 0", "000001 00 00 00000000 61", "GOAWAY 0 1")]
    [InlineData("6.1 more padding than payload", Ok + "000002 00 08 00000001 02 61", "GOAWAY 0 1")]
    [InlineData("6.2 HEADERS on stream 0", "000001 01 05 00000000 88", "GOAWAY 0 1")]
    [InlineData("6.2 more padding than payload", "000002 01 0d 00000001 02 88", "GOAWAY 0 1")]
    [InlineData("6.3 PRIORITY on stream 0", "000005 02 00 00000000 00000000 10", "GOAWAY 0 1")]
    [InlineData("6.3 PRIORITY of another size", "000004 02 00 00000001 00000000", "RST_STREAM 1 6")]
    [InlineData("6.4 RST_STREAM on stream 0", "000004 03 00 00000000 00000008", "GOAWAY 0 1")]
    [InlineData("6.4 RST_STREAM of another size", "000003 03 00 00000001 000000", "GOAWAY 0 6")]
    [InlineData("6.5 SETTINGS on a stream", "000000 04 00 00000001", "GOAWAY 0 1")]
    [InlineData("6.5 SETTINGS of another size", "000003 04 00 00000000 000000", "GOAWAY 0 6")]
    [InlineData("6.5 an acknowledgement with a payload", "000001 04 01 00000000 00", "GOAWAY 0 6")]
    [InlineData("6.5.2 ENABLE_PUSH of 1, which only a client may say", "000006 04 00 00000000 0002 00000001", "GOAWAY 0 1")]
    [InlineData("6.5.2 ENABLE_PUSH of 0 says nothing", "000006 04 00 00000000 0002 00000000", null)]
    [InlineData("6.5.2 INITIAL_WINDOW_SIZE of 2^31", "000006 04 00 00000000 0004 80000000", "GOAWAY 0 3")]
    [InlineData("6.5.2 MAX_FRAME_SIZE below 2^14", "000006 04 00 00000000 0005 00003fff", "GOAWAY 0 1")]
    [InlineData("6.5.2 MAX_FRAME_SIZE above 2^24-1", "000006 04 00 00000000 0005 01000000", "GOAWAY 0 1")]
    [InlineData("6.6 PUSH_PROMISE, which was not asked for", "000005 05 04 00000001 00000002 82", "GOAWAY 0 1")]
    [InlineData("6.7 PING is answered", "000008 06 00 00000000 0102030405060708", "PING True 0102030405060708")]
    [InlineData("6.7 PING on a stream", "000008 06 00 00000001 0102030405060708", "GOAWAY 0 1")]
    [InlineData("6.7 PING of another size", "000006 06 00 00000000 010203040506", "GOAWAY 0 6")]
    public Task Section_6_1_to_6_7_frames(string rule, string sent, string? expected) => CheckAsync(rule, sent, expected);

    [Theory]
    [InlineData("6.8 GOAWAY on a stream", "000008 07 00 00000001 00000000 00000000", "GOAWAY 0 1")]
    [InlineData("6.8 GOAWAY of another size", "000004 07 00 00000000 00000000", "GOAWAY 0 6")]
    [InlineData("RFC 9218 7.1 PRIORITY_UPDATE, which only a client may send", "000007 10 00 00000000 00000001 753d31", "GOAWAY 0 1")]
    [InlineData("6.9 WINDOW_UPDATE of 0 on the connection", "000004 08 00 00000000 00000000", "GOAWAY 0 1")]
    [InlineData("6.9 WINDOW_UPDATE of 0 on a stream", "000004 08 00 00000001 00000000", "RST_STREAM 1 1")]
    [InlineData("6.9 WINDOW_UPDATE of another size", "000003 08 00 00000000 000001", "GOAWAY 0 6")]
    [InlineData("6.9.1 the connection's window exceeds 2^31-1", "000004 08 00 00000000 7fffffff", "GOAWAY 0 3")]
    [InlineData("6.9.1 a stream's window exceeds 2^31-1", "000004 08 00 00000001 7fffffff", "RST_STREAM 1 3")]
    [InlineData("6.10 CONTINUATION on stream 0", "000001 01 00 00000001 88 000000 09 04 00000000", "GOAWAY 0 1")]
    [InlineData("6.10 CONTINUATION that continues nothing", Ok + "000001 09 04 00000001 88", "GOAWAY 0 1")]
    [InlineData("7 RST_STREAM with an unknown code ends its stream and nothing else", "000004 03 00 00000001 000000ff", null)]
    public Task Section_6_8_to_7_frames(string rule, string sent, string? expected) => CheckAsync(rule, sent, expected);

    [Theory]
    [InlineData("8.1 a head that ends with 100", "000005 01 05 00000001 0803 313030", "RST_STREAM 1 1")]
    [InlineData("8.1 DATA before the head", "000001 00 00 00000001 61", "RST_STREAM 1 1")]
    [InlineData("8.1 a second head without END_STREAM", Ok + "000001 01 04 00000001 88", "RST_STREAM 1 1")]
    [InlineData("8.1 a pseudo-header field in trailers", Ok + "000001 01 05 00000001 88", "RST_STREAM 1 1")]
    [InlineData("8.1.1 less DATA than content-length", "000005 01 04 00000001 88 0f0d0132 000001 00 01 00000001 61", "RST_STREAM 1 1")]
    [InlineData("8.1.1 more DATA than content-length", "000005 01 04 00000001 88 0f0d0131 000002 00 00 00000001 6161", "RST_STREAM 1 1")]
    [InlineData("8.2.1 a name in upper case", "000006 01 05 00000001 88 0001580179", "RST_STREAM 1 1")]
    [InlineData("8.2.1 a value with CR LF", "000008 01 05 00000001 88 00017803610d0a", "RST_STREAM 1 1")]
    [InlineData("8.2.2 connection", "000013 01 05 00000001 88 000a636f6e6e656374696f6e05636c6f7365", "RST_STREAM 1 1")]
    [InlineData("8.3 a pseudo-header field behind a field", "000006 01 05 00000001 0001780179 88", "RST_STREAM 1 1")]
    [InlineData("8.3 a pseudo-header field of a request", "000002 01 05 00000001 88 84", "RST_STREAM 1 1")]
    [InlineData("8.3.2 :status is missing", "000005 01 05 00000001 0001780179", "RST_STREAM 1 1")]
    [InlineData("8.3.2 :status twice", "000002 01 05 00000001 88 88", "RST_STREAM 1 1")]
    [InlineData("8.6 status 101", "000005 01 04 00000001 0803 313031", "RST_STREAM 1 1")]
    public Task Section_8_responses(string rule, string sent, string? expected) => CheckAsync(rule, sent, expected);

    [Fact]
    public async Task Section_3_4_the_first_frame_is_settings()
    {
        await using var stage = new Http2Stage(service: Script.Plain with { MaxTries = 1 });
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Script.Get);
            await stage[0].SendAsync(Bytes("000008 06 00 00000000 0102030405060708"));

            Assert.Equal("GOAWAY 0 1", stage[0].Take()[^1]);
            Assert.True(stage[0].IsEnded);
        });
    }

    [Fact]
    public async Task Section_5_1_a_stream_that_both_have_ended_takes_nothing_more()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Script.Get);
            await stage[0].SendAsync(Http2Upstream.Settings(), Bytes(OkEnd));
            await client.SettleAsync();
            Assert.StartsWith("HTTP/1.1 200 OK", client.Received, StringComparison.Ordinal);

            await stage[0].SendAsync(Bytes("000001 00 01 00000001 61"));

            Assert.Equal("GOAWAY 0 5", stage[0].Take()[^1]);
        });
    }

    /// <summary>What the bytes cause, and that the connection has ended after a connection error and works on after anything else.</summary>
    private static async Task CheckAsync(string rule, string sent, string? expected)
    {
        await using var stage = new Http2Stage(service: Script.Plain with { MaxTries = 1 });
        await stage.PlayAsync(async client =>
        {
            // A request whose body has not ended: the stream is open on our side.
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nab");
            var upstream = stage[0];
            await upstream.SendAsync(Http2Upstream.Settings());
            Assert.StartsWith("HEADERS 1 ", upstream.Take()[1], StringComparison.Ordinal);

            await upstream.SendAsync(Bytes(sent.Replace("FULL", new string('0', 2 * 16_385), StringComparison.Ordinal)));
            await client.SettleAsync();

            var frames = upstream.Take();
            Assert.True(expected is null ? frames.Count == 0 : frames.Count > 0 && frames[^1] == expected, $"{rule}: {string.Join(" | ", frames)}");
            if (expected?.StartsWith("GOAWAY", StringComparison.Ordinal) == true)
            {
                Assert.True(upstream.IsEnded, rule);
                return;
            }

            await upstream.SendAsync(Bytes("000008 06 00 00000000 0807060504030201"));
            Assert.Equal(["PING True 0807060504030201"], upstream.Take());
        });
    }

    private static string Bytes(string hex) => Encoding.Latin1.GetString(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
}
