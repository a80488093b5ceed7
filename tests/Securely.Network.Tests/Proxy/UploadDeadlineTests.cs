using Securely.Http;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>Whose deadline it is while a request's body is on its way through the proxy.</summary>
public sealed class UploadDeadlineTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly PhaseBarrier _phases = new();

    [Fact]
    public async Task An_upstream_is_not_expected_to_answer_before_it_has_the_whole_request()
    {
        await using var origin = Origin(answers: true);
        await using var host = await StartAsync(origin);
        await using var client = await host.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\na");
        for (var part = 1; part < 4; part++)
        {
            await _phases.WaitAsync("received", part);
            await PassAsync(host, seconds: 50);
            await client.SendAsync("b");
        }

        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task An_upstream_that_has_the_whole_request_has_its_time_to_answer()
    {
        await using var origin = Origin(answers: false);
        await using var host = await StartAsync(origin);
        await using var client = await host.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\na");
        await _phases.WaitAsync("received");
        await PassAsync(host, seconds: 50);
        await client.SendAsync("bcd");
        await _phases.WaitAsync("received", 4);
        await PassAsync(host, seconds: 61);

        Assert.Equal(504, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task A_client_that_stops_in_the_middle_of_its_body_is_told_so_and_not_that_the_upstream_is_slow()
    {
        await using var origin = Origin(answers: true);
        await using var host = await StartAsync(origin);
        await using var client = await host.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\na");
        await _phases.WaitAsync("received");
        await PassAsync(host, seconds: 61);

        Assert.Equal(408, (await client.ReadResponseAsync()).Status);
    }

    private TestOrigin Origin(bool answers) => TestOrigin.Start(async connection =>
    {
        await connection.ReadHeadAsync();
        for (var count = 0; count < 4; count++)
        {
            await connection.ReadExactAsync(1);
            _phases.Signal("received");
        }

        if (answers)
            await connection.SendOkAsync("");
        else
            await connection.WaitForCloseAsync();
    });

    private Task<RunningHttp> StartAsync(TestOrigin origin)
    {
        var peer = new HttpPeer(origin.EndPoint) { Options = new PeerOptions { ReadTimeout = TimeSpan.FromSeconds(60) } };
        return RunningHttp.StartAsync(new PlainProxy(peer), new ProxyServiceOptions { Timeouts = new HttpTimeouts { MinReceiveRate = 0 } }, _time);
    }

    private async Task PassAsync(RunningHttp host, int seconds)
    {
        // What has arrived at the other end has left the worker, but the worker may be about to wait for more.
        await host.Worker.RunAsync(() => default);
        _time.Advance(TimeSpan.FromSeconds(seconds));
        while (host.Worker.Now < _time.Elapsed.TotalMilliseconds)
            await host.Worker.RunAsync(() => default);
        await host.Worker.RunAsync(() => default);
    }
}
