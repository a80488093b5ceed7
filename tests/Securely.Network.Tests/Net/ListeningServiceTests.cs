using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net;

public sealed class ListeningServiceTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Echoes_until_the_client_ends()
    {
        await using var host = await RunningService.StartAsync(new Echo(), threads: 2);
        using var client = await host.ConnectAsync();
        await client.SendAsync("hello"u8.ToArray());
        var buffer = new byte[16];
        var count = await client.ReceiveAsync(buffer);
        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, count));
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await client.ReceiveAsync(buffer));
    }

    [Fact]
    public async Task Moves_a_large_stream_in_both_directions_at_once()
    {
        await using var host = await RunningService.StartAsync(new Echo(), threads: 1);
        using var client = await host.ConnectAsync();
        var sent = new byte[8 << 20];
        for (var i = 0; i < sent.Length; i++)
            sent[i] = (byte)(i * 31);
        var sending = client.SendAsync(sent);
        var received = new byte[sent.Length];
        var count = 0;
        while (count < received.Length)
        {
            var n = await client.ReceiveAsync(received.AsMemory(count));
            Assert.NotEqual(0, n);
            count += n;
        }

        await sending;
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task Spreads_a_thousand_connections_over_four_workers()
    {
        var handler = new CountByWorker(1000, 4);
        await using var host = await RunningService.StartAsync(handler, threads: 4);
        var clients = new List<Socket>();
        for (var i = 0; i < 1000; i++)
            clients.Add(await host.ConnectAsync());
        await handler.AllArrived.WaitAsync(_patience);
        Assert.All(handler.Counts, c => Assert.InRange(c, 1, 375));
        clients.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task A_filter_that_refuses_closes_the_connection_silently_and_delays_nobody_else()
    {
        var filter = new SlowFirst();
        await using var host = await RunningService.StartAsync(new Echo(), threads: 1, new ListeningServiceOptions { Filter = filter });
        using var first = await host.ConnectAsync();
        await filter.FirstAsked.WaitAsync(_patience);
        using var second = await host.ConnectAsync();
        await second.SendAsync("x"u8.ToArray());
        var buffer = new byte[16];
        Assert.Equal(1, await second.ReceiveAsync(buffer));
        filter.Answer(false);
        Assert.Equal(0, await first.ReceiveAsync(buffer));
    }

    [Fact]
    public async Task Shutdown_ends_idle_connections_and_waits_for_busy_ones()
    {
        var host = await RunningService.StartAsync(new Echo(), threads: 2);
        using var client = await host.ConnectAsync();
        await client.SendAsync("a"u8.ToArray());
        var buffer = new byte[16];
        Assert.Equal(1, await client.ReceiveAsync(buffer));
        await host.DisposeAsync();
        Assert.Equal(0, await client.ReceiveAsync(buffer));
    }

    [Fact]
    public async Task A_socket_that_cannot_accept_is_tried_again_ten_times_a_second_and_logged_once()
    {
        var time = new ManualTimeProvider();
        var log = new EntryLog();
        var service = new ListeningService("test", new Echo());
        service.AddTcp("127.0.0.1:0");
        await using var host = await RunningService.StartAsync(service, threads: 1, time, log);
        using var broken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        broken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        broken.Listen();
        broken.Blocking = false;
        // A listening socket that is shut down says that it is ready, and then fails each accept: as one does when descriptors have run out.
        Assert.Equal(0, LinuxCalls.Shutdown((int)broken.SafeHandle.DangerousGetHandle(), 2));
        var worker = host.Workers.Workers[0];
        var acceptor = await worker.RunAsync(() => new ValueTask<IAcceptor>(worker.Poller.Accept(new Listener(service, "broken", broken, 4))));
        await log.FindAsync(text => text.Contains("[broken] cannot accept", StringComparison.Ordinal)).WaitAsync(_patience);

        for (var attempt = 1; attempt <= 10; attempt++)
        {
            await PausedAsync(worker);
            time.Advance(TimeSpan.FromMilliseconds(100));
        }

        await log.FindAsync(text => text.Contains("9 more attempts", StringComparison.Ordinal)).WaitAsync(_patience);
        Assert.Equal(2, log.Of(LogLevel.Error).Count());
        using var client = await host.ConnectAsync();
        await client.SendAsync("x"u8.ToArray());
        Assert.Equal(1, await client.ReceiveAsync(new byte[1]).WaitAsync(_patience));
        await worker.RunAsync(() =>
        {
            acceptor.Stop();
            return default;
        });
    }

    /// <summary>Waits until the worker has a timer that is set: the pause of an acceptor.</summary>
    private static async Task PausedAsync(Worker worker)
    {
        using var limit = new CancellationTokenSource(_patience);
        while (await worker.RunAsync(() => new ValueTask<int>(worker.Timers.MillisecondsToNext(worker.Now))) <= 0)
            limit.Token.ThrowIfCancellationRequested();
    }

    [Fact]
    public async Task Counts_the_open_connections_of_each_listener()
    {
        var service = new ListeningService("test", new Echo());
        Assert.Empty(service.Workers);
        Assert.Empty(service.ReadListeners());
        service.AddTcp("127.0.0.1:0");
        service.AddTcp("127.0.0.1:0");
        await using var host = await RunningService.StartAsync(service, threads: 2);
        using var first = await host.ConnectAsync();
        var clients = new List<Socket>();
        for (var i = 0; i < 5; i++)
        {
            clients.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            await clients[i].ConnectAsync(service.BoundEndPoints[1]);
        }

        await BecomesAsync([1, 5]);
        Assert.Equal(service.BoundEndPoints, service.ReadListeners().Select(listener => listener.EndPoint));
        Assert.Equal(service.BoundEndPoints.Select(endPoint => endPoint.ToString()), service.ReadListeners().Select(listener => listener.Address));
        Assert.Equal(6, service.ActiveConnections);
        Assert.Equal(6, service.Workers.Sum(worker => worker.ConnectionCount));
        Assert.All(service.Workers, worker => Assert.InRange(worker.LoadRatio, 0, 1));
        clients.ForEach(client => client.Dispose());
        await BecomesAsync([1, 0]);

        async Task BecomesAsync(int[] expected)
        {
            // Each question is a turn of both workers, which accept and close in theirs.
            while (!service.ReadListeners().Select(listener => listener.Connections).SequenceEqual(expected))
                await Task.WhenAll(service.Workers.Select(worker => worker.RunAsync(() => default)).ToArray()).WaitAsync(_patience);
        }
    }

    private sealed class Echo : IConnectionHandler
    {
        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            var buffer = new byte[64 * 1024];
            while (await connection.WaitReadableAsync())
            {
                var count = await connection.ReadAsync(buffer);
                if (count == 0)
                    return;
                await connection.WriteAsync(buffer.AsMemory(0, count));
            }
        }
    }

    private sealed class CountByWorker(int expected, int workers) : IConnectionHandler
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _arrived;

        public int[] Counts { get; } = new int[workers];

        public Task AllArrived => _all.Task;

        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            Interlocked.Increment(ref Counts[Worker.Current!.Index]);
            if (Interlocked.Increment(ref _arrived) == expected)
                _all.TrySetResult();
            await connection.WaitReadableAsync();
        }
    }

    private sealed class SlowFirst : IConnectionFilter
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<bool> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Task FirstAsked => _asked.Task;

        public void Answer(bool accept) => _answer.TrySetResult(accept);

        public async ValueTask<bool> ShouldAcceptAsync(EndPoint? remote, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _count) > 1)
                return true;
            _asked.TrySetResult();
            return await _answer.Task;
        }
    }
}
