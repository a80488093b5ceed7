using System.Net;
using Securely.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Fields of one connection end with it, and nobody takes away what filters add (row A8).</summary>
public sealed class HopByHopTests(FieldsStage stage) : IClassFixture<FieldsStage>
{
    private const string Get = "GET / HTTP/1.1\r\nHost: app.test\r\n";
    private const string TenNames = "a,b,c,d,e,f,g,h,i,j,";

    [Theory]
    [Trait("Row", "A8")]
    [Wire(Get + "Keep-Alive: timeout=5, max=1000\r\n\r\n", "Keep-Alive")]
    [Wire(Get + "Proxy-Connection: keep-alive\r\n\r\n", "Proxy-Connection")]
    [Wire(Get + "Proxy-Authorization: Basic bWU=\r\n\r\n", "Proxy-Authorization")]
    [Wire(Get + "TE: gzip\r\n\r\n", "TE")]
    [Wire(Get + "TE: chunked\r\n\r\n", "TE")]
    [Wire(Get + "Connection: TE\r\nTE: gzip, deflate;q=0.5\r\n\r\n", "TE")]
    [Wire(Get + "Trailer: X-End\r\n\r\n", "Trailer")]
    [Wire(Get + "Upgrade: h2c\r\n\r\n", "Upgrade")]
    [Wire(Get + "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "Upgrade")]
    [Wire(Get + "Connection: keep-alive\r\n\r\n", "Connection")]
    [Wire(Get + "connection: keep-alive\r\nCONNECTION: x\r\n\r\n", "Connection")]
    [Wire(Get + "Connection: X-Hop\r\nX-Hop: 1\r\nx-hop: 2\r\n\r\n", "X-Hop")]
    [Wire(Get + "X-Hop: 1\r\nConnection: a, ,X-HOP ,,b\r\n\r\n", "X-Hop")]
    [Wire(Get + "Connection: a\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\n", "X-Hop")]
    [Wire(Get + "Connection: Cookie\r\nCookie: a=b\r\n\r\n", "Cookie")]
    public async Task A_field_of_the_clients_connection_does_not_reach_the_upstream(Transport transport, Delivery delivery, string wire, string name)
    {
        var request = await ForwardedAsync(transport, delivery, wire);
        Assert.Empty(request.Values(name));
        Assert.Empty(request.Values("Connection"));
    }

    [Theory]
    [Trait("Row", "A8")]
    [Wire("X-User: mallory\r\nConnection: close, X-Forwarded-For, Authorization, X-User\r\nAuthorization: Basic bWU=\r\n")]
    [Wire("Connection: X-User, x-user\r\nAuthorization: Basic bWU=\r\n")]
    [Wire("connection: X-FORWARDED-FOR\r\nConnection: authorization, forwarded, x-forwarded-proto, x-forwarded-host, host, x-user\r\nAuthorization: Basic bWU=\r\n")]
    [Wire("Connection: keep-alive, X-Real-IP, X-Forwarded-Port, X-Forwarded-Server, Content-Length\r\nX-Forwarded-Server: edge\r\nAuthorization: Basic bWU=\r\n")]
    public async Task What_filters_and_the_proxy_add_cannot_be_taken_away(Transport transport, Delivery delivery, string fields)
    {
        var request = await ForwardedAsync(transport, delivery, Get + fields + "\r\n");
        Assert.Equal(["alice"], request.Values("X-User"));
        Assert.Equal(["Basic bWU="], request.Values("Authorization"));
        Assert.Equal(["app.test"], request.Values("Host"));
        Assert.Equal(["127.0.0.1"], request.Values("X-Forwarded-For"));
        Assert.Equal(["app.test"], request.Values("X-Forwarded-Host"));
        Assert.Single(request.Values("X-Forwarded-Proto"));
        Assert.StartsWith("for=127.0.0.1;", Assert.Single(request.Values("Forwarded")), StringComparison.Ordinal);
        Assert.Equal(fields.Contains("edge", StringComparison.Ordinal) ? ["edge"] : [], request.Values("X-Forwarded-Server"));
        Assert.Empty(request.Values("Connection"));
    }

    [Theory]
    [Trait("Row", "A8")]
    [Wire("TE: trailers\r\n")]
    [Wire("TE: gzip, trailers;q=1\r\n")]
    [Wire("TE: gzip\r\nTE: Trailers\r\nConnection: TE, X-Hop\r\nX-Hop: 1\r\n")]
    public async Task Trailers_are_accepted_from_the_upstream_in_our_own_words(Transport transport, Delivery delivery, string fields)
    {
        var request = await ForwardedAsync(transport, delivery, Get + fields + "\r\n");
        Assert.Equal(fields.Contains(";q", StringComparison.Ordinal) ? [] : ["trailers"], request.Values("TE"));
        Assert.Equal(fields.Contains(";q", StringComparison.Ordinal) ? [] : ["TE"], request.Values("Connection"));
        Assert.Empty(request.Values("X-Hop"));
    }

    [Theory]
    [Trait("Row", "A8")]
    [Wire("Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\n", "X-Hop")]
    [Wire("Keep-Alive: timeout=5\r\n", "Keep-Alive")]
    [Wire("Proxy-Connection: keep-alive\r\n", "Proxy-Connection")]
    [Wire("Proxy-Authenticate: Basic\r\n", "Proxy-Authenticate")]
    [Wire("Trailer: X-End\r\n", "Trailer")]
    [Wire("Upgrade: h2c\r\nConnection: Upgrade\r\n", "Upgrade")]
    public async Task A_field_of_the_upstreams_connection_does_not_reach_the_client(Transport transport, Delivery delivery, string fields, string name)
    {
        var target = stage.Plan((connection, _) => stage.SendAsync(connection, $"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{fields}X-Kept: yes\r\n\r\nok", delivery));
        await using var client = await stage.ConnectAsync(transport);

        var response = await client.ExchangeAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\n\r\n");

        Assert.Equal((200, "ok", "yes", "keep-alive"), (response.Status, response.BodyText, response.Header("X-Kept"), response.Header("Connection")));
        Assert.Empty(response.Values(name));
    }

    // Each name is looked for among all fields, which 60 KiB of names would make expensive.
    [Theory]
    [Trait("Row", "A8")]
    [Wire(Get + "Connection: " + TenNames + TenNames + TenNames + TenNames + TenNames + TenNames + TenNames + TenNames + TenNames + TenNames + "x\r\n\r\n")]
    [Wire(Get + "Connection: close\r\nConnection: " + TenNames + TenNames + TenNames + TenNames + TenNames + TenNames + TenNames + TenNames + TenNames + ",,,,,,,,,\r\n\r\n")]
    public Task More_than_a_hundred_names_are_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A8")]
    [Wire(Get + "X-Hop: 1\r\nConnection: " + TenNames + TenNames + TenNames + TenNames + TenNames + TenNames + TenNames + TenNames + TenNames + "a,b,c,d,e,f,g,h,i,x-hop\r\n\r\n")]
    public async Task A_hundred_names_are_taken_for_what_they_are(Transport transport, Delivery delivery, string wire) =>
        Assert.Empty((await ForwardedAsync(transport, delivery, wire)).Values("X-Hop"));

    private async Task<RecordedRequest> ForwardedAsync(Transport transport, Delivery delivery, string wire)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, wire, delivery);
        Assert.Equal("GET / ", (await client.ReadResponseAsync()).BodyText);
        return stage.Request("GET / ");
    }
}

/// <summary>A stage whose proxy tells the upstream who the user is.</summary>
public sealed class FieldsStage : AttackStage
{
    internal override AttackedProxy CreateProxy(EndPoint origin) => new FieldsProxy(origin);
}

/// <summary>Sets X-User to <c>alice</c>.</summary>
internal sealed class FieldsProxy(EndPoint origin) : AttackedProxy(origin)
{
    public override ValueTask UpstreamRequestFilterAsync(Session session, RequestHeader upstreamRequest, PlainContext context, CancellationToken cancellationToken)
    {
        upstreamRequest.Headers.Set("X-User", "alice");
        return default;
    }
}
