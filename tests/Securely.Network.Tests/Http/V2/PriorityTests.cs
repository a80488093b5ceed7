using System.Text;
using Securely.Http;

namespace Securely.Network.Tests.Http.V2;

/// <summary>Who goes first when the connection is narrow (RFC 9218).</summary>
public sealed class PriorityTests
{
    [Theory]
    [InlineData("", 3, false)]
    [InlineData("u=0", 0, false)]
    [InlineData("u=7, i", 7, true)]
    [InlineData("i=?1,u=5", 5, true)]
    [InlineData("i=?0", 3, false)]
    [InlineData("u=8", 3, false)]
    [InlineData("u=-1, x=1", 3, false)]
    [InlineData("u=1;a=b, i;c", 1, true)]
    [InlineData("u=1, u=2", 2, false)]
    public void Reads_the_field(string value, int urgency, bool incremental) =>
        Assert.Equal(new StreamPriority((byte)urgency, incremental), StreamPriority.Parse(Encoding.Latin1.GetBytes(value)));

    [Fact]
    public Task The_more_urgent_go_first_and_equals_of_a_client_that_says_nothing_take_turns() => PlayAsync(
        async client =>
        {
            await AskAsync(client, 3, "");
            await AskAsync(client, 5, "");
            await AskAsync(client, 7, "u=1");
        },
        ["7", "7", "3", "5", "3", "5"]);

    [Fact]
    public Task Responses_of_which_parts_are_of_no_use_go_one_after_another() => PlayAsync(
        async client =>
        {
            await AskAsync(client, 3, "u=3");
            await AskAsync(client, 5, "u=3");
            await AskAsync(client, 7, "u=7");
        },
        ["3", "3", "5", "5", "7", "7"]);

    [Fact]
    public Task PRIORITY_UPDATE_moves_a_stream() => PlayAsync(
        async client =>
        {
            await AskAsync(client, 3, "u=3");
            await AskAsync(client, 5, "u=3");
            await client.SendAsync(FrameClient.Frame(0x10, 0, 0, "00000005" + FrameClient.Hex("u=2")));
        },
        ["5", "5", "3", "3"]);

    [Fact]
    public Task Rfc_9218_section_7_1_PRIORITY_UPDATE_may_come_before_its_stream() => PlayAsync(
        async client =>
        {
            await client.SendAsync(FrameClient.Frame(0x10, 0, 0, "00000005" + FrameClient.Hex("u=7")), FrameClient.Frame(0x10, 0, 0, "00000005" + FrameClient.Hex("u=2")));
            await AskAsync(client, 3, "u=3");
            await AskAsync(client, 5, "u=4");
        },
        ["5", "5", "3", "3"]);

    [Fact]
    public Task Rfc_9218_section_7_1_of_many_that_come_before_their_streams_the_last_are_kept() => PlayAsync(
        async client =>
        {
            await client.SendAsync(FrameClient.Frame(0x10, 0, 0, "00000005" + FrameClient.Hex("u=0")));
            await client.SendAsync(string.Concat(Enumerable.Range(50, 16).Select(number => FrameClient.Frame(0x10, 0, 0, $"{(2 * number) + 1:x8}" + FrameClient.Hex("u=1")))));
            await AskAsync(client, 3, "u=3");
            await AskAsync(client, 5, "u=4");
        },
        ["3", "3", "5", "5"]);

    [Theory]
    [InlineData("00000000")]
    [InlineData("00000002")]
    public Task Rfc_9218_section_7_1_PRIORITY_UPDATE_names_a_stream_of_the_client(string stream) => FrameStage.PlayAsync(async client =>
    {
        await client.SendAsync(FrameClient.Frame(0x10, 0, 0, stream + FrameClient.Hex("u=2")));

        Assert.Equal(["GOAWAY 0 ProtocolError"], client.Take());
    });

    private static ValueTask AskAsync(FrameClient client, int stream, string priority) => client.SendAsync(FrameClient.Frame(
        1, 5, stream, "82 86 84 4103612e62" + (priority.Length == 0 ? "" : "0008" + FrameClient.Hex("priority") + $"{priority.Length:x2}" + FrameClient.Hex(priority))));

    /// <summary>The connection's window is used up when the requests come; then it is opened for one frame after another.</summary>
    private static Task PlayAsync(Func<FrameClient, ValueTask> ask, string[] order) => FrameStage.PlayAsync(
        async client =>
        {
            await client.SendAsync("000006 04 00 00000000 0004 00100000", FrameClient.Frame(1, 5, 1, "82 86 04022f61 4103612e62"));
            await client.Live.SettleAsync();
            Assert.EndsWith("16383 bytes]", client.Take()[^1], StringComparison.Ordinal);
            await ask(client);
            client.Take();
            var streams = new List<string>();
            foreach (var _ in order)
            {
                await client.SendAsync("000004 08 00 00000000 00004000");
                streams.Add(Assert.Single(client.Take()).Split(' ')[1]);
            }

            Assert.Equal(order, streams);
        },
        session => session.RespondAsync(200, new byte[session.Request.PathText == "/a" ? 65_535 : 2 * 16_384]));
}
