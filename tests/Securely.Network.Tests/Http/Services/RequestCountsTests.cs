using Securely.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Http.Services;

public sealed class RequestCountsTests
{
    [Fact]
    public async Task A_service_counts_what_it_has_read_on_all_workers()
    {
        var service = new HttpService("test", new Answer());
        Assert.Equal(0, service.RequestCount);
        await using var host = await RunningHttp.StartAsync(service, threads: 2);
        var clients = new List<RawClient>();
        for (var i = 0; i < 4; i++)
            clients.Add(await host.ConnectAsync());

        foreach (var client in clients)
        {
            Assert.Equal(200, (await client.ExchangeAsync("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")).Status);
            Assert.Equal(500, (await client.ExchangeAsync("GET /fail HTTP/1.1\r\nHost: a.test\r\n\r\n")).Status);
        }

        Assert.Equal(8, service.RequestCount);
        await using var broken = await host.ConnectAsync();
        Assert.Equal(400, (await broken.ExchangeAsync("GET\r\n\r\n")).Status);
        Assert.Equal(8, service.RequestCount);
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Fact]
    public void Each_worker_has_a_cell_of_its_own()
    {
        var counts = new RequestCounts(3);
        counts.Add(0);
        counts.Add(2);
        counts.Add(2);

        Assert.Equal(3, counts.Total);
    }

    private sealed class Answer : IHttpHandler
    {
        public ValueTask HandleAsync(ServerSession session, CancellationToken shutdown) =>
            session.Request.PathText == "/fail" ? throw new InvalidOperationException("broken") : session.RespondAsync(200, "hello");
    }
}
