using System.Diagnostics;
using System.Net;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Tracing;

/// <summary>What spans say of tries, requests and listeners that fail.</summary>
[Collection(TracingAlone.Name)]
public sealed class FailureTracingTests
{
    [Fact]
    public async Task Each_try_has_a_span_of_its_own()
    {
        using var spans = new SpanRecorder();
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var (first, second) = ("", "");
        await stage.PlayAsync(new MemoryProxy<PlainContext>(new PlainProxy(peer.Peer), Script.Plain), async client =>
        {
            await client.SendAsync(Script.Get);
            await peer[0].SendAsync(Script.Ok);
            await client.SettleAsync();
            await client.SendAsync("GET /2 HTTP/1.1\r\nHost: a.test\r\n\r\n");
            first = spans.Traceparent;
            Assert.EndsWith($"GET /2 HTTP/1.1\r\nHost: a.test\r\ntraceparent: {first}\r\n\r\n", peer[0].Received, StringComparison.OrdinalIgnoreCase);
            peer[0].End();
            await client.SettleAsync();
            second = spans.Traceparent;
            Assert.Equal($"GET /2 HTTP/1.1\r\nHost: a.test\r\ntraceparent: {second}\r\n\r\n", peer[1].Received, ignoreCase: true);
            await peer[1].SendAsync(Script.Ok);
            await client.SettleAsync();
        });

        Assert.Equal(5, spans.Ended.Count);
        var (failed, again, server) = (spans.Ended[2], spans.Ended[3], spans.Ended[4]);
        Assert.Equal([server.SpanId, server.SpanId], [failed.ParentSpanId, again.ParentSpanId]);
        Assert.Equal([$"00-{failed.TraceId}-{failed.SpanId}-01", $"00-{again.TraceId}-{again.SpanId}-01"], [first, second]);
        Assert.Equal((ActivityStatusCode.Error, "connection_closed", "upstream", null, "pool"), (failed.Status, failed.GetTagItem("error.type"), failed.GetTagItem("securely.error.source"), failed.GetTagItem("http.request.resend_count"), failed.GetTagItem("securely.connection")));
        Assert.Equal((ActivityStatusCode.Unset, null, 1, "new"), (again.Status, again.GetTagItem("error.type"), again.GetTagItem("http.request.resend_count"), again.GetTagItem("securely.connection")));
        Assert.Equal((ActivityStatusCode.Unset, 200), (server.Status, server.GetTagItem("http.response.status_code")));
    }

    [Fact]
    public async Task An_upstream_that_cannot_be_reached_is_an_error_of_both_spans()
    {
        using var spans = new SpanRecorder();
        await using var stage = new Stage();
        var peer = new HttpPeer(new IPEndPoint(IPAddress.Loopback, 1))
        {
            Options = new PeerOptions { Connect = _ => throw new NetException(NetErrorKind.ConnectRefused, "refused", ErrorSource.Upstream) },
        };
        await stage.ProxyAsync(new FilteringProxy(peer), () => new ReplayConnection().Read(Script.Get).Write(Script.ErrorPage(502, "Bad Gateway")), Script.Plain);

        var (server, clients) = spans.One();
        var span = Assert.Single(clients);
        Assert.Equal((ActivityStatusCode.Error, "connect_refused", null), (span.Status, span.GetTagItem("error.type"), span.GetTagItem("http.response.status_code")));
        Assert.Equal((ActivityStatusCode.Error, "connect_refused", "upstream", 502), (server.Status, server.GetTagItem("error.type"), server.GetTagItem("securely.error.source"), server.GetTagItem("http.response.status_code")));
    }

    [Theory]
    [InlineData(404, ActivityStatusCode.Unset, null)]
    [InlineData(503, ActivityStatusCode.Error, "503")]
    public async Task What_the_upstream_answers_is_an_error_of_its_span_and_of_ours_from_500_on(int status, ActivityStatusCode code, string? type)
    {
        using var spans = new SpanRecorder();
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Read($"HTTP/1.1 {status} Some\r\nContent-Length: 0\r\n\r\n"));
        await stage.ProxyAsync(new FilteringProxy(peer.Peer), () => new ReplayConnection().Read(Script.Get), Script.Plain);

        var (server, clients) = spans.One();
        Assert.Equal((ActivityStatusCode.Error, $"{status}", status), (clients[0].Status, clients[0].GetTagItem("error.type"), clients[0].GetTagItem("http.response.status_code")));
        Assert.Equal((code, type, status), (server.Status, server.GetTagItem("error.type"), server.GetTagItem("http.response.status_code")));
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_both_spans()
    {
        using var spans = new SpanRecorder();
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        await stage.PlayAsync(new MemoryProxy<PlainContext>(new FilteringProxy(peer.Peer), Script.Plain), async client =>
        {
            await client.SendAsync(Script.Get);
            await client.PassAsync(TimeSpan.FromSeconds(3));
            client.Close();
            await client.SettleAsync();
        });

        var (server, clients) = spans.One();
        foreach (var span in clients.Append(server))
        {
            Assert.Equal((ActivityStatusCode.Error, "connection_closed", "downstream", null), (span.Status, span.GetTagItem("error.type"), span.GetTagItem("securely.error.source"), span.GetTagItem("http.response.status_code")));
            Assert.Equal((new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), TimeSpan.FromSeconds(3)), (span.StartTimeUtc, span.Duration));
        }
    }

    [Fact]
    public async Task An_upstream_that_breaks_off_its_response_is_an_error_of_both_spans_whatever_the_status()
    {
        using var spans = new SpanRecorder();
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok").End());
        await stage.ProxyAsync(new FilteringProxy(peer.Peer), () => new ReplayConnection().Read(Script.Get), Script.Plain);

        var (server, clients) = spans.One();
        Assert.All(clients.Append(server), span => Assert.Equal((ActivityStatusCode.Error, 200, "upstream"), (span.Status, span.GetTagItem("http.response.status_code"), span.GetTagItem("securely.error.source"))));
    }

    [Fact]
    public async Task A_listener_that_fails_is_logged_and_fails_no_request()
    {
        using var spans = new SpanRecorder(started: _ => throw new InvalidOperationException("broken"));
        await using var stage = new Stage();
        const string Last = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
        var peer = new MemoryPeer(() => new ReplayConnection().Read(Last), () => new ReplayConnection().Read(Last));
        var client = await stage.ProxyAsync(new PlainProxy(peer.Peer), () => new ReplayConnection().Read(Script.Get).Write(Script.OkSent).Read(Script.Get).Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Equal("Error: A listener to the spans of [Securely.Proxy] has failed; requests of this session are traced no more", Assert.Single(stage.Log.Lines));
    }
}
