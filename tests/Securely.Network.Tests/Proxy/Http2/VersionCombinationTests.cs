using System.Net;
using System.Security.Cryptography;
using Securely.Http;

namespace Securely.Network.Tests.Proxy.Http2;

/// <summary>Every version on one side with every version on the other, over sockets: what goes in comes out.</summary>
public sealed class VersionCombinationTests
{
    private const int Large = 3_000_000;

    public static TheoryData<int, PeerProtocol> All => new()
    {
        { 1, PeerProtocol.H1 },
        { 1, PeerProtocol.H2 },
        { 2, PeerProtocol.H1 },
        { 2, PeerProtocol.H2 },
    };

    [Theory]
    [MemberData(nameof(All))]
    public async Task Large_bodies_go_up_and_down_unharmed(int client, PeerProtocol upstream)
    {
        var down = new byte[Large];
        new Random(1).NextBytes(down);
        await using var line = await Line.StartAsync(upstream, session => session.Request.MethodKind == KnownMethod.Get ? session.RespondAsync(200, down) : HashAsync(session));
        using var http = line.Client(client);
        var up = new byte[Large];
        new Random(2).NextBytes(up);

        using var response = await http.PostAsync("/", new ByteArrayContent(up));

        Assert.Equal(new Version(client, client == 1 ? 1 : 0), response.Version);
        Assert.Equal(upstream == PeerProtocol.H2 ? "2" : "1", Assert.Single(response.Headers.GetValues("x-version")));
        Assert.Equal(Convert.ToHexString(SHA256.HashData(up)), await response.Content.ReadAsStringAsync());
        Assert.Equal(SHA256.HashData(down), SHA256.HashData(await http.GetByteArrayAsync("/")));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_body_of_unknown_length_and_its_trailers_go_both_ways(int client, PeerProtocol upstream)
    {
        await using var line = await Line.StartAsync(upstream, EchoAsync);
        using var http = line.Client(client);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo") { Content = new Streamed(200_000), Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy };
        request.Headers.TE.ParseAdd("trailers");
        request.Headers.TransferEncodingChunked = client == 1;

        using var response = await http.SendAsync(request);
        var received = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal(200_000, received.Length);
        Assert.All(received, value => Assert.Equal((byte)'s', value));
        Assert.Equal("200000", Assert.Single(response.TrailingHeaders.GetValues("x-count")));
        Assert.False(response.TrailingHeaders.Contains("content-length"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Many_requests_at_once_get_their_own_answers(int client, PeerProtocol upstream)
    {
        await using var line = await Line.StartAsync(upstream, EchoAsync);
        using var http = line.Client(client);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(async number =>
        {
            for (var turn = 0; turn < 5; turn++)
            {
                var text = $"{number}/{turn}/" + new string('b', number * 100);
                using var response = await http.PostAsync("/echo", new StringContent(text));
                Assert.Equal(text, await response.Content.ReadAsStringAsync());
            }
        }));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Head_gets_the_length_and_no_body(int client, PeerProtocol upstream)
    {
        await using var line = await Line.StartAsync(upstream, session =>
        {
            var header = new ResponseHeader(200);
            header.Headers.Set(HeaderName.ContentLength, "5");
            return session.RespondAsync(header, "hello"u8.ToArray());
        });
        using var http = line.Client(client);

        for (var turn = 0; turn < 3; turn++)
        {
            using var response = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/") { Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy });
            Assert.Equal(5, response.Content.Headers.ContentLength);
            Assert.Equal("hello", await http.GetStringAsync("/"));
        }
    }

    /// <summary>The client of HTTP/1 in the framework does not look at a response while it sends; <see cref="StreamFlowTests"/> has that side.</summary>
    [Theory]
    [InlineData(2, PeerProtocol.H1)]
    [InlineData(2, PeerProtocol.H2)]
    public async Task A_response_may_come_before_its_request_has_ended(int client, PeerProtocol upstream)
    {
        await using var line = await Line.StartAsync(upstream, session => session.RespondAsync(413, "too large"));
        using var http = line.Client(client);
        var body = new Endless();

        using var response = await http.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "/") { Content = body, Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy },
            HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("too large", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_response_that_breaks_never_looks_whole(int client, PeerProtocol upstream)
    {
        await using var line = await Line.StartAsync(upstream, async session =>
        {
            session.WriteHeader(new ResponseHeader(200), isEnd: false);
            await session.WriteBodyAsync("part"u8.ToArray(), false);
            await session.FlushAsync();
            session.Abort(new Securely.Net.NetException(Securely.Net.NetErrorKind.Internal, "Broken by the test"));
        });
        using var http = line.Client(client);

        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync("/"));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync("/"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_client_that_gives_up_reaches_the_upstream(int client, PeerProtocol upstream)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var line = await Line.StartAsync(upstream, async session =>
        {
            using var watch = session.Connection.Closed.Register(() => gone.TrySetResult());
            begun.TrySetResult();
            try
            {
                // Writing on tells a connection of HTTP/1 that its other side has gone.
                session.WriteHeader(new ResponseHeader(200), isEnd: false);
                while (!gone.Task.IsCompleted)
                {
                    await session.WriteBodyAsync(new byte[1000], false);
                    await session.FlushAsync();
                    await Task.Yield();
                }
            }
            catch (IOException)
            {
                gone.TrySetResult();
            }
        });
        using var http = line.Client(client);
        using var giveUp = new CancellationTokenSource();
        var request = http.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, giveUp.Token);
        using var response = await request;
        await begun.Task;
        response.Dispose();

        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private static async ValueTask HashAsync(ServerSession session)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        BodyChunk chunk;
        do
        {
            chunk = await session.ReadBodyAsync();
            hash.AppendData(chunk.Data.Span);
        }
        while (!chunk.IsEnd);
        var header = new ResponseHeader(200);
        header.Headers.Set("x-version", session.Request.Version == Securely.Http.HttpVersion.Http2 ? "2" : "1");
        await session.RespondAsync(header, System.Text.Encoding.ASCII.GetBytes(Convert.ToHexString(hash.GetHashAndReset())));
    }

    private static async ValueTask EchoAsync(ServerSession session)
    {
        var header = new ResponseHeader(200);
        if (session.Request.Headers.Get(HeaderName.ContentLength) is { } length)
            header.Headers.Set(HeaderName.ContentLength, length);
        session.WriteHeader(header, isEnd: false);
        while (true)
        {
            var chunk = await session.ReadBodyAsync();
            if (!chunk.IsEnd)
            {
                await session.WriteBodyAsync(chunk.Data, false);
                await session.FlushAsync();
                continue;
            }

            await session.WriteBodyAsync(chunk.Data, false);
            await session.WriteTrailersAsync(session.RequestTrailers ?? Counted(session.BodyBytesRead));
            return;
        }
    }

    private static HeaderMap Counted(long count)
    {
        var trailers = new HeaderMap();
        trailers.Set("x-count", $"{count}");
        return trailers;
    }

    /// <summary>A body that says no length.</summary>
    private class Streamed(long length) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var part = new byte[10_000];
            Array.Fill(part, (byte)'s');
            for (var left = length; left > 0; left -= part.Length)
            {
                await stream.WriteAsync(part.AsMemory(0, (int)Math.Min(left, part.Length)));
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = 0;
            return false;
        }
    }

    private sealed class Endless() : Streamed(long.MaxValue);
}
