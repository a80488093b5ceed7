using System.Net;
using Securely.Http;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>What the upstream is told of the client (RFC 7239, and the X-Forwarded fields).</summary>
public sealed class ForwardingHeadersTests
{
    private static readonly EndPoint _client = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4711);

    [Fact]
    public Task A_client_is_told_of_with_every_field() => SendsAsync(
        _client,
        ForwardedMode.Append,
        "",
        "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\nForwarded: for=192.0.2.7;proto=http;host=\"a.test\"\r\n");

    [Fact]
    public Task An_IPv6_client_is_quoted_where_it_must_be() => SendsAsync(
        new IPEndPoint(IPAddress.Parse("2001:db8::1"), 4711),
        ForwardedMode.Append,
        "",
        "X-Forwarded-For: 2001:db8::1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\nForwarded: for=\"[2001:db8::1]\";proto=http;host=\"a.test\"\r\n");

    [Fact]
    public Task A_client_without_an_address_is_unknown() => SendsAsync(
        null,
        ForwardedMode.Append,
        "",
        "X-Forwarded-For: unknown\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\nForwarded: for=unknown;proto=http;host=\"a.test\"\r\n");

    [Fact]
    public Task Append_adds_behind_what_came_in_one_line() => SendsAsync(
        _client,
        ForwardedMode.Append,
        "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 198.51.100.2, 198.51.100.3\r\nX-Forwarded-For:\r\nForwarded: for=198.51.100.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: b.test\r\n",
        "X-Forwarded-For: 198.51.100.1, 198.51.100.2, 198.51.100.3, 192.0.2.7\r\nX-Forwarded-Proto: https, http\r\nX-Forwarded-Host: b.test, a.test\r\nForwarded: for=198.51.100.1, for=192.0.2.7;proto=http;host=\"a.test\"\r\n");

    [Fact]
    public async Task Append_has_room_for_long_lines()
    {
        var hops = string.Join(", ", Enumerable.Range(0, 400).Select(hop => $"198.51.100.{hop % 256}"));
        await SendsAsync(
            _client,
            ForwardedMode.Append,
            $"X-Forwarded-For: {hops}\r\n",
            $"X-Forwarded-For: {hops}, 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\nForwarded: for=192.0.2.7;proto=http;host=\"a.test\"\r\n");
    }

    [Fact]
    public Task Set_leaves_nothing_of_what_the_client_says() => SendsAsync(
        _client,
        ForwardedMode.Set,
        "X-Forwarded-For: 198.51.100.1\r\nx-forwarded-for: 198.51.100.2\r\nForwarded: for=198.51.100.1\r\nForwarded: for=x\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: b.test\r\n",
        "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\nForwarded: for=192.0.2.7;proto=http;host=\"a.test\"\r\n");

    [Fact]
    public Task Set_drops_also_what_is_not_written_here_and_what_CGI_reads_the_same() => SendsAsync(
        _client,
        ForwardedMode.Set,
        "X-Real-IP: 7.7.7.7\r\nX-Forwarded-Port: 1\r\nx-forwarded-prefix: /e\r\nX-Forwarded-Server: s\r\nX_Forwarded_For: 8.8.8.8\r\nx_real-ip: 9.9.9.9\r\nX-Forwarded: 1\r\nX-Real-IPs: kept\r\n",
        "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\nForwarded: for=192.0.2.7;proto=http;host=\"a.test\"\r\nX-Forwarded: 1\r\nX-Real-IPs: kept\r\n");

    [Theory]
    [InlineData("for=\"9.9.9.9", "")]
    [InlineData("for=\"9.9.9.9\\\"", "")]
    [InlineData("for=\"9.9.9.9\\\"\"", "for=\"9.9.9.9\\\"\", ")]
    [InlineData("for=9.9.9.9;by=\"a\", for=\"b", "")]
    public Task A_quote_that_a_client_leaves_open_does_not_hide_our_own_element(string came, string kept) => SendsAsync(
        _client,
        ForwardedMode.Append,
        $"Forwarded: {came}\r\n",
        $"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\nForwarded: {kept}for=192.0.2.7;proto=http;host=\"a.test\"\r\n");

    [Fact]
    public Task Off_adds_nothing_and_takes_nothing_away() => SendsAsync(
        _client,
        ForwardedMode.Off,
        "X-Forwarded-For: 198.51.100.1\r\nForwarded: for=198.51.100.1\r\n",
        "X-Forwarded-For: 198.51.100.1\r\nForwarded: for=198.51.100.1\r\n");

    [Theory]
    [InlineData(ForwardedMode.Append, "b.test")]
    [InlineData(ForwardedMode.Set, null)]
    public async Task A_request_without_a_host_says_nothing_of_it(ForwardedMode mode, string? host)
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Read(Script.Ok));

        await stage.ProxyAsync(
            new PlainProxy(peer.Peer),
            () => new ReplayConnection(remote: _client).Read("GET / HTTP/1.0\r\nX-Forwarded-Host: b.test\r\n\r\n"),
            new ProxyServiceOptions { Forwarded = mode });

        var sent = Assert.Single(peer.Connections).Written;
        Assert.Contains("Forwarded: for=192.0.2.7;proto=http\r\n", sent, StringComparison.Ordinal);
        Assert.Equal(host is not null, sent.Contains($"X-Forwarded-Host: {host}\r\n", StringComparison.Ordinal));
        Assert.Equal(host is not null, sent.Contains("X-Forwarded-Host", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public async Task A_host_that_is_longer_than_any_name_is_not_passed_on_here(int length, bool told)
    {
        await using var stage = new Stage();
        var host = new string('h', length);
        var peer = new MemoryPeer(() => new ReplayConnection().Read(Script.Ok));

        await stage.ProxyAsync(new PlainProxy(peer.Peer), () => new ReplayConnection(remote: _client).Read($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));

        var sent = Assert.Single(peer.Connections).Written;
        Assert.Contains($"\r\nHost: {host}\r\n", sent, StringComparison.Ordinal);
        Assert.Equal(told, sent.Contains($"X-Forwarded-Host: {host}\r\n", StringComparison.Ordinal));
        Assert.Equal(told, sent.Contains($"host=\"{host}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_host_that_the_client_has_asked_for_is_told_though_a_filter_sends_another_one()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer) { UpstreamRequest = (_, request) => request.Headers.Set(HeaderName.Host, "inner.test") };

        await stage.ProxyAsync(proxy, () => new ReplayConnection(remote: _client).Read("GET http://A.test:81/ HTTP/1.1\r\nHost: ignored.test\r\n\r\n"));

        var sent = Assert.Single(peer.Connections).Written;
        Assert.Contains("\r\nHost: inner.test\r\n", sent, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-Host: A.test:81\r\n", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Appending_is_the_default_and_allocates_nothing()
    {
        Assert.Equal(ForwardedMode.Append, new ProxyServiceOptions().Forwarded);
        await using var stage = new Stage();
        await stage.PlayAsync(
            session =>
            {
                var request = new RequestHeader("GET", "/");
                for (var warm = 0; warm < 2; warm++)
                {
                    request.CopyFrom(session.Request);
                    var before = GC.GetAllocatedBytesForCurrentThread();
                    for (var i = 0; i < 100; i++)
                    {
                        request.CopyFrom(session.Request);
                        ForwardingHeaders.Apply(request, session, ForwardedMode.Append);
                    }

                    if (warm == 1)
                        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
                }

                return session.RespondAsync(204);
            },
            async client =>
            {
                await client.SendAsync("GET / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n");
                Assert.StartsWith("HTTP/1.1 204 ", client.Received, StringComparison.Ordinal);
            });
    }

    private static async Task SendsAsync(EndPoint? client, ForwardedMode mode, string fields, string expected)
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Read(Script.Ok));
        await stage.ProxyAsync(
            new PlainProxy(peer.Peer),
            () => new ReplayConnection(remote: client).Read($"GET / HTTP/1.1\r\nHost: a.test\r\n{fields}\r\n"),
            new ProxyServiceOptions { Forwarded = mode });
        var sent = Assert.Single(peer.Connections).Written;
        Assert.Equal(
            Sorted("Host: a.test\r\n" + expected),
            Sorted(sent["GET / HTTP/1.1\r\n".Length..^2]));
    }

    // In which order fields of different names stand means nothing.
    private static IEnumerable<string> Sorted(string fields) => fields.Split("\r\n").Order(StringComparer.Ordinal);
}
