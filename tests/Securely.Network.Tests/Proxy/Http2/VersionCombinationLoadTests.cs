using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Securely.Http;

namespace Securely.Network.Tests.Proxy.Http2;

/// <summary>Much at once, and much of it, with every version on one side and every version on the other.</summary>
public sealed class VersionCombinationLoadTests
{
    private const long Huge = 100L * 1024 * 1024;

    [Theory]
    [Trait("Category", "Long")]
    [MemberData(nameof(VersionCombinationTests.All), MemberType = typeof(VersionCombinationTests))]
    public async Task A_hundred_mebibytes_go_up_and_down_unharmed(int client, PeerProtocol upstream)
    {
        await using var line = await Line.StartAsync(upstream, session => session.Request.MethodKind == KnownMethod.Get ? SendAsync(session) : HashAsync(session));
        using var http = line.Client(client);
        var expected = await Bytes.HashAsync();

        using var uploaded = await http.PostAsync("/", new Generated(), TestContext.Current.CancellationToken);
        Assert.Equal(expected, await uploaded.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        using var downloaded = await http.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await downloaded.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        Assert.Equal(expected, Convert.ToHexString(await SHA256.HashDataAsync(body, TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData(PeerProtocol.H1)]
    [InlineData(PeerProtocol.H2)]
    public async Task A_thousand_streams_of_ten_connections_run_at_once(PeerProtocol upstream)
    {
        const int Connections = 10, Streams = 100;
        var begun = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var peers = new ConcurrentDictionary<EndPoint, int>();
        await using var line = await Line.StartAsync(upstream, async session =>
        {
            peers.AddOrUpdate(session.Connection.Digest.RemoteEndPoint!, 1, (_, count) => count + 1);
            if (Interlocked.Increment(ref begun) == Connections * Streams)
                all.SetResult();
            // Nobody is answered before everybody has asked.
            await all.Task;
            await session.RespondAsync(200, session.Request.PathText);
        });
        var clients = Enumerable.Range(0, Connections).Select(_ => line.Client(2)).ToArray();

        var answers = await Task.WhenAll(clients.SelectMany((http, connection) => Enumerable.Range(0, Streams)
            .Select(stream => http.GetStringAsync($"/{connection}/{stream}", TestContext.Current.CancellationToken))));

        Assert.Equal(Enumerable.Range(0, Connections * Streams).Select(i => $"/{i / Streams}/{i % Streams}"), answers);
        Assert.Equal(upstream == PeerProtocol.H2 ? Connections : Connections * Streams, peers.Count);
        Array.ForEach(clients, http => http.Dispose());
    }

    private static async ValueTask SendAsync(ServerSession session)
    {
        var header = new ResponseHeader(200);
        header.Headers.Set(HeaderName.ContentLength, $"{Huge}");
        session.WriteHeader(header, isEnd: false);
        var bytes = new Bytes();
        while (bytes.Next() is { Length: > 0 } part)
            await session.WriteBodyAsync(part, bytes.IsEnd);
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
        await session.RespondAsync(200, Convert.ToHexString(hash.GetHashAndReset()));
    }

    /// <summary>Always the same bytes, which never repeat, in parts of an odd size.</summary>
    private sealed class Bytes
    {
        private readonly byte[] _part = new byte[99_991];
        private readonly Random _random = new(1);
        private long _left = Huge;

        public bool IsEnd => _left == 0;

        public ReadOnlyMemory<byte> Next()
        {
            var count = (int)Math.Min(_left, _part.Length);
            _left -= count;
            _random.NextBytes(_part);
            return _part.AsMemory(0, count);
        }

        public static Task<string> HashAsync()
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var bytes = new Bytes();
            while (bytes.Next() is { Length: > 0 } part)
                hash.AppendData(part.Span);
            return Task.FromResult(Convert.ToHexString(hash.GetHashAndReset()));
        }
    }

    private sealed class Generated : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var bytes = new Bytes();
            while (bytes.Next() is { Length: > 0 } part)
                await stream.WriteAsync(part);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = Huge;
            return true;
        }
    }
}
