namespace Securely.Network.Tests.Http.V2;

/// <summary>What begins a connection on a port that speaks both versions.</summary>
public sealed class PrefaceTests
{
    [Fact]
    public async Task Section_3_4_what_begins_neither_version_ends_without_a_word()
    {
        await using var stage = new Stage();
        await stage.PlayAsync(FrameStage.AnswerAsync, async live =>
        {
            await live.SendAsync("INVALID CONNECTION PREFACE\r\n\r\n");

            Assert.Equal(("", true), (live.Received, live.IsEnded));
        });
    }

    [Theory]
    [InlineData("GET /\r\n\r\n")]
    [InlineData("GET / HTTP\\1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET a HTTP1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /  HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task Section_3_4_what_may_be_a_request_of_HTTP_1_is_answered(string sent)
    {
        await using var stage = new Stage();
        await stage.PlayAsync(FrameStage.AnswerAsync, async live =>
        {
            await live.SendAsync(sent);

            Assert.StartsWith("HTTP/1.1 400", live.Received, StringComparison.Ordinal);
        });
    }
}
