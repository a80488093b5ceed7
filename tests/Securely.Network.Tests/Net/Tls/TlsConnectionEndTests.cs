using System.Net.Sockets;
using System.Security.Authentication;
using Securely.Net;

namespace Securely.Network.Tests.Net.Tls;

/// <summary>How a connection inside of TLS ends, from either side, in order and not.</summary>
public sealed class TlsConnectionEndTests
{
    private const int Alert = 21;

    [Fact]
    public async Task A_client_that_says_goodbye_ends_the_stream()
    {
        await using var pair = await TlsPair.StartAsync();
        await pair.Client.ShutdownAsync();
        Assert.Equal(0, await pair.OnWorkerAsync(server => server.ReadAsync(new byte[16])));
    }

    [Fact]
    public async Task A_client_that_is_cut_off_does_not()
    {
        await using var pair = await TlsPair.StartAsync();
        pair.Wire.Socket.Shutdown(SocketShutdown.Send);
        var error = await Assert.ThrowsAsync<NetException>(() => pair.OnWorkerAsync(server => server.ReadAsync(new byte[16])));
        Assert.Equal(NetErrorKind.ConnectionClosed, error.Kind);
        Assert.Contains("ended without close_notify", error.Message, StringComparison.Ordinal);
        Assert.Same(pair.Server, error.Connection);
    }

    [Fact]
    public async Task A_close_says_goodbye()
    {
        await using var pair = await TlsPair.StartAsync(SslProtocols.Tls12);
        pair.Wire.Forget();
        await pair.Workers.RunAsync(pair.Server.Close);
        Assert.Equal(0, await pair.Client.ReadAsync(new byte[16]));
        Assert.Equal(Alert, Assert.Single(pair.Wire.Records).Type);
    }

    [Fact]
    public async Task An_abort_does_not()
    {
        await using var pair = await TlsPair.StartAsync(SslProtocols.Tls12);
        pair.Wire.Forget();
        await pair.Workers.RunAsync(() => pair.Server.Abort(new NetException(NetErrorKind.Internal, "enough")));
        await Assert.ThrowsAnyAsync<IOException>(async () => await pair.Client.ReadExactlyAsync(new byte[16]));
        Assert.Empty(pair.Wire.Records);
    }

    [Fact]
    public async Task A_pending_read_sees_the_reason_of_an_abort()
    {
        await using var pair = await TlsPair.StartAsync();
        var reason = new NetException(NetErrorKind.Internal, "enough");
        var reading = pair.OnWorkerAsync(server => server.ReadAsync(new byte[16]));
        await pair.Workers.RunAsync(() => pair.Server.Abort(reason));
        Assert.Same(reason, await Assert.ThrowsAsync<NetException>(() => reading));
    }

    [Fact]
    public async Task A_half_close_leaves_the_other_direction_open()
    {
        await using var pair = await TlsPair.StartAsync();
        await pair.Workers.RunAsync(pair.Server.ShutdownWrite);
        Assert.Equal(0, await pair.Client.ReadAsync(new byte[16]));
        await pair.Client.WriteAsync("late"u8.ToArray());
        Assert.Equal(4, await pair.OnWorkerAsync(server => server.ReadAsync(new byte[16])));
    }

    [Fact]
    public async Task A_write_that_fails_late_comes_back_to_its_worker()
    {
        await using var pair = await TlsPair.StartAsync();
        var writing = pair.OnWorkerAsync(async server =>
        {
            try
            {
                while (true)
                    await server.WriteAsync(new byte[100_000]);
            }
            catch (NetException e)
            {
                Assert.Same(server.Worker, Worker.Current);
                Assert.NotNull(SynchronizationContext.Current);
                return e;
            }
        });
        // Something has arrived, and nothing more is taken.
        Assert.Equal(1, await pair.Wire.ReadAsync(new byte[1]));
        pair.Wire.Socket.Close(0);
        Assert.Same(pair.Server, (await writing).Connection);
    }
}
