using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Listening;

/// <summary>Who gets in, and who gives way, when there is no room. Each address of the loopback is a peer.</summary>
public sealed class ConnectionLimitTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task The_heaviest_peer_is_refused_when_there_is_no_room(int threads)
    {
        await using var stage = await Stage.StartAsync(maximum: 2, threads);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);

        using var third = await stage.ConnectAsync(1);

        await AssertClosedAsync(third);
        await PingAsync(first, second);
        Assert.Equal((2, 1, 0), stage.Figures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_lighter_peer_takes_the_place_of_the_heaviest_ones_oldest_idle_connection(int threads)
    {
        await using var stage = await Stage.StartAsync(maximum: 4, threads);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);
        using var third = await stage.EnterAsync(1);
        using var other = await stage.EnterAsync(2);

        using var newcomer = await stage.EnterAsync(3);
        await AssertClosedAsync(first);
        using var further = await stage.EnterAsync(3);
        await AssertClosedAsync(second);

        await PingAsync(third, other, newcomer, further);
        Assert.Equal((4, 0, 2), stage.Figures);
    }

    [Fact]
    public async Task A_peer_that_holds_as_many_as_the_heaviest_is_refused()
    {
        await using var stage = await Stage.StartAsync(maximum: 2);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(2);

        using var third = await stage.ConnectAsync(2);

        await AssertClosedAsync(third);
        await PingAsync(first, second);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_busy_connection_gives_way_to_nobody(int threads)
    {
        await using var stage = await Stage.StartAsync(maximum: 3, threads);
        using var busy = await stage.EnterAsync(1);
        await stage.HoldAsync(busy);
        using var idle = await stage.EnterAsync(1);
        using var last = await stage.EnterAsync(1);
        await stage.HoldAsync(last);

        using var newcomer = await stage.EnterAsync(2);
        await AssertClosedAsync(idle);
        using var refused = await stage.ConnectAsync(2);
        await AssertClosedAsync(refused);

        stage.Release();
        await AssertReceivesAsync(busy, "h");
        await AssertReceivesAsync(last, "h");
        await PingAsync(busy, last, newcomer);
        Assert.Equal((3, 1, 1), stage.Figures);
    }

    [Fact]
    public async Task Where_the_heaviest_peer_is_all_busy_the_next_one_gives_way()
    {
        await using var stage = await Stage.StartAsync(maximum: 3);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);
        await stage.HoldAsync(first);
        await stage.HoldAsync(second);
        using var idle = await stage.EnterAsync(2);

        using var newcomer = await stage.EnterAsync(3);

        await AssertClosedAsync(idle);
        stage.Release();
        await AssertReceivesAsync(first, "h");
    }

    [Fact]
    public async Task What_has_been_in_use_since_is_younger_than_what_has_not()
    {
        await using var stage = await Stage.StartAsync(maximum: 3);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);
        using var third = await stage.EnterAsync(1);
        await stage.HoldAsync(first);
        using var newcomer = await stage.EnterAsync(2);
        await AssertClosedAsync(second);
        stage.Release();
        await AssertReceivesAsync(first, "h");

        newcomer.Dispose();
        await stage.WhenCountIsAsync(2);
        using var next = await stage.EnterAsync(2);
        using var further = await stage.EnterAsync(3);

        await AssertClosedAsync(third);
        await PingAsync(first, next, further);
    }

    [Fact]
    public async Task A_connection_that_has_not_received_its_request_gives_way_when_none_is_idle()
    {
        await using var stage = await Stage.StartAsync(maximum: 2);
        using var first = await stage.EnterAsync(1);
        await stage.BeginAsync(first);
        using var second = await stage.EnterAsync(1);
        await stage.HoldAsync(second);

        using var newcomer = await stage.EnterAsync(2);

        await AssertClosedAsync(first);
        stage.Release();
        await AssertReceivesAsync(second, "h");
    }

    [Fact]
    public async Task An_idle_connection_gives_way_before_one_whose_request_has_begun()
    {
        await using var stage = await Stage.StartAsync(maximum: 2);
        using var begun = await stage.EnterAsync(1);
        await stage.BeginAsync(begun);
        using var idle = await stage.EnterAsync(1);

        using var newcomer = await stage.EnterAsync(2);

        await AssertClosedAsync(idle);
        await begun.SendAsync("x"u8.ToArray());
        await AssertReceivesAsync(begun, "bx");
    }

    [Fact]
    public async Task A_connection_on_which_something_has_just_arrived_stays()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var waiting = await workers.RunAsync(() => connection.WaitReadableAsync().AsTask());
        // The kernel has the byte, and the worker is too busy to have been told of it.
        Assert.False(await workers.RunAsync(() => peer.Send("x"u8) == 1 && ((SocketConnection)connection).TryDisplace()));
        Assert.True(await waiting.WaitAsync(TestWorkers.Patience));
        peer.Dispose();
    }

    [Fact]
    public async Task A_connection_that_waits_is_told_that_it_does_so_in_vain()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        Assert.False(await workers.RunAsync(() => ((SocketConnection)connection).TryDisplace()));
        var waiting = await workers.RunAsync(() => connection.WaitReadableAsync().AsTask());
        Assert.True(await workers.RunAsync(() => ((SocketConnection)connection).TryDisplace()));
        Assert.False(await waiting.WaitAsync(TestWorkers.Patience));
        peer.Dispose();
    }

    [Fact]
    public async Task Room_that_is_given_back_is_there_for_everybody()
    {
        await using var stage = await Stage.StartAsync(maximum: 2);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);
        first.Dispose();
        await stage.WhenCountIsAsync(1);

        using var third = await stage.EnterAsync(1);

        await PingAsync(second, third);
        Assert.Equal((2, 0, 0), stage.Figures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Counts_stay_exact_whatever_comes_and_goes(int threads)
    {
        await using var stage = await Stage.StartAsync(maximum: 20, threads);
        var random = new Random(7);
        var clients = new List<Socket>();
        for (var i = 0; i < 600; i++)
        {
            if (clients.Count > 0 && random.Next(3) == 0)
            {
                var gone = clients[random.Next(clients.Count)];
                clients.Remove(gone);
                gone.Dispose();
                continue;
            }

            var client = await stage.ConnectAsync(1 + random.Next(12));
            clients.Add(client);
            await client.SendAsync(random.Next(4) == 0 ? "b"u8.ToArray() : "x"u8.ToArray());
            Assert.InRange(stage.Limit.Count, 0, 20);
            if (i % 20 == 0)
                await stage.SettleAsync();
        }

        clients.ForEach(client => client.Dispose());
        await stage.WhenCountIsAsync(0);
        Assert.True(stage.Limit.Displaced + stage.Limit.Refused > 0);
        // Everybody can come again, so nothing is left of anybody.
        var again = new List<Socket>();
        for (var i = 0; i < 20; i++)
            again.Add(await stage.EnterAsync(5));
        again.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_limit_that_becomes_smaller_lets_stay_who_is_there()
    {
        await using var stage = await Stage.StartAsync(maximum: 3);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);
        using var third = await stage.EnterAsync(2);

        stage.Limit.Maximum = 1;
        using var refused = await stage.ConnectAsync(1);

        await AssertClosedAsync(refused);
        await PingAsync(first, second, third);
        Assert.Throws<ArgumentOutOfRangeException>(() => stage.Limit.Maximum = 0);
    }

    [Fact]
    public async Task One_line_a_second_says_that_there_is_no_room_and_who_takes_most()
    {
        var time = new ManualTimeProvider();
        await using var stage = await Stage.StartAsync(maximum: 2, time: time);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);
        for (var i = 0; i < 5; i++)
            await stage.RefuseAsync(1);
        time.Advance(TimeSpan.FromSeconds(1));
        await stage.RefuseAsync(1);

        Assert.Equal(
            [
                "The limit of [2] connections is reached: 1 have been refused or have made room since the last such line; peer [127.0.0.1] holds most, 2",
                "The limit of [2] connections is reached: 5 have been refused or have made room since the last such line; peer [127.0.0.1] holds most, 2",
            ],
            stage.Log.Of(LogLevel.Warning));
    }

    [Theory]
    [InlineData(1_024, 896)]
    [InlineData(20_000, 17_500)]
    [InlineData(1_048_576, 917_504)]
    [InlineData(256, 128)]
    [InlineData(64, 16)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public void The_default_leaves_some_of_the_open_files_to_everything_else(long files, int maximum) => Assert.Equal(maximum, ConnectionLimit.Derive(files));

    [Fact]
    public void The_default_is_that_of_this_process() => Assert.InRange(ConnectionLimit.DefaultMaximum, 16, int.MaxValue);

    private static async Task PingAsync(params Socket[] clients)
    {
        foreach (var client in clients)
        {
            await client.SendAsync("x"u8.ToArray());
            await AssertReceivesAsync(client, "x");
        }
    }

    private static async Task AssertReceivesAsync(Socket client, string expected)
    {
        var buffer = new byte[expected.Length];
        for (var count = 0; count < buffer.Length;)
        {
            var received = await client.ReceiveAsync(buffer.AsMemory(count)).AsTask().WaitAsync(TestWorkers.Patience);
            Assert.NotEqual(0, received);
            count += received;
        }

        Assert.Equal(expected, System.Text.Encoding.ASCII.GetString(buffer));
    }

    private static async Task AssertClosedAsync(Socket client)
    {
        try
        {
            Assert.Equal(0, await client.ReceiveAsync(new byte[1]).WaitAsync(TestWorkers.Patience));
        }
        catch (SocketException)
        {
            // Bytes were on their way, so the kernel has made a reset of it.
        }
    }

    /// <summary>A service that echoes bytes, but holds an h back until it is released, and takes what follows a b together with it.</summary>
    private sealed class Stage : IAsyncDisposable, IConnectionHandler
    {
        private readonly PhaseBarrier _phases = new();
        private TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _held;
        private int _begun;

        private Stage(int maximum) => Limit = new ConnectionLimit(maximum);

        public ConnectionLimit Limit { get; }

        public EntryLog Log { get; } = new();

        public RunningService Host { get; private set; } = null!;

        public (int Count, long Refused, long Displaced) Figures => (Limit.Count, Limit.Refused, Limit.Displaced);

        public static async Task<Stage> StartAsync(int maximum, int threads = 1, TimeProvider? time = null)
        {
            var stage = new Stage(maximum);
            var service = new ListeningService("limited", stage, new ListeningServiceOptions { ConnectionLimit = stage.Limit });
            service.AddTcp("127.0.0.1:0");
            stage.Host = await RunningService.StartAsync(service, threads, time, stage.Log);
            return stage;
        }

        public async Task<Socket> ConnectAsync(int peer)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)peer]), 0));
            await socket.ConnectAsync((IPEndPoint)Host.Service.BoundEndPoints[0]);
            return socket;
        }

        /// <summary>Connects and waits until it is served and waits again.</summary>
        public async Task<Socket> EnterAsync(int peer)
        {
            var socket = await ConnectAsync(peer);
            await PingAsync(socket);
            await SettleAsync();
            return socket;
        }

        public async Task SettleAsync()
        {
            foreach (var worker in Host.Workers.Workers)
                await worker.RunAsync(() => default);
        }

        public async Task RefuseAsync(int peer)
        {
            using var refused = await ConnectAsync(peer);
            await AssertClosedAsync(refused);
        }

        public async Task HoldAsync(Socket client)
        {
            await client.SendAsync("h"u8.ToArray());
            await _phases.WaitAsync("held", ++_held);
        }

        public async Task BeginAsync(Socket client)
        {
            await client.SendAsync("b"u8.ToArray());
            await _phases.WaitAsync("begun", ++_begun);
        }

        public void Release() => Interlocked.Exchange(ref _released, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

        public async Task WhenCountIsAsync(int count)
        {
            using var limit = new CancellationTokenSource(TestWorkers.Patience);
            while (Limit.Count != count)
            {
                limit.Token.ThrowIfCancellationRequested();
                await Host.Workers.Workers[0].RunAsync(() => default);
            }
        }

        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            var buffer = new byte[16];
            while (await connection.WaitReadableAsync())
            {
                var count = await connection.ReadAsync(buffer);
                if (count == 0)
                    return;
                if (buffer[0] == 'b')
                {
                    connection.IsExpendable = true;
                    var reading = connection.ReadAsync(buffer.AsMemory(count));
                    _phases.Signal("begun");
                    count += await reading;
                    connection.IsExpendable = false;
                }
                else if (buffer[0] == 'h')
                {
                    var released = _released.Task;
                    _phases.Signal("held");
                    await released;
                }

                await connection.WriteAsync(buffer.AsMemory(0, count));
            }
        }

        public async ValueTask DisposeAsync()
        {
            Release();
            await Host.DisposeAsync();
        }
    }
}
