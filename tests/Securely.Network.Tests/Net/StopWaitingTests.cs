using Securely.Net;

namespace Securely.Network.Tests.Net;

public sealed class StopWaitingTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_request_that_the_poller_has_not_announced_yet_is_still_read()
    {
        var handler = new WaitOnce();
        await using var host = await RunningService.StartAsync(handler, threads: 1);
        using var client = await host.ConnectAsync();
        var connection = await handler.Waiting.WaitAsync(_patience);
        await host.Workers.Workers[0].RunAsync(() =>
        {
            client.Send("x"u8);
            connection.StopWaiting();
            return default;
        });
        Assert.True(await handler.Result.WaitAsync(_patience));
        Assert.Equal(1, await client.ReceiveAsync(new byte[16]));
    }

    [Fact]
    public async Task A_connection_on_which_nothing_has_arrived_ends()
    {
        var handler = new WaitOnce();
        await using var host = await RunningService.StartAsync(handler, threads: 1);
        using var client = await host.ConnectAsync();
        var connection = await handler.Waiting.WaitAsync(_patience);
        host.Workers.Workers[0].Post(_ => connection.StopWaiting(), null);
        Assert.False(await handler.Result.WaitAsync(_patience));
        Assert.Equal(0, await client.ReceiveAsync(new byte[16]));
    }

    /// <summary>Waits once, and answers a byte with a byte.</summary>
    private sealed class WaitOnce : IConnectionHandler
    {
        private readonly TaskCompletionSource<Connection> _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<bool> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Connection> Waiting => _waiting.Task;

        public Task<bool> Result => _result.Task;

        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            var waiting = connection.WaitReadableAsync();
            _waiting.TrySetResult(connection);
            var readable = await waiting;
            if (readable && await connection.ReadAsync(new byte[16]) == 1)
                await connection.WriteAsync("y"u8.ToArray());
            _result.TrySetResult(readable);
        }
    }
}
