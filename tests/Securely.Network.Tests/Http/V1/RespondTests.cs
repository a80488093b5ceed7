using Securely.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Http.V1;

/// <summary>Answers that are written whole, with a head of one's own.</summary>
public sealed class RespondTests
{
    [Theory]
    [InlineData("GET", 200, "hello", "Content-Length: 5\r\n")]
    [InlineData("GET", 200, "", "Content-Length: 0\r\n")]
    [InlineData("GET", 404, "", "Content-Length: 0\r\n")]
    [InlineData("HEAD", 200, "hello", "Content-Length: 5\r\n")]
    [InlineData("HEAD", 200, "", "")]
    [InlineData("GET", 204, "", "")]
    [InlineData("GET", 304, "", "")]
    public async Task A_body_that_is_whole_is_announced(string method, int status, string body, string fields)
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            session => session.RespondAsync(new ResponseHeader(status), Wire.Bytes(body)),
            () => new ReplayConnection().Read($"{method} / HTTP/1.1\r\nHost: a.test\r\n\r\n{method} / HTTP/1.1\r\nHost: a.test\r\n\r\n"));

        var answer = $"HTTP/1.1 {status} {new ResponseHeader(status).ReasonText}\r\n{fields}{Stage.Date}Connection: keep-alive\r\n\r\n{(method == "HEAD" ? "" : body)}";
        Assert.Equal(answer + answer, client.Written);
    }

    [Fact]
    public async Task CONNECT_is_answered_405_and_Allow_names_no_method_since_its_target_is_no_resource_of_ours()
    {
        await using var stage = new Stage();

        var client = await stage.ServeAsync(_ => default, () => new ReplayConnection().Read("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"));

        Assert.Equal($"HTTP/1.1 405 Method Not Allowed\r\nAllow: \r\nContent-Length: 0\r\n{Stage.Date}Connection: close\r\n\r\n", client.Written);
    }

    [Fact]
    public async Task A_length_that_the_handler_gives_stays()
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            session =>
            {
                var header = new ResponseHeader(200);
                header.Headers.Set(HeaderName.ContentLength, "700");
                return session.RespondAsync(header, ReadOnlyMemory<byte>.Empty);
            },
            () => new ReplayConnection().Read("HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n"));

        Assert.Equal($"HTTP/1.1 200 OK\r\nContent-Length: 700\r\n{Stage.Date}Connection: keep-alive\r\n\r\n", client.Written);
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_can_keep_its_connection()
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            session => session.RespondAsync(new ResponseHeader(200), "ok"u8.ToArray()),
            () => new ReplayConnection().Read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n"));

        Assert.Equal(
            $"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{Stage.Date}Connection: keep-alive\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\n{Stage.Date}Connection: close\r\n\r\nok",
            client.Written);
    }

    [Fact]
    public async Task A_length_that_is_too_long_is_an_error_and_never_a_whole_response()
    {
        await using var stage = new Stage();
        var client = await stage.ServeAsync(
            session =>
            {
                var header = new ResponseHeader(200);
                header.Headers.Set(HeaderName.ContentLength, "3");
                return session.RespondAsync(header, "ok"u8.ToArray());
            },
            () => new ReplayConnection().Read("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"));

        Assert.NotNull(client.AbortReason);
    }
}
