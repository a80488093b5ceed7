using Securely.Http;
using Securely.Network.Tests.Http;

namespace Securely.Network.Tests.Proxy.Http2;

public sealed class StreamAllocationTests
{
    private const int Rounds = 2_000;

#if DEBUG
    // Without optimisation each call of an async method makes an object, and a connection of HTTP/2 has two such calls more.
    private const int Allowed = 300;
#else
    // Measuring itself costs a few bytes; no object is smaller than 24, so that not each request makes one.
    private const int Allowed = 20;
#endif

    [Theory]
    [InlineData("GET /a?b HTTP/1.1\r\nHost: app.test\r\nUser-Agent: test\r\nX-Own: 1\r\n\r\n")]
    [InlineData("POST /a HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\n\r\nhello")]
    public async Task Forwarding_to_HTTP_2_allocates_no_more_than_to_HTTP_1(string request)
    {
        var first = await MeasureAsync(PeerProtocol.H1, request);
        var second = await MeasureAsync(PeerProtocol.H2, request);
        Assert.InRange(second - first, -Rounds * 10_000, Rounds * Allowed);
    }

    private static async Task<long> MeasureAsync(PeerProtocol protocol, string request)
    {
        await using var origin = await RunningHttp.StartAsync(async session =>
        {
            while (!(await session.ReadBodyAsync()).IsEnd)
            {
            }

            await session.RespondAsync(200, "hello");
        });
        var peer = new HttpPeer(origin.EndPoints[0])
        {
            Options = new PeerOptions { Protocol = protocol, ReadTimeout = TimeSpan.FromSeconds(30), WriteTimeout = TimeSpan.FromSeconds(30) },
        };
        await using var host = await RunningHttp.StartAsync(new PlainProxy(peer));
        await using var client = await host.ConnectAsync();
        await PlayAsync(1_000);
        // The runtime replaces code while it runs, and what it replaces may allocate: the least of three counts is that of the code that stays.
        var least = long.MaxValue;
        for (var turn = 0; turn < 3; turn++)
        {
            var before = await AllocatedAsync();
            await PlayAsync(Rounds);
            least = Math.Min(least, await AllocatedAsync() - before);
        }

        return least;

        async Task PlayAsync(int requests)
        {
            for (var i = 0; i < requests; i++)
                Assert.Equal(200, (await client.ExchangeAsync(request)).Status);
        }

        Task<long> AllocatedAsync() => host.Worker.RunAsync(() => new ValueTask<long>(GC.GetAllocatedBytesForCurrentThread()));
    }
}
