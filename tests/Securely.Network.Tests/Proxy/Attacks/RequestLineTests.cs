using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Request lines whose target, or version, another reader could take differently (row A11).</summary>
public sealed class RequestLineTests(AttackStage stage) : IClassFixture<AttackStage>
{
    private const string Host = "\r\nHost: app.test\r\n\r\n";
    private const string Rest = Host + AttackStage.Smuggled;
    private const string Followed = Host + AttackStage.Next;

    [Theory]
    [Trait("Row", "A11")]
    [Wire("GET app.test:80 HTTP/1.1" + Rest)]
    [Wire("GET app.test HTTP/1.1" + Rest)]
    [Wire("POST app.test:443 HTTP/1.1" + Rest)]
    [Wire("OPTIONS app.test:80 HTTP/1.1" + Rest)]
    [Wire("GET * HTTP/1.1" + Rest)]
    [Wire("POST * HTTP/1.1" + Rest)]
    [Wire("OPTIONS ** HTTP/1.1" + Rest)]
    [Wire("OPTIONS */a HTTP/1.1" + Rest)]
    [Wire("GET ?a=b HTTP/1.1" + Rest)]
    [Wire("GET a HTTP/1.1" + Rest)]
    [Wire("GET ./a HTTP/1.1" + Rest)]
    [Wire("GET \\a HTTP/1.1" + Rest)]
    [Wire("GET http:/a HTTP/1.1" + Rest)]
    [Wire("GET http:a HTTP/1.1" + Rest)]
    [Wire("GET http:// HTTP/1.1" + Rest)]
    [Wire("GET http:///a HTTP/1.1" + Rest)]
    [Wire("GET http://?a HTTP/1.1" + Rest)]
    [Wire("GET http://:80/ HTTP/1.1" + Rest)]
    [Wire("GET http://me@app.test/ HTTP/1.1" + Rest)]
    [Wire("GET http://me:secret@app.test/ HTTP/1.1" + Rest)]
    [Wire("GET http://app.test@evil.test/ HTTP/1.1" + Rest)]
    [Wire("GET http://app.test\\@evil.test/ HTTP/1.1" + Rest)]
    [Wire("GET http://app.test:99999/ HTTP/1.1" + Rest)]
    [Wire("GET http://app.test:80:80/ HTTP/1.1" + Rest)]
    [Wire("GET http://app.test:x/ HTTP/1.1" + Rest)]
    [Wire("GET http://[::1/ HTTP/1.1" + Rest)]
    [Wire("GET http://a%0/ HTTP/1.1" + Rest)]
    [Wire("GET ftp://app.test/ HTTP/1.1" + Rest)]
    [Wire("GET file:///etc/passwd HTTP/1.1" + Rest)]
    [Wire("GET javascript:alert(1) HTTP/1.1" + Rest)]
    [Wire("GET ws://app.test/ HTTP/1.1" + Rest)]
    public Task A_target_of_another_form_is_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A11")]
    [Wire("GET /a#b HTTP/1.1" + Rest)]
    [Wire("GET /# HTTP/1.1" + Rest)]
    [Wire("GET /a?b#c HTTP/1.1" + Rest)]
    [Wire("GET http://app.test/#a HTTP/1.1" + Rest)]
    [Wire("GET /a b HTTP/1.1" + Rest)]
    [Wire("GET /a HTTP/1.1 HTTP/1.1" + Rest)]
    [Wire("GET / /smuggled HTTP/1.1" + Rest)]
    [Wire("GET /\ta HTTP/1.1" + Rest)]
    [Wire("GET /\u00e9 HTTP/1.1" + Rest)]
    [Wire("GET /\u00c3\u00a9 HTTP/1.1" + Rest)]
    [Wire("GET /\u0080 HTTP/1.1" + Rest)]
    [Wire("GET /\u00a0 HTTP/1.1" + Rest)]
    [Wire("GET /?\u00ff HTTP/1.1" + Rest)]
    [Wire("GET /\0 HTTP/1.1" + Rest)]
    [Wire("GET /\u0001 HTTP/1.1" + Rest)]
    [Wire("GET /\u001b HTTP/1.1" + Rest)]
    [Wire("GET /\u007f HTTP/1.1" + Rest)]
    [Wire("GET /\r/ HTTP/1.1" + Rest)]
    [Wire("GET /\n/ HTTP/1.1" + Rest)]
    [Wire("GET /\r\nX: y HTTP/1.1" + Rest)]
    public Task A_character_that_no_target_holds_is_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A11")]
    [Wire(" GET / HTTP/1.1" + Rest)]
    [Wire("\tGET / HTTP/1.1" + Rest)]
    [Wire("GET  / HTTP/1.1" + Rest)]
    [Wire("GET /  HTTP/1.1" + Rest)]
    [Wire("GET / HTTP/1.1 " + Rest)]
    [Wire("GET / HTTP/1.1\t" + Rest)]
    [Wire("GET\t/ HTTP/1.1" + Rest)]
    [Wire("GET /\tHTTP/1.1" + Rest)]
    [Wire("GET\u000b/ HTTP/1.1" + Rest)]
    [Wire("GET\u00a0/ HTTP/1.1" + Rest)]
    [Wire("GET  HTTP/1.1" + Rest)]
    [Wire("GET HTTP/1.1" + Rest)]
    [Wire("GET" + Rest)]
    [Wire("GET /" + Rest)]
    [Wire("GET / " + Rest)]
    [Wire("/ HTTP/1.1" + Rest)]
    [Wire("G(T / HTTP/1.1" + Rest)]
    [Wire("G@T / HTTP/1.1" + Rest)]
    [Wire("GE\u00c9T / HTTP/1.1" + Rest)]
    [Wire("GET\0 / HTTP/1.1" + Rest)]
    [Wire("\0GET / HTTP/1.1" + Rest)]
    [Wire("G\rET / HTTP/1.1" + Rest)]
    [Wire("GET:/ HTTP/1.1" + Rest)]
    public Task A_line_of_other_parts_is_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A11")]
    [Wire("GET / http/1.1" + Rest, 400)]
    [Wire("GET / Http/1.1" + Rest, 400)]
    [Wire("GET / HTTP/1.1x" + Rest, 400)]
    [Wire("GET / HTTP/1.10" + Rest, 400)]
    [Wire("GET / HTTP/01.1" + Rest, 400)]
    [Wire("GET / HTTP/1.01" + Rest, 400)]
    [Wire("GET / HTTP/11" + Rest, 400)]
    [Wire("GET / HTTP/1" + Rest, 400)]
    [Wire("GET / HTTP/1." + Rest, 400)]
    [Wire("GET / HTTP/.1" + Rest, 400)]
    [Wire("GET / HTTP/1,1" + Rest, 400)]
    [Wire("GET / HTTP/ 1.1" + Rest, 400)]
    [Wire("GET / HTTP /1.1" + Rest, 400)]
    [Wire("GET / HTTP\\1.1" + Rest, 400)]
    [Wire("GET / HTTP/-1.1" + Rest, 400)]
    [Wire("GET / HTTP/1.-1" + Rest, 400)]
    [Wire("GET / HTTP/1.1\0" + Rest, 400)]
    [Wire("GET / HTTP/1.1\u000b" + Rest, 400)]
    [Wire("GET / HTTPS/1.1" + Rest, 400)]
    [Wire("GET / ICY/1.1" + Rest, 400)]
    [Wire("GET / HTTP/1.\u00d9\u00a1" + Rest, 400)]
    [Wire("GET / HTTP/1.2" + Rest, 505)]
    [Wire("GET / HTTP/1.9" + Rest, 505)]
    [Wire("GET / HTTP/0.9" + Rest, 505)]
    [Wire("GET / HTTP/2.0" + Rest, 505)]
    [Wire("GET / HTTP/3.0" + Rest, 505)]
    [Wire("GET / HTTP/9.9" + Rest, 505)]
    public Task A_version_that_is_not_spoken_is_refused(Transport transport, Delivery delivery, string wire, int status) =>
        stage.IsRefusedAsync(transport, delivery, wire, status);

    [Theory]
    [Trait("Row", "A11")]
    [Wire("\r\n\r\n\r\nGET / HTTP/1.1" + Rest)]
    [Wire("\r\rGET / HTTP/1.1" + Rest)]
    [Wire("\rGET / HTTP/1.1" + Rest)]
    [Wire("\r\n\nGET / HTTP/1.1" + Rest)]
    [Wire("\n\nGET / HTTP/1.1" + Rest)]
    [Wire("\r\n GET / HTTP/1.1" + Rest)]
    [Wire("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n" + AttackStage.Smuggled)]
    public Task More_than_two_empty_lines_before_a_request_are_400(Transport transport, Delivery delivery, string wire) =>
        stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A11")]
    [Wire("\r\nGET /line HTTP/1.1" + Followed, "GET /line HTTP/1.1", "app.test")]
    [Wire("\r\n\r\nGET /line HTTP/1.1" + Followed, "GET /line HTTP/1.1", "app.test")]
    [Wire("OPTIONS * HTTP/1.1" + Followed, "OPTIONS * HTTP/1.1", "app.test")]
    [Wire("OPTIONS http://other.test HTTP/1.1" + Followed, "OPTIONS * HTTP/1.1", "other.test")]
    [Wire("OPTIONS http://other.test/ HTTP/1.1" + Followed, "OPTIONS / HTTP/1.1", "other.test")]
    [Wire("GET http://other.test/a?b HTTP/1.1" + Followed, "GET /a?b HTTP/1.1", "other.test")]
    [Wire("GET http://other.test:81/a HTTP/1.1" + Followed, "GET /a HTTP/1.1", "other.test:81")]
    [Wire("GET HTTP://other.test/a HTTP/1.1" + Followed, "GET /a HTTP/1.1", "other.test")]
    [Wire("GET https://other.test/a HTTP/1.1" + Followed, "GET /a HTTP/1.1", "other.test")]
    [Wire("GET http://other.test HTTP/1.1" + Followed, "GET / HTTP/1.1", "other.test")]
    [Wire("GET http://other.test?b HTTP/1.1" + Followed, "GET /?b HTTP/1.1", "other.test")]
    [Wire("GET http://[::1]:8080/a HTTP/1.1" + Followed, "GET /a HTTP/1.1", "[::1]:8080")]
    [Wire("GET http://other.test/http://app.test/ HTTP/1.1" + Followed, "GET /http://app.test/ HTTP/1.1", "other.test")]
    [Wire("GET //other.test/a HTTP/1.1" + Followed, "GET //other.test/a HTTP/1.1", "app.test")]
    [Wire("GET /http://other.test/ HTTP/1.1" + Followed, "GET /http://other.test/ HTTP/1.1", "app.test")]
    [Wire("GET /%23%20%0d%0a%00?%ff HTTP/1.1" + Followed, "GET /%23%20%0d%0a%00?%ff HTTP/1.1", "app.test")]
    [Wire("get /line HTTP/1.1" + Followed, "get /line HTTP/1.1", "app.test")]
    public async Task A_target_is_forwarded_in_origin_form_with_its_own_host(Transport transport, Delivery delivery, string wire, string line, string host)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, wire, delivery);

        Assert.Equal(line[..^8], (await client.ReadResponseAsync()).BodyText);
        Assert.Equal("GET /next ", (await client.ReadResponseAsync()).BodyText);
        var request = stage.Request(line);
        Assert.Equal([host], request.Values("Host"));
        Assert.Equal([host], request.Values("X-Forwarded-Host"));
    }
}
