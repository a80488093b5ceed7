namespace Securely.Network.Tests.Http.V2;

/// <summary>What RFC 9113 forbids, as bytes that follow the prefaces, and the error that it asks for.</summary>
public sealed class ConformanceRuleTests
{
    // HEADERS of POST /wait of http://a.b, to which END_HEADERS alone is set, on stream 1.
    private const string Open = "00000e 01 04 00000001 83 86 04052f77616974 4103612e62";

    // The same with END_STREAM.
    private const string HalfClosed = "00000e 01 05 00000001 83 86 04052f77616974 4103612e62";

    private const string Get = FrameClient.Get;

    // POST / of http://a.b, which is answered at once, without its end.
    private const string Post = "000008 01 04 00000001 83 86 84 4103612e62";

    private static readonly string _padded = new('0', 2 * 16_385);

    [Theory]
    [InlineData("4.1 an unknown frame type is ignored", "000003 fe ff 00000000 616263", null)]
    [InlineData("4.1 unknown flags are ignored", "000008 06 f6 00000000 0102030405060708", "PING ACK 0102030405060708")]
    [InlineData("4.1 the reserved bit is ignored", "000008 06 00 80000000 0102030405060708", "PING ACK 0102030405060708")]
    [InlineData("4.3 a block that cannot be decoded", "000001 01 05 00000001 ff", "GOAWAY 0 CompressionError")]
    [InlineData("4.3 an index beyond the tables", "000002 01 05 00000001 c0 80", "GOAWAY 0 CompressionError")]
    [InlineData("4.3 index 0", "000001 01 05 00000001 80", "GOAWAY 0 CompressionError")]
    [InlineData("4.3 a table size over the setting", "000004 01 05 00000001 3fe21f 82", "GOAWAY 0 CompressionError")]
    [InlineData("4.3 PRIORITY between HEADERS and CONTINUATION", "000008 01 01 00000001 82 86 84 4103612e62 000005 02 00 00000001 00000000 10", "GOAWAY 0 ProtocolError")]
    [InlineData("4.3 HEADERS of another stream before CONTINUATION", "000008 01 01 00000001 82 86 84 4103612e62 000008 01 05 00000003 82 86 84 4103612e62", "GOAWAY 0 ProtocolError")]
    [InlineData("5.1 DATA on an idle stream", "000001 00 01 00000001 61", "GOAWAY 0 ProtocolError")]
    [InlineData("5.1 RST_STREAM on an idle stream", "000004 03 00 00000001 00000008", "GOAWAY 0 ProtocolError")]
    [InlineData("5.1 WINDOW_UPDATE on an idle stream", "000004 08 00 00000001 00000001", "GOAWAY 0 ProtocolError")]
    [InlineData("5.1 CONTINUATION on an idle stream", "000008 09 04 00000001 82 86 84 4103612e62", "GOAWAY 0 ProtocolError")]
    [InlineData("5.1 PRIORITY on an idle stream is ignored", "000005 02 00 00000001 00000000 10", null)]
    [InlineData("5.1 DATA on a half-closed stream", HalfClosed + "000001 00 01 00000001 61", "RST_STREAM 1 StreamClosed")]
    [InlineData("5.1 HEADERS on a half-closed stream", HalfClosed + Get, "RST_STREAM 1 StreamClosed")]
    [InlineData("5.1 CONTINUATION on a half-closed stream", HalfClosed + "000001 09 04 00000001 82", "GOAWAY 1 ProtocolError")]
    [InlineData("5.1 PRIORITY on a half-closed stream is taken", HalfClosed + "000005 02 00 00000001 00000000 10", null)]
    [InlineData("5.1 RST_STREAM on a half-closed stream is taken", HalfClosed + "000004 03 00 00000001 00000008", null)]
    [InlineData("5.1 WINDOW_UPDATE on a half-closed stream is taken", HalfClosed + "000004 08 00 00000001 00000001", null)]
    [InlineData("5.1 DATA after the peer's RST_STREAM", Open + "000004 03 00 00000001 00000008 000001 00 01 00000001 61", "RST_STREAM 1 StreamClosed")]
    [InlineData("5.1 HEADERS after the peer's RST_STREAM", Open + "000004 03 00 00000001 00000008" + Get, "RST_STREAM 1 StreamClosed")]
    [InlineData("5.1 CONTINUATION after the peer's RST_STREAM", Open + "000004 03 00 00000001 00000008 000001 09 04 00000001 82", "GOAWAY 1 ProtocolError")]
    [InlineData("5.1 DATA on a closed stream", Get + "000001 00 01 00000001 61", "GOAWAY 1 StreamClosed")]
    [InlineData("5.1 HEADERS on a closed stream", Get + Get, "GOAWAY 1 StreamClosed")]
    [InlineData("5.1 CONTINUATION on a closed stream", Get + "000001 09 04 00000001 82", "GOAWAY 1 ProtocolError")]
    [InlineData("5.1 WINDOW_UPDATE on a closed stream is ignored", Get + "000004 08 00 00000001 00000001", "DATA 1 END [ok]")]
    [InlineData("5.1 RST_STREAM on a closed stream is ignored", Get + "000004 03 00 00000001 00000008", "DATA 1 END [ok]")]
    [InlineData("5.1 PRIORITY on a closed stream is ignored", Get + "000005 02 00 00000001 00000000 10", "DATA 1 END [ok]")]
    [InlineData("5.1.1 a stream of even number", "000008 01 05 00000002 82 86 84 4103612e62", "GOAWAY 0 ProtocolError")]
    [InlineData("5.1.1 a lower number than before", "000008 01 05 00000005 82 86 84 4103612e62 000008 01 05 00000003 82 86 84 4103612e62", "GOAWAY 5 ProtocolError")]
    [InlineData("5.3.1 HEADERS depend on themselves", "00000d 01 25 00000001 00000001 10 82 86 84 4103612e62", "RST_STREAM 1 ProtocolError")]
    [InlineData("5.3.1 PRIORITY depends on itself", Open + "000005 02 00 00000001 00000001 10", "RST_STREAM 1 ProtocolError")]
    [InlineData("5.5 an unknown frame between HEADERS and CONTINUATION", "000008 01 01 00000001 82 86 84 4103612e62 000003 fe 00 00000001 616263", "GOAWAY 0 ProtocolError")]
    [InlineData("5.5 an unknown frame on an open stream is ignored", Open + "000003 fe ff 00000001 616263", null)]
    public Task Section_4_and_5_frames_blocks_and_streams(string rule, string sent, string? expected) => CheckAsync(rule, sent, expected);

    [Theory]
    [InlineData("6.1 DATA on stream 0", "000001 00 01 00000000 61", "GOAWAY 0 ProtocolError")]
    [InlineData("6.1 more padding than payload", Open + "000002 00 09 00000001 02 61", "GOAWAY 1 ProtocolError")]
    [InlineData("6.1 padding without its length", Open + "000000 00 08 00000001", "GOAWAY 1 FrameSizeError")]
    [InlineData("6.2 HEADERS on stream 0", "000008 01 05 00000000 82 86 84 4103612e62", "GOAWAY 0 ProtocolError")]
    [InlineData("6.2 more padding than payload", "000009 01 0d 00000001 09 82 86 84 4103612e62", "GOAWAY 0 ProtocolError")]
    [InlineData("6.2 a priority that is cut", "000004 01 25 00000001 00000000", "GOAWAY 0 FrameSizeError")]
    [InlineData("6.3 PRIORITY on stream 0", "000005 02 00 00000000 00000000 10", "GOAWAY 0 ProtocolError")]
    [InlineData("6.3 PRIORITY of another size", Open + "000004 02 00 00000001 00000000", "RST_STREAM 1 FrameSizeError")]
    [InlineData("6.4 RST_STREAM on stream 0", "000004 03 00 00000000 00000008", "GOAWAY 0 ProtocolError")]
    [InlineData("6.4 RST_STREAM of another size", Open + "000003 03 00 00000001 000000", "GOAWAY 1 FrameSizeError")]
    [InlineData("7 RST_STREAM with an unknown code is one", Open + "000004 03 00 00000001 000000ff", null)]
    public Task Section_6_1_to_6_4_frames_of_streams(string rule, string sent, string? expected) => CheckAsync(rule, sent, expected);

    [Theory]
    [InlineData("6.5 SETTINGS on a stream", "000000 04 00 00000001", "GOAWAY 0 ProtocolError")]
    [InlineData("6.5 SETTINGS of another size", "000003 04 00 00000000 000000", "GOAWAY 0 FrameSizeError")]
    [InlineData("6.5 an acknowledgement with a payload", "000001 04 01 00000000 00", "GOAWAY 0 FrameSizeError")]
    [InlineData("6.5.2 ENABLE_PUSH of 2", "000006 04 00 00000000 0002 00000002", "GOAWAY 0 ProtocolError")]
    [InlineData("6.5.2 INITIAL_WINDOW_SIZE of 2^31", "000006 04 00 00000000 0004 80000000", "GOAWAY 0 FlowControlError")]
    [InlineData("6.5.2 MAX_FRAME_SIZE below 2^14", "000006 04 00 00000000 0005 00003fff", "GOAWAY 0 ProtocolError")]
    [InlineData("6.5.2 MAX_FRAME_SIZE above 2^24-1", "000006 04 00 00000000 0005 01000000", "GOAWAY 0 ProtocolError")]
    [InlineData("6.5.2 an unknown setting is ignored", "000006 04 00 00000000 00ff 00000001", "SETTINGS ACK")]
    [InlineData("6.5.2 INITIAL_WINDOW_SIZE of 2^31 before a sound one", "00000c 04 00 00000000 0004 80000000 0004 0000ffff", "GOAWAY 0 FlowControlError")]
    [InlineData("6.5.3 settings are acknowledged", "000006 04 00 00000000 0003 00000064", "SETTINGS ACK")]
    [InlineData("6.6 PUSH_PROMISE of a client", Open + "00000c 05 04 00000001 00000002 82 86 84 4103612e62", "GOAWAY 1 ProtocolError")]
    [InlineData("6.7 PING is answered", "000008 06 00 00000000 0102030405060708", "PING ACK 0102030405060708")]
    [InlineData("6.7 an answer to PING is not answered", "000008 06 01 00000000 0102030405060708", null)]
    [InlineData("6.7 PING on a stream", "000008 06 00 00000001 0102030405060708", "GOAWAY 0 ProtocolError")]
    [InlineData("6.7 PING of another size", "000006 06 00 00000000 010203040506", "GOAWAY 0 FrameSizeError")]
    [InlineData("6.8 GOAWAY on a stream", "000008 07 00 00000001 00000000 00000000", "GOAWAY 0 ProtocolError")]
    [InlineData("6.8 GOAWAY of another size", "000004 07 00 00000000 00000000", "GOAWAY 0 FrameSizeError")]
    [InlineData("7 GOAWAY with an unknown code ends nothing that has begun", Open + "000008 07 00 00000000 00000000 000000ff", null)]
    [InlineData("6.9 WINDOW_UPDATE of 0 on the connection", "000004 08 00 00000000 00000000", "GOAWAY 0 ProtocolError")]
    [InlineData("6.9 WINDOW_UPDATE of 0 on a stream", Open + "000004 08 00 00000001 00000000", "RST_STREAM 1 ProtocolError")]
    [InlineData("6.9 WINDOW_UPDATE of another size", "000003 08 00 00000000 000001", "GOAWAY 0 FrameSizeError")]
    [InlineData("6.9.1 the connection's window exceeds 2^31-1", "000004 08 00 00000000 7fffffff", "GOAWAY 0 FlowControlError")]
    [InlineData("6.9.1 a stream's window exceeds 2^31-1", Open + "000004 08 00 00000001 7fffffff", "RST_STREAM 1 FlowControlError")]
    [InlineData("6.9.2 settings make a window exceed 2^31-1", Open + "000004 08 00 00000001 7f000000 000006 04 00 00000000 0004 7fffffff", "GOAWAY 1 FlowControlError")]
    [InlineData("6.9.2 settings make a window exceed 2^31-1 for a moment", Open + "000004 08 00 00000001 7f000000 00000c 04 00 00000000 0004 7fffffff 0004 0000ffff", "GOAWAY 1 FlowControlError")]
    [InlineData("6.10 CONTINUATION on stream 0", "000008 01 01 00000001 82 86 84 4103612e62 000000 09 04 00000000", "GOAWAY 0 ProtocolError")]
    [InlineData("6.10 CONTINUATION after END_HEADERS", Open + "000001 09 04 00000001 82", "GOAWAY 1 ProtocolError")]
    [InlineData("6.10 CONTINUATION after DATA", Open + "000001 00 00 00000001 61 000001 09 04 00000001 82", "GOAWAY 1 ProtocolError")]
    [InlineData("6.10 DATA between CONTINUATION frames", "000001 01 01 00000001 82 000001 09 00 00000001 86 000001 00 00 00000001 61", "GOAWAY 0 ProtocolError")]
    [InlineData("6.10 CONTINUATION after CONTINUATION with END_HEADERS", "000001 01 00 00000001 83 00000d 09 04 00000001 86 04052f77616974 4103612e62 000001 09 04 00000001 82", "GOAWAY 1 ProtocolError")]
    [InlineData("6.10 CONTINUATION on another stream", "000001 01 01 00000001 82 000007 09 04 00000003 86 84 4103612e62", "GOAWAY 0 ProtocolError")]
    [InlineData("6.10 several CONTINUATION frames", "000001 01 01 00000001 82 000001 09 00 00000001 86 000001 09 00 00000001 84 000005 09 04 00000001 4103612e62", "DATA 1 END [ok]")]
    public Task Section_6_5_to_6_10_frames_of_the_connection(string rule, string sent, string? expected) => CheckAsync(rule, sent, expected);

    [Theory]
    [InlineData("8.1 a second HEADERS without END_STREAM", Open + "000000 01 04 00000001", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.1 a pseudo-header field in trailers", Open + "000001 01 05 00000001 82", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.1.1 content-length with END_STREAM", "00000c 01 05 00000001 83 86 84 4103612e62 0f0d0131", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.1.1 less DATA than content-length", "000012 01 04 00000001 83 86 04052f77616974 4103612e62 0f0d0132 000001 00 01 00000001 61", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.1.1 several DATA that are less than content-length", "000012 01 04 00000001 83 86 04052f77616974 4103612e62 0f0d0133 000001 00 00 00000001 61 000001 00 01 00000001 61", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.1.1 more DATA than content-length", "000012 01 04 00000001 83 86 04052f77616974 4103612e62 0f0d0131 000002 00 00 00000001 6161", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.1.1 trailers before all of content-length", "000012 01 04 00000001 83 86 04052f77616974 4103612e62 0f0d0131 000000 01 05 00000001", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.1.1 content-length that is no number", "00000c 01 04 00000001 83 86 84 4103612e62 0f0d0178", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.1.1 content-length twice", "000010 01 04 00000001 83 86 84 4103612e62 0f0d0131 0f0d0131", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.2 a name in upper case", "00000d 01 05 00000001 82 86 84 4103612e62 0001580179", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.2.1 a name with a blank", "00000e 01 05 00000001 82 86 84 4103612e62 000278200179", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.2.1 a value with NUL", "00000d 01 05 00000001 82 86 84 4103612e62 0001780100", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.2.1 a value with CR LF", "00000f 01 05 00000001 82 86 84 4103612e62 00017803610d0a", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.2.1 a value that begins with a blank", "00000e 01 05 00000001 82 86 84 4103612e62 000178022061", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.2.1 an empty name", "00000c 01 05 00000001 82 86 84 4103612e62 00000179", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.2.2 connection", "00001a 01 05 00000001 82 86 84 4103612e62 000a636f6e6e656374696f6e 05636c6f7365", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.2.2 transfer-encoding", "000012 01 05 00000001 82 86 84 4103612e62 0f2a076368756e6b6564", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.2.2 keep-alive", "000016 01 05 00000001 82 86 84 4103612e62 000a6b6565702d616c697665 0131", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.2.2 upgrade", "000014 01 05 00000001 82 86 84 4103612e62 000775706772616465 02 6832", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.2.2 proxy-connection", "00001b 01 05 00000001 82 86 84 4103612e62 001070726f78792d636f6e6e656374696f6e 00", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.2.2 TE other than trailers", "000011 01 05 00000001 82 86 84 4103612e62 0002746504677a6970", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.2.2 TE of trailers is taken", "000015 01 05 00000001 82 86 84 4103612e62 0002746508747261696c657273", "DATA 1 END [ok]")]
    public Task Section_8_1_and_8_2_messages_and_fields(string rule, string sent, string? expected) => CheckAsync(rule, sent, expected);

    [Theory]
    [InlineData("8.3 a pseudo-header field after a field", "00000d 01 05 00000001 82 86 4103612e62 0001780179 84", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.3 an unknown pseudo-header field", "00000e 01 05 00000001 82 86 84 4103612e62 00023a780179", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.3 a pseudo-header field of a response", "000009 01 05 00000001 82 86 84 4103612e62 88", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.3.1 :method is missing", "000007 01 05 00000001 86 84 4103612e62", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.3.1 :scheme is missing", "000007 01 05 00000001 82 84 4103612e62", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.3.1 :path is missing", "000007 01 05 00000001 82 86 4103612e62", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.3.1 :path is empty", "000009 01 05 00000001 82 86 0400 4103612e62", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.3.1 :path with a blank", "00000c 01 05 00000001 82 86 04032f2061 4103612e62", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.3.1 :method twice", "000009 01 05 00000001 82 82 86 84 4103612e62", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.3.1 :scheme twice", "000009 01 05 00000001 82 86 86 84 4103612e62", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.3.1 :path twice", "000009 01 05 00000001 82 86 84 84 4103612e62", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.3.1 :authority twice", "00000d 01 05 00000001 82 86 84 4103612e62 4103612e62", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.3.1 host is not :authority", "00000e 01 05 00000001 82 86 84 4103612e62 0f170363 2e64", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.3.1 userinfo in :authority", "00000a 01 05 00000001 82 86 84 41056140622e63", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.5 CONNECT with :path", "000011 01 05 00000001 0207434f4e4e454354 84 4105612e623a31", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.5 CONNECT without :authority", "000009 01 05 00000001 0207434f4e4e454354", "RST_STREAM 1 ProtocolError")]
    public Task Section_8_3_and_8_5_pseudo_header_fields(string rule, string sent, string? expected) => CheckAsync(rule, sent, expected);

    [Fact]
    public Task Section_4_2_a_frame_over_the_size_is_a_connection_error() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync("00000e 01 04 00000001 83 86 04052f77616974 4103612e62", "004001 00 00 00000001", _padded);

        Assert.Equal("GOAWAY 1 FrameSizeError", client.Last);
    });

    [Fact]
    public Task Section_4_2_HEADERS_over_the_size_are_a_connection_error() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync("004001 01 05 00000001", _padded);

        Assert.Equal("GOAWAY 0 FrameSizeError", client.Last);
        Assert.True(client.IsEnded);
    });

    [Fact]
    public Task Section_6_5_3_of_several_values_of_a_setting_the_last_holds() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync("00000c 04 00 00000000 0004 00000064 0004 00000001", Get);

        Assert.Equal(["SETTINGS ACK", "HEADERS 1 :status: 200, content-length: 2", "DATA 1 [o]"], client.Take());
    });

    [Fact]
    public Task Section_6_9_1_several_increments_make_the_connections_window_exceed_the_most() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync("000004 08 00 00000000 40000000", "000004 08 00 00000000 3fff0000");
        Assert.Empty(client.Take());

        await client.SendAsync("000004 08 00 00000000 00000001");

        Assert.Equal(["GOAWAY 0 FlowControlError"], client.Take());
    });

    [Fact]
    public Task Section_6_9_1_several_increments_make_a_streams_window_exceed_the_most() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(Open, "000004 08 00 00000001 40000000", "000004 08 00 00000001 3fff0000");
        Assert.Empty(client.Take());

        await client.SendAsync("000004 08 00 00000001 00000001");

        Assert.Equal(["RST_STREAM 1 FlowControlError"], client.Take());
    });

    [Fact]
    public Task Section_4_2_a_frame_of_the_full_size_is_taken() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync("00000e 01 04 00000001 83 86 04052f6563686f 4103612e62", "004000 00 01 00000001", new string('6', 2 * 16_384));

        Assert.Equal(["HEADERS 1 :status: 200", "DATA 1 END [16384 bytes]"], client.Take());
    });

    [Theory]
    [InlineData("47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a 0d 0a", "HTTP/1.1 400")]
    [InlineData("50 52 49 20 2a 20 48 54 54 50 2f 32 2e 30 0d 0a 0d 0a 53 4d 0d 0a 0d 0b", "HTTP/1.1 505")]
    public async Task Section_3_4_what_is_no_preface_is_a_request_of_HTTP_1(string sent, string answer)
    {
        await using var stage = new Stage();
        await stage.PlayAsync(FrameStage.AnswerAsync, async live =>
        {
            await new FrameClient(live).SendAsync(sent);

            Assert.StartsWith(answer, live.Received, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("000008 06 00 00000000 0102030405060708")]
    [InlineData("000000 04 01 00000000")]
    public async Task Section_3_4_the_first_frame_is_settings(string sent)
    {
        await using var stage = new Stage();
        await stage.PlayAsync(FrameStage.AnswerAsync, async live =>
        {
            await live.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            var client = new FrameClient(live);
            await client.SendAsync(sent);

            Assert.Equal("GOAWAY 0 ProtocolError", client.Last);
            Assert.True(client.IsEnded);
        });
    }

    [Fact]
    public Task Section_5_1_2_streams_beyond_the_limit_are_refused() => FrameStage.PlayAsync(async client =>
    {
        for (var id = 1; id <= 201; id += 2)
            await client.SendAsync(FrameClient.Frame(1, 5, id, "82 86 04052f77616974 4103612e62"));

        Assert.Equal(["RST_STREAM 201 RefusedStream"], client.Take());
    });

    [Fact]
    public Task Section_5_1_frames_for_a_stream_that_we_have_reset_are_ignored() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(Open, "000004 08 00 00000001 00000000", "000001 00 00 00000001 61", "000000 01 05 00000001");

        Assert.Equal(["RST_STREAM 1 ProtocolError"], client.Take());
    });

    [Fact]
    public Task Section_6_9_1_more_than_the_windows_allow_is_an_error() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(Open);
        for (var frame = 0; frame < 8; frame++)
            await client.SendAsync("004000 00 00 00000001", new string('0', 2 * 16_384));
        Assert.Empty(client.Take());

        await client.SendAsync("000001 00 00 00000001 61");

        Assert.Equal(["RST_STREAM 1 FlowControlError"], client.Take());
    });

    [Theory]
    [InlineData("5.1 DATA after the peer's RST_STREAM", Post + "000004 03 00 00000001 00000008 000001 00 01 00000001 61", "RST_STREAM 1 StreamClosed")]
    [InlineData("5.1 HEADERS after the peer's RST_STREAM", Post + "000004 03 00 00000001 00000008" + Get, "RST_STREAM 1 StreamClosed")]
    [InlineData("6.9 WINDOW_UPDATE of 0", Post + "000004 08 00 00000001 00000000", "RST_STREAM 1 ProtocolError")]
    [InlineData("6.9.1 a window that exceeds 2^31-1", Post + "000004 08 00 00000001 7fffffff", "RST_STREAM 1 FlowControlError")]
    [InlineData("8.1 a second HEADERS without END_STREAM", Post + "000000 01 04 00000001", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.1 a pseudo-header field in trailers", Post + "000001 01 05 00000001 82", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.1.1 less DATA than content-length", "00000c 01 04 00000001 83 86 84 4103612e62 0f0d0132 000001 00 01 00000001 61", "RST_STREAM 1 ProtocolError")]
    [InlineData("8.1.1 more DATA than content-length", "00000c 01 04 00000001 83 86 84 4103612e62 0f0d0131 000002 00 00 00000001 6161", "RST_STREAM 1 ProtocolError")]
    [InlineData("5.1 DATA after END_STREAM", Post + "000001 00 01 00000001 61 000001 00 01 00000001 61", "GOAWAY 1 StreamClosed")]
    [InlineData("8.1 trailers", Post + "000004 01 05 00000001 00017800", "DATA 1 END [ok]")]
    public Task Section_8_1_the_rest_of_a_request_keeps_its_rules_when_the_response_is_whole(string rule, string sent, string expected) => CheckAsync(rule, sent, expected);

    /// <summary>What the bytes cause, and that the connection has ended after a connection error and works on after anything else.</summary>
    private static Task CheckAsync(string rule, string sent, string? expected) => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(sent);

        var frames = client.Take();
        Assert.True(expected is null ? frames.Length == 0 : frames.Length > 0 && frames[^1] == expected, $"{rule}: {string.Join(" | ", frames)}");
        if (expected?.StartsWith("GOAWAY", StringComparison.Ordinal) == true)
        {
            Assert.True(client.IsEnded, rule);
            return;
        }

        await client.SendAsync("000008 06 00 00000000 0807060504030201");
        Assert.Equal(["PING ACK 0807060504030201"], client.Take());
    });
}
