using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Tls;

/// <summary>What a connection inside of TLS does when there is no room.</summary>
public sealed class TlsConnectionLimitTests : IDisposable
{
    private readonly TlsStage _stage = new();
    private readonly PhaseBarrier _phases = new();

    public void Dispose() => _stage.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("16 03 01 02 00 01 00 01 FC")]
    public async Task A_connection_whose_handshake_is_not_over_gives_way(string hex)
    {
        var limit = new ConnectionLimit(1);
        await using var host = await StartAsync(limit);
        using var first = await ConnectAsync(host, 1);
        await first.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        await SettleAsync(host);

        using var second = await ConnectAsync(host, 2);

        Assert.Equal(0, await EndAsync(first));
        await ShakeHandsAsync(second);
        Assert.Equal((1, 1, 0), (limit.Count, limit.Displaced, limit.Refused));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_gives_way_when_it_waits_for_a_message_and_not_when_it_is_inside_of_one(bool isInside)
    {
        var limit = new ConnectionLimit(1);
        await using var host = await StartAsync(limit);
        using var first = await ConnectAsync(host, 1);
        var client = await ShakeHandsAsync(first);
        await client.WriteAsync(isInside ? "begin"u8.ToArray() : "x"u8.ToArray());
        await (isInside ? _phases.WaitAsync("inside") : client.ReadExactlyAsync(new byte[1]).AsTask());
        await SettleAsync(host);

        using var second = await ConnectAsync(host, 2);

        if (isInside)
        {
            Assert.Equal(0, await EndAsync(second));
            await client.WriteAsync("end"u8.ToArray());
            var answer = new byte[3];
            await client.ReadExactlyAsync(answer).AsTask().WaitAsync(TestWorkers.Patience);
            Assert.Equal("end"u8.ToArray(), answer);
        }
        else
        {
            Assert.Equal(0, await client.ReadAsync(new byte[1]).AsTask().WaitAsync(TestWorkers.Patience));
            await ShakeHandsAsync(second);
        }

        Assert.Equal((1, isInside ? 0 : 1, isInside ? 1 : 0), (limit.Count, limit.Displaced, limit.Refused));
    }

    private async Task<RunningService> StartAsync(ConnectionLimit limit)
    {
        var service = new ListeningService("test", new Echo(_phases), new ListeningServiceOptions { ConnectionLimit = limit });
        service.AddTls("127.0.0.1:0", new ServerTls(new CertificateStore(_stage.Certificate("app.test"))));
        return await RunningService.StartAsync(service);
    }

    private async Task<SslStream> ShakeHandsAsync(Socket socket)
    {
        var client = new SslStream(new NetworkStream(socket));
        await client.AuthenticateAsClientAsync(TlsPair.ClientOptions(_stage.Certificates)).WaitAsync(TestWorkers.Patience);
        return client;
    }

    private static async Task<Socket> ConnectAsync(RunningService host, byte peer)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, peer]), 0));
        await socket.ConnectAsync((IPEndPoint)host.Service.BoundEndPoints[0]);
        return socket;
    }

    /// <summary>Ends when the worker has read what has arrived.</summary>
    private static async Task SettleAsync(RunningService host)
    {
        for (var turn = 0; turn < 20; turn++)
            await host.Workers.Workers[0].RunAsync(() => default);
    }

    private static async Task<int> EndAsync(Socket client)
    {
        try
        {
            return await client.ReceiveAsync(new byte[1]).WaitAsync(TestWorkers.Patience);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    /// <summary>Echoes what comes; what follows <c>begin</c> belongs to the same message.</summary>
    private sealed class Echo(PhaseBarrier phases) : IConnectionHandler
    {
        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            var buffer = new byte[1024];
            while (await connection.WaitReadableAsync())
            {
                var count = await connection.ReadAsync(buffer);
                if (buffer.AsSpan(0, count).SequenceEqual("begin"u8))
                {
                    var reading = connection.ReadAsync(buffer);
                    phases.Signal("inside");
                    count = await reading;
                }

                if (count == 0)
                    return;
                await connection.WriteAsync(buffer.AsMemory(0, count));
            }
        }
    }
}
