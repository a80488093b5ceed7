using System.Net;
using System.Net.Sockets;
using Securely.Net;

namespace Securely.Network.Tests.Net;

/// <summary>The end of accepting: whoever the kernel has let in is served, and nobody is let in and then reset.</summary>
public sealed class ListeningStopTests
{
    [Fact]
    public async Task A_barred_socket_lets_in_nobody_and_keeps_whom_it_has_let_in()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other kernels have no filters for handshakes");
        using var sockets = new ListenSockets();
        var listener = sockets.ListenTcp("127.0.0.1:0");
        using var early = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await early.ConnectAsync(listener.LocalEndPoint!);
        sockets.Bar(listener);
        sockets.Bar(listener);

        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var connecting = late.ConnectAsync(listener.LocalEndPoint!);
        using (var accepted = listener.Accept())
        {
            await early.SendAsync("x"u8.ToArray());
            var buffer = new byte[1];
            accepted.Blocking = true;
            Assert.Equal(1, accepted.Receive(buffer));
            await accepted.SendAsync(buffer);
            Assert.Equal(1, await early.ReceiveAsync(buffer));
        }

        Assert.False(listener.Poll(0, SelectMode.SelectRead));
        Assert.False(connecting.IsCompleted);
        sockets.Close(listener);
        var error = await Assert.ThrowsAsync<SocketException>(() => connecting.WaitAsync(TestWorkers.Patience));
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
    }

    [Fact]
    public async Task A_barred_unix_socket_cannot_be_found_and_keeps_whom_it_has_let_in()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var sockets = new ListenSockets();
        var listener = sockets.ListenUnix(path);
        using var early = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await early.ConnectAsync(new UnixDomainSocketEndPoint(path));
        sockets.Bar(listener);
        using var late = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(new UnixDomainSocketEndPoint(path)));
        using var accepted = listener.Accept();
        await early.SendAsync("x"u8.ToArray());
        accepted.Blocking = true;
        Assert.Equal(1, accepted.Receive(new byte[1]));
        sockets.Close(listener);
    }

    [Fact]
    public void An_address_can_be_listened_on_again_after_the_close()
    {
        using var sockets = new ListenSockets();
        var first = sockets.ListenTcp("127.0.0.1:0");
        var address = first.LocalEndPoint!.ToString()!;
        sockets.Bar(first);
        sockets.Close(first);
        var second = sockets.ListenTcp(address);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(second.LocalEndPoint!);
        Assert.True(second.Poll(TestWorkers.Patience, SelectMode.SelectRead));
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Clients_that_connect_all_the_time_are_refused_or_served_but_never_reset()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other kernels have no filters for handshakes");
        var resets = 0;
        for (var round = 0; round < 40; round++)
        {
            var host = await RunningService.StartAsync(new Echo(), threads: 2);
            using var busy = new CountdownEvent(3);
            var clients = Enumerable.Range(0, 3).Select(_ => new Thread(() => Interlocked.Add(ref resets, ConnectAll((IPEndPoint)host.Service.BoundEndPoints[0], busy)))).ToArray();
            foreach (var client in clients)
                client.Start();
            busy.Wait(TestContext.Current.CancellationToken);
            await host.DisposeAsync();
            foreach (var client in clients)
                client.Join();
        }

        Assert.Equal(0, resets);
    }

    /// <summary>Connects and asks until it is refused.</summary>
    /// <returns>How often it was let in and reset.</returns>
    private static int ConnectAll(IPEndPoint point, CountdownEvent busy)
    {
        var resets = 0;
        for (var count = 1; ; count++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(point);
            }
            catch (SocketException)
            {
                return resets;
            }

            try
            {
                socket.Send("x"u8);
                _ = socket.Receive(new byte[1]);
            }
            catch (SocketException)
            {
                resets++;
            }

            if (count == 10)
                busy.Signal();
        }
    }

    private sealed class Echo : IConnectionHandler
    {
        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            var buffer = new byte[1];
            if (await connection.WaitReadableAsync() && await connection.ReadAsync(buffer) == 1)
                await connection.WriteAsync(buffer);
        }
    }
}
