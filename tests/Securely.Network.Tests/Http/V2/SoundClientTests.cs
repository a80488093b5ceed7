namespace Securely.Network.Tests.Http.V2;

/// <summary>What RFC 9113 and RFC 7541 let a client send, frame by frame and representation by representation: each is taken, and answered.</summary>
public sealed class SoundClientTests
{
    // POST /echo of http://a.b on stream 1, open.
    private const string Echo = "00000e 01 04 00000001 83 86 04052f6563686f 4103612e62";

    [Theory]
    [InlineData("6.1 DATA", Echo + "000004 00 01 00000001 74657374", "test")]
    [InlineData("6.1 several DATA", Echo + "000002 00 00 00000001 7465 000002 00 01 00000001 7374", "test")]
    [InlineData("6.1 DATA with padding", Echo + "000009 00 09 00000001 04 74657374 00000000", "test")]
    [InlineData("6.1 DATA with padding of no length", Echo + "000005 00 09 00000001 00 74657374", "test")]
    [InlineData("6.1 an empty DATA at the end", Echo + "000004 00 00 00000001 74657374 000000 00 01 00000001", "test")]
    [InlineData("6.2 HEADERS", FrameClient.Get, "ok")]
    [InlineData("6.2 HEADERS with padding", "00000d 01 0d 00000001 04 82 86 84 4103612e62 00000000", "ok")]
    [InlineData("6.2 HEADERS with a priority", "00000d 01 25 00000001 00000000 10 82 86 84 4103612e62", "ok")]
    [InlineData("6.2 HEADERS with padding and a priority", "000010 01 2d 00000001 02 80000003 ff 82 86 84 4103612e62 0000", "ok")]
    [InlineData("6.3 PRIORITY of weight 1", "000005 02 00 00000001 00000000 00" + FrameClient.Get, "ok")]
    [InlineData("6.3 PRIORITY of weight 256", "000005 02 00 00000001 00000000 ff" + FrameClient.Get, "ok")]
    [InlineData("6.3 PRIORITY that depends on another stream", "000005 02 00 00000001 00000003 10" + FrameClient.Get, "ok")]
    [InlineData("6.3 PRIORITY that depends on another stream alone", "000005 02 00 00000001 80000003 10" + FrameClient.Get, "ok")]
    [InlineData("6.3 PRIORITY of a higher stream that is idle", "000005 02 00 00000005 00000000 10" + FrameClient.Get, "ok")]
    [InlineData("6.9 WINDOW_UPDATE of the connection", "000004 08 00 00000000 00000001" + FrameClient.Get, "ok")]
    [InlineData("6.9 WINDOW_UPDATE of a stream", Echo + "000004 08 00 00000001 00000001 000001 00 01 00000001 61", "a")]
    [InlineData("6.10 CONTINUATION", "000001 01 01 00000001 82 000007 09 04 00000001 86 84 4103612e62", "ok")]
    [InlineData("6.10 an empty CONTINUATION", "000008 01 01 00000001 82 86 84 4103612e62 000000 09 04 00000001", "ok")]
    [InlineData("6.10 several CONTINUATION", "000001 01 01 00000001 82 000001 09 00 00000001 86 000006 09 04 00000001 84 4103612e62", "ok")]
    [InlineData("8.1 POST with a body", Echo + "000001 00 01 00000001 61", "a")]
    [InlineData("8.1.1 a body of the announced length", "000012 01 04 00000001 83 86 04052f6563686f 4103612e62 0f0d0132 000001 00 00 00000001 61 000001 00 01 00000001 62", "ab")]
    [InlineData("8.3.1 OPTIONS of no path", "000012 01 05 00000001 02074f5054494f4e53 86 04012a 4103612e62", "ok")]
    public Task Sections_6_and_8_a_request_is_answered(string rule, string sent, string body) => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(sent);

        var frames = client.Take().Where(frame => !frame.StartsWith("WINDOW_UPDATE", StringComparison.Ordinal)).ToArray();
        Assert.True(frames.Length > 1 && frames[0].StartsWith("HEADERS 1 :status: 200", StringComparison.Ordinal), $"{rule}: {string.Join(" | ", frames)}");
        Assert.True(frames[^1].StartsWith("DATA 1 END [", StringComparison.Ordinal), $"{rule}: {string.Join(" | ", frames)}");
        Assert.Equal(body, string.Concat(frames[1..].Select(frame => frame[(frame.IndexOf('[', StringComparison.Ordinal) + 1)..^1])));
    });

    [Fact]
    public Task Section_8_1_a_POST_with_trailers_is_answered_with_them() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(Echo, "000001 00 00 00000001 61", "000005 01 05 00000001 00 0178 0179");

        Assert.Equal(["HEADERS 1 :status: 200", "DATA 1 [a]", "HEADERS 1 END x: y"], client.Take());
    });

    [Fact]
    public Task Section_8_1_HEAD_is_answered_without_a_body() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync("00000d 01 05 00000001 020448454144 86 84 4103612e62");

        Assert.Equal(["HEADERS 1 END :status: 200, content-length: 2"], client.Take());
    });

    [Fact]
    public Task Sections_6_4_to_6_8_frames_that_ask_for_no_answer_leave_the_connection_whole() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(Echo, "000004 03 00 00000001 00000008", "000006 04 00 00000000 0003 00000064", "000008 06 00 00000000 0102030405060708");
        Assert.Equal(["HEADERS 1 :status: 200", "SETTINGS ACK", "PING ACK 0102030405060708"], client.Take());

        // A client that will take no pushes any more still has its requests answered.
        await client.SendAsync("000008 07 00 00000000 00000000 00000000", "000008 01 05 00000003 82 86 84 4103612e62");
        Assert.Equal("DATA 3 END [ok]", client.Last);
    });

    [Theory]
    [InlineData("6.1 an indexed field", "90", "accept-encoding: gzip, deflate")]
    [InlineData("6.2.1 with indexing, an indexed name", "7a 04 74657374", "user-agent: test")]
    [InlineData("6.2.1 with indexing, an indexed name, Huffman", "7a 83 49509f", "user-agent: test")]
    [InlineData("6.2.1 with indexing, a new name", "40 04 74657374 04 74657374", "test: test")]
    [InlineData("6.2.1 with indexing, a new name, Huffman", "40 83 49509f 83 49509f", "test: test")]
    [InlineData("6.2.2 without indexing, an indexed name", "0f2b 04 74657374", "user-agent: test")]
    [InlineData("6.2.2 without indexing, an indexed name, Huffman", "0f2b 83 49509f", "user-agent: test")]
    [InlineData("6.2.2 without indexing, a new name", "00 04 74657374 04 74657374", "test: test")]
    [InlineData("6.2.2 without indexing, a new name, Huffman", "00 83 49509f 83 49509f", "test: test")]
    [InlineData("6.2.3 never indexed, an indexed name", "1f2b 04 74657374", "user-agent: test")]
    [InlineData("6.2.3 never indexed, an indexed name, Huffman", "1f2b 83 49509f", "user-agent: test")]
    [InlineData("6.2.3 never indexed, a new name", "10 04 74657374 04 74657374", "test: test")]
    [InlineData("6.2.3 never indexed, a new name, Huffman", "10 83 49509f 83 49509f", "test: test")]
    [InlineData("2.3.3 an index of the dynamic table", "40 04 74657374 04 74657374 be", "test: test\r\ntest: test")]
    public Task Rfc_7541_sections_2_and_6_every_representation_is_taken(string rule, string field, string line) => FrameStage.PlayAsync(
        async client =>
        {
            await client.SendAsync(FrameClient.Frame(1, 5, 1, "82 86 84 4103612e62" + field));

            var last = client.Last;
            Assert.True(last == $"DATA 1 END [host: a.b\r\n{line}\r\n]", $"{rule}: {last}");
        },
        session => session.RespondAsync(200, session.Request.Headers.ToString()));

    [Theory]
    [InlineData("a smaller table", "3f81 04")]
    [InlineData("an empty table and its size again", "20 3fe11f")]
    public Task Rfc_7541_section_6_3_size_updates_are_taken_at_the_start_of_a_block(string rule, string update) => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(FrameClient.Frame(1, 5, 1, update + "82 86 84 4103612e62"));

        Assert.True(client.Last == "DATA 1 END [ok]", $"{rule}: {client.Last}");
    });

    [Theory]
    [InlineData("2.3.3 an index that names no entry", "fe")]
    [InlineData("2.3.3 the name of an index that names no entry", "7f00 01 61")]
    [InlineData("4.2 a size update behind the fields", "3fe11f")]
    [InlineData("5.2 padding of more than 7 bits", "00 85 f2b24a84ff 84 49509fff")]
    [InlineData("5.2 padding of zeros", "00 85 f2b24a84ff 83 495090")]
    [InlineData("5.2 the end of string symbol", "00 85 f2b24a84ff 87 4951fffffffa7f")]
    [InlineData("6.1 index 0", "80")]
    [InlineData("6.3 a table larger than the settings allow", "3fe21f")]
    public Task Rfc_7541_what_cannot_be_decoded_ends_the_connection(string rule, string field) => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(FrameClient.Frame(1, 5, 1, "82 86 84 4103612e62" + field));

        Assert.True(client.Last == "GOAWAY 0 CompressionError", $"{rule}: {client.Last}");
        Assert.True(client.IsEnded, rule);
    });
}
