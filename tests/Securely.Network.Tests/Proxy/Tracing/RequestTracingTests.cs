using System.Diagnostics;
using System.Net;
using Securely.Http;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Tracing;

/// <summary>The spans of both legs of a request, and what the upstream is told of them.</summary>
[Collection(TracingAlone.Name)]
public sealed class RequestTracingTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Parent = $"00-{Trace}-00f067aa0ba902b7-01";

    [Fact]
    public async Task A_request_with_a_parent_goes_on_in_its_trace()
    {
        using var spans = new SpanRecorder();
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection()
            .Write($"GET /a/b?token=1 HTTP/1.1\r\nHost: a.test:81\r\nUser-Agent: curl/8\r\ntraceparent: {spans.Traceparent}\r\ntracestate: rojo=1,congo=2\r\n\r\n").Read(Script.Ok));

        var client = await stage.ProxyAsync(
            new PlainProxy(peer.Peer),
            () => new ReplayConnection(remote: new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4711))
                .Read($"GET /a/b?token=1 HTTP/1.1\r\nHost: a.test:81\r\nUser-Agent: curl/8\r\ntraceparent: {Parent}\r\ntracestate: rojo=1\r\ntracestate: congo=2\r\n\r\n").Write(Script.OkSent),
            Script.Plain);

        client.AssertFinished();
        Assert.All(peer.Connections, connection => connection.AssertFinished());
        var (server, clients) = spans.One();
        Assert.Equal((Trace, "00f067aa0ba902b7", true, "rojo=1,congo=2"), (server.TraceId.ToString(), server.ParentSpanId.ToString(), server.HasRemoteParent, server.TraceStateString));
        Assert.Equal(("GET", ActivityStatusCode.Unset), (server.DisplayName, server.Status));
        Assert.Equal(
            [
                "http.request.method=GET", "url.scheme=http", "url.path=/a/b", "server.address=a.test", "server.port=81", "client.address=192.0.2.7", "network.peer.address=192.0.2.7",
                "network.peer.port=4711", "network.protocol.version=1.1", "user_agent.original=curl/8", "http.response.status_code=200",
            ],
            SpanRecorder.Tags(server));
        var span = Assert.Single(clients);
        Assert.Equal(("GET", ActivityStatusCode.Unset, "rojo=1,congo=2"), (span.DisplayName, span.Status, span.TraceStateString));
        Assert.Equal(
            [
                "http.request.method=GET", "server.address=127.0.0.1", "server.port=1", "url.full=http://127.0.0.1:1/a/b?*", "securely.connection=new",
                "http.response.status_code=200", "network.protocol.version=1.1",
            ],
            SpanRecorder.Tags(span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("traceparent: 00-00000000000000000000000000000000-00f067aa0ba902b7-01\r\ntracestate: a=1\r\n")]
    [InlineData("tracestate: a=1\r\n")]
    [InlineData($"traceparent: {Parent}\r\ntraceparent: {Parent}\r\ntracestate: a=1\r\n")]
    public async Task A_request_without_a_parent_begins_a_trace(string fields)
    {
        using var spans = new SpanRecorder();
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        await stage.PlayAsync(new MemoryProxy<PlainContext>(new PlainProxy(peer.Peer), Script.Plain), async client =>
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: a.test\r\n{fields}\r\n");
            Assert.Equal(ActivityKind.Client, spans.Last!.Kind);
            Assert.Equal($"GET / HTTP/1.1\r\nHost: a.test\r\ntraceparent: {spans.Traceparent}\r\n\r\n", peer[0].Received, ignoreCase: true);
            await peer[0].SendAsync(Script.Ok);
            await client.SettleAsync();
        });

        var (server, _) = spans.One();
        Assert.Equal((default, null), (server.ParentSpanId, server.TraceStateString));
        Assert.NotEqual(Trace, server.TraceId.ToString());
    }

    [Theory]
    [InlineData($"traceparent: {Parent}\r\nTraceState: a=1\r\n")]
    [InlineData("traceparent: nonsense\r\ntracestate: ,=\r\ntracestate: b\r\n")]
    [InlineData("")]
    public async Task While_nobody_listens_the_fields_are_passed_on_as_they_came(string fields)
    {
        await using var stage = new Stage();
        var activities = new List<Activity?>();
        var peer = new MemoryPeer(() => new ReplayConnection().Write($"GET / HTTP/1.1\r\nHost: a.test\r\n{fields}\r\n").Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer) { UpstreamRequest = (session, _) => activities.AddRange([session.Activity, session.UpstreamActivity]) };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read($"GET / HTTP/1.1\r\nHost: a.test\r\n{fields}\r\n").Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.All(peer.Connections, connection => connection.AssertFinished());
        Assert.Equal([null, null], activities);
    }

    [Fact]
    public async Task A_parent_that_is_not_recorded_is_passed_on_as_it_came()
    {
        using var spans = new SpanRecorder((ref ActivityCreationOptions<ActivityContext> options) =>
            options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None);
        await using var stage = new Stage();
        const string Request = $"GET / HTTP/1.1\r\nHost: a.test\r\nTraceParent: cc-{Trace}-00f067aa0ba902b7-00-later\r\ntracestate: =\r\n\r\n";
        var peer = new MemoryPeer(() => new ReplayConnection().Write(Request).Read(Script.Ok));

        var client = await stage.ProxyAsync(new PlainProxy(peer.Peer), () => new ReplayConnection().Read(Request).Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.All(peer.Connections, connection => connection.AssertFinished());
        Assert.Empty(spans.Ended);
    }

    [Fact]
    public async Task A_trace_that_is_not_recorded_says_so_to_the_upstream()
    {
        using var spans = new SpanRecorder((ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.None);
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        await stage.PlayAsync(new MemoryProxy<PlainContext>(new PlainProxy(peer.Peer), Script.Plain), async client =>
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a.test\r\ntracestate: a=1\r\n\r\n");
            Assert.Matches("^GET / HTTP/1.1\r\nHost: a.test\r\n(?i)traceparent: 00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00\r\n\r\n$", peer[0].Received);
            await peer[0].SendAsync(Script.Ok);
            await client.SettleAsync();
        });
        Assert.Empty(spans.Ended);
    }

    [Fact]
    public async Task A_trace_that_is_only_propagated_has_a_span_of_ours_that_is_not_recorded()
    {
        using var spans = new SpanRecorder((ref ActivityCreationOptions<ActivityContext> options) =>
            options.Kind == ActivityKind.Server ? ActivitySamplingResult.PropagationData : ActivitySamplingResult.None);
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        await stage.PlayAsync(new MemoryProxy<PlainContext>(new PlainProxy(peer.Peer), Script.Plain), async client =>
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: a.test\r\ntraceparent: {Parent}\r\n\r\n");
            Assert.Equal($"GET / HTTP/1.1\r\nHost: a.test\r\ntraceparent: 00-{Trace}-{spans.Last!.SpanId}-00\r\n\r\n", peer[0].Received);
            await peer[0].SendAsync(Script.Ok);
            await client.SettleAsync();
        });
        Assert.Equal(ActivityKind.Server, Assert.Single(spans.Ended).Kind);
    }

    [Fact]
    public async Task A_request_that_a_filter_answers_has_no_client_span()
    {
        using var spans = new SpanRecorder();
        await using var stage = new Stage();
        var proxy = new FilteringProxy(new MemoryPeer().Peer)
        {
            Request = async (session, _) =>
            {
                session.RouteName = "health";
                await session.RespondAsync(204);
                return FilterResult.Responded;
            },
        };
        await stage.ProxyAsync(proxy, () => new ReplayConnection().Read("PURGE /x HTTP/1.0\r\nHost: [::1]\r\n\r\n"), Script.Plain);

        var (server, clients) = spans.One();
        Assert.Empty(clients);
        Assert.Equal("HTTP health", server.DisplayName);
        Assert.Equal(
            [
                "http.request.method=_OTHER", "http.request.method_original=PURGE", "url.scheme=http", "url.path=/x", "server.address=::1", "server.port=80",
                "network.protocol.version=1.0", "http.route=health", "securely.route=health", "http.response.status_code=204",
            ],
            SpanRecorder.Tags(server));
    }

    [Fact]
    public async Task Phases_find_the_spans_of_their_request_and_no_other()
    {
        using var spans = new SpanRecorder();
        await using var stage = new Stage();
        var seen = new List<Activity?>();
        var peer = new MemoryPeer(() => new ReplayConnection().Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer)
        {
            Early = (session, _) =>
            {
                seen.AddRange([session.Activity, session.UpstreamActivity]);
                session.Activity!.SetTag("tenant", "a");
                return default;
            },
            UpstreamRequest = (session, head) =>
            {
                seen.AddRange([session.UpstreamActivity, Activity.Current]);
                head.SetTarget("/elsewhere");
            },
        };
        await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get), Script.Plain);

        var (server, clients) = spans.One();
        Assert.Equal([server, null, clients[0], null], seen);
        Assert.Equal("a", server.GetTagItem("tenant"));
        Assert.Equal("http://127.0.0.1:1/elsewhere", clients[0].GetTagItem("url.full"));
    }

    [Fact]
    public async Task What_a_filter_writes_into_the_field_is_what_the_upstream_gets()
    {
        using var spans = new SpanRecorder();
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Write(Script.Get).Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer) { UpstreamRequest = (_, head) => head.Headers.Remove(HeaderName.Traceparent) };
        await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get), Script.Plain);
        peer.Connections[0].AssertFinished();
    }

    [Fact]
    public async Task A_span_of_the_process_is_not_the_parent_of_a_request()
    {
        using var spans = new SpanRecorder();
        await using var stage = new Stage();
        using var others = new Activity("other");
        var peer = new MemoryPeer(() => new ReplayConnection().Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer)
        {
            Peer = (_, _) =>
            {
                others.Start();
                return ValueTask.FromResult(peer.Peer);
            },
        };
        await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Read(Script.Get), Script.Plain);

        Assert.DoesNotContain(spans.Ended, span => span.ParentSpanId == others.SpanId || span.TraceId == others.TraceId);
    }
}
