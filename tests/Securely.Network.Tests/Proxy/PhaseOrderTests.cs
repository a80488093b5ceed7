using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>Which phases are called, and in which order.</summary>
public sealed class PhaseOrderTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private const string OkSent = $"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{Stage.Date}Connection: keep-alive\r\n\r\nok";
    private static readonly string[] _before = ["NewContext", "EarlyRequestFilter", "RequestFilter", "ProxyUpstreamFilter"];
    private static readonly string[] _toUpstream = ["UpstreamPeer 1", "ConnectedToUpstream", "UpstreamRequestFilter"];
    private static readonly string[] _head = ["UpstreamResponseFilter 200", "ResponseFilter 200"];
    private static readonly string[] _ended = ["UpstreamResponseBodyFilter 2 end", "ResponseBodyFilter 2 end", "Logging success", "PersistConnectionContext", "TryResetContext"];

    [Fact]
    public async Task A_request_without_a_body_goes_through_all_phases_of_success()
    {
        await using var stage = new Stage();
        var proxy = new RecorderProxy(new MemoryPeer(() => new ReplayConnection().Read(Ok)).Peer);

        await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Get));

        Assert.Equal([.. _before, .. _toUpstream, "RequestBodyFilter 0 end", .. _head, .. _ended], proxy.Recorded);
    }

    [Fact]
    public async Task A_body_is_filtered_part_by_part_and_each_head_too()
    {
        await using var stage = new Stage();
        var proxy = new RecorderProxy(new MemoryPeer(() => new ReplayConnection()
            .Write("POST / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: unknown\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\nForwarded: for=unknown;proto=http;host=\"a.test\"\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            .Read("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n1\r\nz\r\n0\r\nX-Sum: 1\r\n\r\n")).Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            .Write($"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n{Stage.Date}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n1\r\nz\r\n0\r\nX-Sum: 1\r\n\r\n"));

        client.AssertFinished();
        Assert.Equal(
            [
                .. _before, .. _toUpstream, "RequestBodyFilter 3", "RequestBodyFilter 2 end",
                "UpstreamResponseFilter 103", "ResponseFilter 103", .. _head,
                "UpstreamResponseBodyFilter 2", "ResponseBodyFilter 2", "UpstreamResponseBodyFilter 1 end", "ResponseBodyFilter 1 end",
                "UpstreamResponseTrailerFilter", "ResponseTrailerFilter", "Logging success", "PersistConnectionContext", "TryResetContext",
            ],
            proxy.Recorded);
    }

    [Fact]
    public async Task The_next_request_of_a_connection_gets_what_the_last_one_left()
    {
        await using var stage = new Stage();
        var proxy = new RecorderProxy(new MemoryPeer(() => new ReplayConnection().Write(Forwarded("/")).Read(Ok).Write(Forwarded("/2")).Read(Ok)).Peer);

        await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read(Get).Write(OkSent)
            .Read("GET /2 HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n").Write(OkSent.Replace("keep-alive", "close", StringComparison.Ordinal)));

        Assert.Equal(["NewContext", "OnConnectionReuse kept", "EarlyRequestFilter"], proxy.Recorded.Take(3));
        Assert.Equal(["Logging success", "TryResetContext"], proxy.Recorded.TakeLast(2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_local_answer_skips_the_upstream(bool byProxyUpstreamFilter)
    {
        await using var stage = new Stage();
        var proxy = new AnsweringProxy(byProxyUpstreamFilter);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Get));

        Assert.StartsWith("HTTP/1.1 403 Forbidden\r\n", client.Written, StringComparison.Ordinal);
        Assert.Equal(
            [.. byProxyUpstreamFilter ? _before : _before[..3], "Logging success", "PersistConnectionContext", "TryResetContext"],
            proxy.Recorded);
    }

    [Fact]
    public async Task A_failed_connect_is_followed_by_the_phases_of_failure()
    {
        await using var stage = new Stage();
        var proxy = new RecorderProxy(Refusing());

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Get));

        Assert.StartsWith("HTTP/1.1 502 Bad Gateway\r\n", client.Written, StringComparison.Ordinal);
        Assert.Equal(
            [.. _before, "UpstreamPeer 1", "FailToConnect ConnectRefused", "SuppressErrorLog", "FailToProxy Upstream ConnectRefused", "Logging ConnectRefused", "TryResetContext"],
            proxy.Recorded);
    }

    [Fact]
    public async Task A_connect_that_may_be_tried_again_asks_for_a_peer_again()
    {
        await using var stage = new Stage();
        var proxy = new RecorderProxy(Refusing(), new MemoryPeer(() => new ReplayConnection().Read(Ok)).Peer) { RetryOfConnect = RetryKind.Always };

        await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Get));

        Assert.Equal(
            [
                .. _before, "UpstreamPeer 1", "FailToConnect ConnectRefused", "RequestSummary",
                "UpstreamPeer 2", "ConnectedToUpstream", "UpstreamRequestFilter", "RequestBodyFilter 0 end", .. _head, .. _ended,
            ],
            proxy.Recorded);
    }

    [Fact]
    public async Task A_dead_pooled_connection_is_tried_again_from_the_peer_on_with_the_whole_body()
    {
        await using var stage = new Stage();
        var proxy = new RecorderProxy(new MemoryPeer(
            () => new ReplayConnection().Write(Forwarded("/")).Read(Ok).Write(Forwarded("/", "PUT", "Content-Length: 4\r\n") + "body").End(),
            () => new ReplayConnection().Read(Ok)).Peer);

        await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Get).Write(OkSent).Read("PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nbody").Write(OkSent));

        Assert.Equal(
            [
                "NewContext", "OnConnectionReuse kept", .. _before[1..], "UpstreamPeer 1", "ConnectedToUpstream reused", "UpstreamRequestFilter", "RequestBodyFilter 4 end",
                "ErrorWhileProxy ConnectionClosed reused", "RequestSummary",
                "UpstreamPeer 2", "ConnectedToUpstream", "UpstreamRequestFilter", "RequestBodyFilter 4 end", .. _head, .. _ended,
            ],
            proxy.Recorded);
    }

    [Fact]
    public async Task An_upstream_that_fails_is_followed_by_the_phases_of_failure()
    {
        await using var stage = new Stage();
        var proxy = new RecorderProxy(new MemoryPeer(() => new ReplayConnection().Read("HTTP/1.1 200").End()).Peer);

        await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Get));

        Assert.Equal(
            [
                .. _before, .. _toUpstream, "RequestBodyFilter 0 end", "ErrorWhileProxy ConnectionClosed", "SuppressErrorLog",
                "FailToProxy Upstream ConnectionClosed", "Logging ConnectionClosed", "TryResetContext",
            ],
            proxy.Recorded);
    }

    [Fact]
    public async Task After_the_head_of_a_response_nobody_is_asked_to_answer_a_failure()
    {
        await using var stage = new Stage();
        var proxy = new RecorderProxy(new MemoryPeer(() => new ReplayConnection().Read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok").End()).Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Get));

        Assert.NotNull(client.AbortReason);
        Assert.Equal(
            [
                .. _before, .. _toUpstream, "RequestBodyFilter 0 end", .. _head, "UpstreamResponseBodyFilter 2", "ResponseBodyFilter 2",
                "ErrorWhileProxy PrematureBodyEnd", "SuppressErrorLog", "Logging PrematureBodyEnd", "TryResetContext",
            ],
            proxy.Recorded);
    }

    [Fact]
    public async Task A_client_that_goes_while_the_upstream_thinks_ends_in_the_logging_phase()
    {
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WaitForCloseAsync();
        });
        var proxy = new RecorderProxy(new HttpPeer(origin.EndPoint));
        await using var host = await RunningHttp.StartAsync(proxy);
        await using var client = await host.ConnectAsync();
        await client.SendAsync(Get);
        await origin.WaitForRequestsAsync(1);
        client.Close();
        await proxy.Phases.WaitAsync("finished");

        Assert.Equal(
            [
                .. _before, .. _toUpstream, "RequestBodyFilter 0 end", "SuppressErrorLog", "FailToProxy Downstream ConnectionClosed",
                "Logging ConnectionClosed", "TryResetContext",
            ],
            proxy.Recorded);
    }

    [Theory]
    [InlineData("EarlyRequestFilter")]
    [InlineData("RequestFilter")]
    [InlineData("ProxyUpstreamFilter")]
    [InlineData("UpstreamPeer")]
    [InlineData("ConnectedToUpstream")]
    [InlineData("UpstreamRequestFilter")]
    [InlineData("RequestBodyFilter")]
    [InlineData("UpstreamResponseFilter")]
    [InlineData("ResponseFilter")]
    public async Task An_exception_before_the_response_ends_its_request_alone_with_500(string phase)
    {
        await using var stage = new Stage();
        var proxy = new RecorderProxy(new MemoryPeer(() => new ReplayConnection().Read(Ok)).Peer) { Failing = (phase, new InvalidOperationException("broken filter")) };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Get));

        Assert.StartsWith("HTTP/1.1 500 Internal Server Error\r\n", client.Written, StringComparison.Ordinal);
        Assert.Single(proxy.Recorded, line => line.StartsWith("Logging", StringComparison.Ordinal));
        Assert.Equal("Logging InternalError", proxy.Recorded[^2]);
    }

    [Theory]
    [InlineData("UpstreamResponseBodyFilter")]
    [InlineData("ResponseBodyFilter")]
    [InlineData("UpstreamResponseTrailerFilter")]
    [InlineData("ResponseTrailerFilter")]
    public async Task An_exception_in_the_middle_of_the_response_breaks_it(string phase)
    {
        await using var stage = new Stage();
        var proxy = new RecorderProxy(new MemoryPeer(() => new ReplayConnection().Read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n")).Peer)
        {
            Failing = (phase, new InvalidOperationException("broken filter")),
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Get));

        Assert.DoesNotContain("\r\n0\r\n", client.Written, StringComparison.Ordinal);
        Assert.NotNull(client.AbortReason);
        Assert.Equal("Logging InternalError", proxy.Recorded[^2]);
    }

    [Theory]
    [InlineData("Logging")]
    [InlineData("PersistConnectionContext")]
    [InlineData("TryResetContext")]
    public async Task An_exception_after_the_response_leaves_the_response_and_the_next_request_alone(string phase)
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Write(Forwarded("/")).Read(Ok).Write(Forwarded("/2")).Read(Ok));
        var proxy = new RecorderProxy(peer.Peer) { Failing = (phase, new InvalidOperationException("broken filter")) };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read(Get).Write(OkSent)
            .Read("GET /2 HTTP/1.1\r\nHost: a.test\r\n\r\n").Write(OkSent));

        client.AssertFinished();
        Assert.Null(client.AbortReason);
        Assert.Single(peer.Connections).AssertFinished();
        Assert.Contains(stage.Log.Lines, line => line.StartsWith($"Error: Phase [{phase}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ErrorWhileProxy")]
    [InlineData("FailToConnect")]
    [InlineData("FailToProxy")]
    [InlineData("SuppressErrorLog")]
    public async Task An_exception_in_a_phase_of_failure_still_ends_in_the_logging_phase(string phase)
    {
        await using var stage = new Stage();
        var peer = phase == "FailToConnect" ? Refusing() : new MemoryPeer(() => new ReplayConnection().Write(Forwarded("/")).End(), () => new ReplayConnection().Read(Ok)).Peer;
        var proxy = new RecorderProxy(peer) { Failing = (phase, new InvalidOperationException("broken filter")) };
        var service = new MemoryProxy<List<string>>(proxy);

        var client = await stage.ServeAsync(service, () => new ReplayConnection().Read(Get));
        Assert.Equal(phase == "FailToProxy" ? "" : phase == "SuppressErrorLog" ? "HTTP/1.1 502" : "HTTP/1.1 500", client.Written.Split(' ', 3) is [var v, var s, ..] ? $"{v} {s}" : client.Written);
        Assert.Equal(phase is "ErrorWhileProxy" or "FailToConnect" ? "Logging InternalError" : "Logging ConnectionClosed", proxy.Recorded[^2]);
        Assert.Equal(0, service.Connector!.IdleCount);
    }

    [Fact]
    public async Task Phases_that_are_not_overridden_are_not_called()
    {
        Assert.Equal(ProxyPhases.None, OverriddenPhases.Of(new PlainProxy(new MemoryPeer().Peer)));
        Assert.Equal(ProxyPhases.Logging, OverriddenPhases.Of(new ObservedProxy(new MemoryPeer().Peer)));
        Assert.Equal((ProxyPhases)(((int)ProxyPhases.ResetContext << 1) - 1), OverriddenPhases.Of(new RecorderProxy()));
        await using var stage = new Stage();

        var client = await stage.ProxyAsync(new PlainProxy(new MemoryPeer(() => new ReplayConnection().Read(Ok)).Peer), () => new ReplayConnection()
            .Read(Get).Write(OkSent));

        client.AssertFinished();
    }

    private static string Forwarded(string target, string method = "GET", string headers = "") =>
        $"{method} {target} HTTP/1.1\r\nHost: a.test\r\n{headers}X-Forwarded-For: unknown\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\n"
        + "Forwarded: for=unknown;proto=http;host=\"a.test\"\r\n\r\n";

    private static HttpPeer Refusing() => new(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1))
    {
        Options = new PeerOptions { Connect = _ => throw new NetException(NetErrorKind.ConnectRefused, "Peer [script] refused the connection") },
    };

    private sealed class AnsweringProxy(bool byProxyUpstreamFilter) : RecorderProxy
    {
        public override async ValueTask<FilterResult> RequestFilterAsync(Session session, List<string> context, CancellationToken cancellationToken)
        {
            await base.RequestFilterAsync(session, context, cancellationToken);
            return byProxyUpstreamFilter ? FilterResult.Continue : await AnswerAsync(session);
        }

        public override async ValueTask<FilterResult> ProxyUpstreamFilterAsync(Session session, List<string> context, CancellationToken cancellationToken)
        {
            await base.ProxyUpstreamFilterAsync(session, context, cancellationToken);
            return await AnswerAsync(session);
        }

        private static async ValueTask<FilterResult> AnswerAsync(Session session)
        {
            await session.RespondAsync(403, "no"u8.ToArray());
            return FilterResult.Responded;
        }
    }
}
