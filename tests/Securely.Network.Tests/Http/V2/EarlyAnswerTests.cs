namespace Securely.Network.Tests.Http.V2;

/// <summary>What becomes of the rest of a request whose response is whole (RFC 9113 8.1).</summary>
public sealed class EarlyAnswerTests
{
    // POST / of http://a.b, open.
    private const string Post = "000008 01 04 00000001 83 86 84 4103612e62";

    [Fact]
    public Task A_short_rest_of_a_body_that_nobody_reads_ends_without_a_reset() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(Post);
        await client.SendAsync(FrameClient.Frame(0, 0, 1, "61"));
        await client.SendAsync(FrameClient.Frame(0, 1, 1, "61"));
        await client.Live.PassAsync(TimeSpan.FromMilliseconds(1_100));

        Assert.Equal(["HEADERS 1 :status: 200, content-length: 2", "DATA 1 END [ok]"], client.Take());
    });

    [Fact]
    public Task A_long_rest_of_a_body_that_nobody_reads_is_cut_off() => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(Post);
        client.Take();
        for (var frame = 0; frame < 4; frame++)
            await client.SendAsync(FrameClient.Frame(0, 0, 1, new string('6', 2 * 16_384)));
        Assert.Empty(client.Take());
        await client.SendAsync(FrameClient.Frame(0, 0, 1, "61"));

        Assert.Equal(["RST_STREAM 1 NoError"], client.Take());
    });

    [Fact]
    public Task A_rest_that_is_announced_to_be_long_is_cut_off_at_once() => FrameStage.PlayAsync(async client =>
    {
        // content-length: 65537
        await client.SendAsync(FrameClient.Frame(1, 4, 1, "83 86 84 4103612e62 0f0d05" + FrameClient.Hex("65537")));

        Assert.Equal(["HEADERS 1 :status: 200, content-length: 2", "DATA 1 END [ok]", "RST_STREAM 1 NoError"], client.Take());
    });

    [Fact]
    public Task A_client_that_goes_after_an_early_answer_frees_its_stream() => FrameStage.PlayAsync(async client =>
    {
        // More than the streams that one connection may have at a time, and more than those that may come to nothing.
        for (var id = 1; id < 601; id += 2)
            await client.SendAsync(FrameClient.Frame(1, 4, id, "83 86 84 4103612e62"), FrameClient.Frame(3, 0, id, "00000008"));
        client.Take();
        await client.SendAsync(FrameClient.Frame(1, 5, 601, "82 86 84 4103612e62"));

        Assert.Equal(["HEADERS 601 :status: 200, content-length: 2", "DATA 601 END [ok]"], client.Take());
    });
}
