using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Net.Tls;
using Securely.Testing;

namespace Securely.Network.Tests.Http.V2;

/// <summary>Which connections speak HTTP/2, over real sockets and to a client that is not ours.</summary>
public sealed class Http2TransportTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cleartext_speaks_both_versions_on_one_port(bool http2)
    {
        await using var host = await RunningHttp.StartAsync(AnswerAsync);
        using var handler = new SocketsHttpHandler();
        using var client = Client(handler, host.EndPoints[0], "http", http2);

        for (var request = 0; request < 3; request++)
            Assert.Equal(http2 ? "Http2 /path" : "Http11 /path", await client.GetStringAsync("/path", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(true, "Http2 /path")]
    [InlineData(false, "Http11 /path")]
    public async Task TLS_speaks_what_the_client_has_chosen(bool http2, string answer)
    {
        using var tls = new TlsStage();
        var service = new HttpService("test", new Handler(AnswerAsync));
        service.AddTls("127.0.0.1:0", new ServerTls(new CertificateStore([tls.Certificate("localhost")])) { ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] });
        await using var host = await RunningHttp.StartAsync(service, listens: true);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(tls.Certificates.Authority);
        handler.ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(host.EndPoints[0], cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        };
        using var client = Client(handler, new DnsEndPoint("localhost", 443), "https", http2);

        Assert.Equal(answer, await client.GetStringAsync("/path", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_endpoint_without_it_takes_the_preface_for_a_version_it_does_not_speak()
    {
        await using var host = await RunningHttp.StartAsync(AnswerAsync, new HttpServiceOptions { Http2 = false });
        await using var client = await host.ConnectAsync();
        await client.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

        Assert.Equal(505, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("PRICE / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("PRI / HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task A_request_that_begins_like_the_preface_is_one_as_soon_as_it_differs(string request)
    {
        await using var host = await RunningHttp.StartAsync(AnswerAsync);
        await using var client = await host.ConnectAsync();
        await client.SendAsync(request, Delivery.Bytes);

        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task The_preface_may_come_byte_by_byte()
    {
        await using var host = await RunningHttp.StartAsync(AnswerAsync);
        await using var client = await host.ConnectAsync();
        await client.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\0\x04\x01\0\0\0\0\0\0\x08\x01\x05\0\0\0\x01\x82\x86\x84\x41\x03" + "a.b", Delivery.Bytes);

        await client.ReadUntilAsync("Http2 /");
    }

    [Fact]
    public async Task Many_streams_of_large_bodies_share_a_connection()
    {
        await using var host = await RunningHttp.StartAsync(EchoAsync);
        using var handler = new SocketsHttpHandler();
        using var client = Client(handler, host.EndPoints[0], "http", http2: true);
        var bodies = Enumerable.Range(1, 40).Select(number => Enumerable.Repeat((byte)number, 10_000 * number).ToArray()).ToArray();

        var echoes = await Task.WhenAll(bodies.Select(async body =>
        {
            using var response = await client.PostAsync("/", new ByteArrayContent(body), TestContext.Current.CancellationToken);
            return await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        })).WaitAsync(_limit, TimeProvider.System, TestContext.Current.CancellationToken);

        for (var index = 0; index < bodies.Length; index++)
            Assert.True(bodies[index].AsSpan().SequenceEqual(echoes[index]), $"body {index}");
    }

    [Fact]
    public async Task Stopping_the_service_lets_a_begun_request_finish()
    {
        var barrier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RunningHttp.StartAsync(async session =>
        {
            begun.SetResult();
            await barrier.Task;
            await session.RespondAsync(200, "whole");
        });
        using var handler = new SocketsHttpHandler();
        using var client = Client(handler, host.EndPoints[0], "http", http2: true);
        var answer = client.GetStringAsync("/", TestContext.Current.CancellationToken);
        await begun.Task.WaitAsync(_limit, TimeProvider.System, TestContext.Current.CancellationToken);

        await host.ShutDownAsync();
        barrier.SetResult();

        Assert.Equal("whole", await answer);
        await host.WhenStoppedAsync();
    }

    private static HttpClient Client(SocketsHttpHandler handler, EndPoint endPoint, string scheme, bool http2) => new(handler)
    {
        BaseAddress = new Uri(endPoint is DnsEndPoint name ? $"{scheme}://{name.Host}:{name.Port}" : $"{scheme}://{endPoint}"),
        DefaultRequestVersion = http2 ? System.Net.HttpVersion.Version20 : System.Net.HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = _limit,
    };

    private static ValueTask AnswerAsync(ServerSession session) =>
        session.RespondAsync(200, Encoding.ASCII.GetBytes($"{session.Request.Version} {session.Request.PathText}"));

    /// <summary>The client reads nothing before it has sent everything.</summary>
    private static async ValueTask EchoAsync(ServerSession session)
    {
        using var body = new MemoryStream();
        BodyChunk chunk;
        do
        {
            chunk = await session.ReadBodyAsync();
            body.Write(chunk.Data.Span);
        }
        while (!chunk.IsEnd);
        await session.RespondAsync(200, body.ToArray());
    }
}
