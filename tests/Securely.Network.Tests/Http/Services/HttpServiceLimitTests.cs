using System.Net;
using System.Net.Sockets;
using System.Text;
using Securely.Http;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Http.Services;

/// <summary>What a connection of HTTP does when the service has no room: each address of the loopback is a peer.</summary>
public sealed class HttpServiceLimitTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";

    [Theory]
    [InlineData(Get, true)]
    [InlineData("GET / HTTP/1.1\r\nHo", true)]
    [InlineData("GET /slow HTTP/1.1\r\nHost: a.test\r\n\r\n", false)]
    [InlineData("POST /slow HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9\r\n\r\nabc", false)]
    public async Task A_connection_gives_way_unless_it_has_sent_a_whole_head(string request, bool givesWay)
    {
        var phases = new PhaseBarrier();
        var limit = new ConnectionLimit(1);
        await using var host = await RunningHttp.StartAsync(session => AnswerAsync(session, phases), new HttpServiceOptions { ConnectionLimit = limit });
        using var first = await ConnectAsync(host, 1);
        await first.SendAsync(Encoding.Latin1.GetBytes(request));
        if (request == Get)
            Assert.NotEqual(0, await first.ReceiveAsync(new byte[1024]));
        else if (!givesWay)
            await phases.WaitAsync("arrived");
        else
            await SettleAsync(host);

        using var second = await ConnectAsync(host, 2);

        if (givesWay)
        {
            Assert.Equal(0, await EndAsync(first));
            await second.SendAsync(Encoding.Latin1.GetBytes(Get));
            Assert.NotEqual(0, await second.ReceiveAsync(new byte[1024]));
        }
        else
        {
            Assert.Equal(0, await EndAsync(second));
            phases.Signal("answer");
            Assert.NotEqual(0, await first.ReceiveAsync(new byte[1024]));
        }

        Assert.Equal((1, givesWay ? 1 : 0), (limit.Count, limit.Displaced));
    }

    private static async ValueTask AnswerAsync(ServerSession session, PhaseBarrier phases)
    {
        phases.Signal("arrived");
        if (session.Request.PathText == "/slow")
            await phases.WaitAsync("answer");
        await session.RespondAsync(200, "ok");
    }

    /// <summary>Ends when the worker has read what has arrived.</summary>
    private static async Task SettleAsync(RunningHttp host)
    {
        for (var turn = 0; turn < 20; turn++)
            await host.Worker.RunAsync(() => default);
    }

    private static async Task<Socket> ConnectAsync(RunningHttp host, byte peer)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, peer]), 0));
        await socket.ConnectAsync(host.EndPoints[0]);
        return socket;
    }

    private static async Task<int> EndAsync(Socket client)
    {
        try
        {
            return await client.ReceiveAsync(new byte[1]).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
