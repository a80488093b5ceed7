using System.Net.Sockets;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Pooling;

public sealed class ConnectionPoolTests : IAsyncLifetime
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);
    private static readonly PoolKey _key = new TestKey("app");

    private readonly ManualTimeProvider _clock = new();
    private readonly List<Socket> _peers = [];
    private readonly TestWorkers _workers;

    public ConnectionPoolTests() => _workers = new TestWorkers(threads: 2, time: _clock);

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        _peers.ForEach(p => p.Dispose());
        await _workers.DisposeAsync();
    }

    [Fact]
    public async Task Gives_the_most_recently_returned_connection_of_a_key_first()
    {
        var pool = new ConnectionPool(_workers.Group);
        var connections = await ConnectAsync(3);
        await _workers.RunAsync(() =>
        {
            Assert.Null(pool.TryTake(_key));
            foreach (var connection in connections)
                pool.Return(_key, connection, _minute);
            Assert.Equal(3, pool.IdleCount);
            for (var i = 2; i >= 0; i--)
                Assert.Same(connections[i], pool.TryTake(_key));
            Assert.Null(pool.TryTake(_key));
            Assert.Equal(0, pool.IdleCount);
        });
    }

    [Fact]
    public async Task Keys_are_compared_for_real_and_not_by_hash()
    {
        var pool = new ConnectionPool(_workers.Group);
        var connections = await ConnectAsync(2);
        await _workers.RunAsync(() =>
        {
            pool.Return(new TestKey("a"), connections[0], _minute);
            pool.Return(new TestKey("b"), connections[1], _minute);
            Assert.Equal(new TestKey("a").GetHashCode(), new TestKey("c").GetHashCode());
            Assert.Null(pool.TryTake(new TestKey("c")));
            Assert.Same(connections[0], pool.TryTake(new TestKey("a")));
            Assert.Null(pool.TryTake(new TestKey("a")));
            Assert.Same(connections[1], pool.TryTake(new TestKey("b")));
        });
    }

    [Fact]
    public async Task A_full_pool_closes_the_least_recently_used_connection_whatever_its_key()
    {
        var pool = new ConnectionPool(_workers.Group, new PoolOptions { Size = 3 });
        var connections = await ConnectAsync(5);
        await _workers.RunAsync(() =>
        {
            pool.Return(new TestKey("a"), connections[0], _minute);
            pool.Return(new TestKey("b"), connections[1], _minute);
            pool.Return(new TestKey("a"), connections[2], _minute);
            // Used again, so it is the youngest now.
            var again = pool.TryTake(new TestKey("b"));
            Assert.Same(connections[1], again);
            pool.Return(new TestKey("b"), again!, _minute);
            pool.Return(new TestKey("c"), connections[3], _minute);
            Assert.True(connections[0].IsClosed);
            pool.Return(new TestKey("c"), connections[4], _minute);
            Assert.True(connections[2].IsClosed);
            Assert.Equal(3, pool.IdleCount);
            Assert.Null(pool.TryTake(new TestKey("a")));
            Assert.Same(connections[1], pool.TryTake(new TestKey("b")));
            Assert.Same(connections[4], pool.TryTake(new TestKey("c")));
            Assert.Same(connections[3], pool.TryTake(new TestKey("c")));
        });
        Assert.Equal(0, await _peers[0].ReceiveAsync(new byte[1]).WaitAsync(TestWorkers.Patience));
    }

    [Fact]
    public async Task An_idle_connection_is_closed_after_its_time()
    {
        var pool = new ConnectionPool(_workers.Group);
        var connections = await ConnectAsync(3);
        await _workers.RunAsync(() =>
        {
            pool.Return(_key, connections[0], TimeSpan.FromSeconds(60));
            pool.Return(_key, connections[1], TimeSpan.FromSeconds(20));
            pool.Return(_key, connections[2], Timeout.InfiniteTimeSpan);
        });
        await AdvanceAsync(19.9);
        Assert.Equal(3, pool.IdleCount);
        await AdvanceAsync(0.1);
        Assert.Equal(2, pool.IdleCount);
        Assert.True(connections[1].IsClosed);
        Assert.Equal(0, await _peers[1].ReceiveAsync(new byte[1]).WaitAsync(TestWorkers.Patience));
        await AdvanceAsync(40);
        Assert.True(connections[0].IsClosed);
        await AdvanceAsync(100_000);
        Assert.False(connections[2].IsClosed);
        Assert.Equal(1, pool.IdleCount);
    }

    [Fact]
    public async Task The_time_of_a_connection_that_was_taken_does_not_run_on()
    {
        var pool = new ConnectionPool(_workers.Group);
        var connections = await ConnectAsync(2);
        await _workers.RunAsync(() =>
        {
            pool.Return(_key, connections[0], TimeSpan.FromSeconds(10));
            Assert.Same(connections[0], pool.TryTake(_key));
            // Takes the place that the first one has left, with a longer time.
            pool.Return(_key, connections[1], TimeSpan.FromSeconds(30));
        });
        await AdvanceAsync(29);
        Assert.False(connections[0].IsClosed);
        Assert.False(connections[1].IsClosed);
        await AdvanceAsync(1);
        Assert.False(connections[0].IsClosed);
        Assert.True(connections[1].IsClosed);
        Assert.Equal(0, pool.IdleCount);
    }

    [Theory]
    [InlineData(0, 128)]
    [InlineData(60, 0)]
    public async Task Without_time_or_room_nothing_is_kept(int seconds, int size)
    {
        var pool = new ConnectionPool(_workers.Group, new PoolOptions { Size = size });
        var connections = await ConnectAsync(1);
        await _workers.RunAsync(() =>
        {
            pool.Return(_key, connections[0], TimeSpan.FromSeconds(seconds));
            Assert.True(connections[0].IsClosed);
            Assert.Equal(0, pool.IdleCount);
            Assert.Null(pool.TryTake(_key));
        });
    }

    [Theory]
    [InlineData("end")]
    [InlineData("reset")]
    [InlineData("stray")]
    public async Task A_pooled_connection_goes_when_its_peer_ends_it_or_says_anything(string what)
    {
        var pool = new ConnectionPool(_workers.Group);
        var connections = await ConnectAsync(2);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _workers.RunAsync(() =>
        {
            connections[0].Closed.UnsafeRegister(_ => closed.SetResult(), null);
            pool.Return(_key, connections[1], _minute);
            pool.Return(_key, connections[0], _minute);
        });
        Provoke(_peers[0], what);
        await closed.Task.WaitAsync(TestWorkers.Patience);
        await _workers.RunAsync(() =>
        {
            Assert.Equal(1, pool.IdleCount);
            Assert.Same(connections[1], pool.TryTake(_key));
            Assert.Null(pool.TryTake(_key));
        });
    }

    [Theory]
    [InlineData("end")]
    [InlineData("reset")]
    [InlineData("stray")]
    public async Task A_connection_that_is_not_quiet_is_not_kept(string what)
    {
        var pool = new ConnectionPool(_workers.Group);
        var connections = await ConnectAsync(1);
        var waiting = await _workers.RunAsync(() => connections[0].WaitReadableAsync().AsTask());
        Provoke(_peers[0], what);
        Assert.True(await waiting.WaitAsync(TestWorkers.Patience));
        await _workers.RunAsync(() =>
        {
            pool.Return(_key, connections[0], _minute);
            Assert.True(connections[0].IsClosed);
            Assert.Equal(0, pool.IdleCount);
        });
    }

    [Fact]
    public async Task A_closed_connection_is_not_kept()
    {
        var pool = new ConnectionPool(_workers.Group);
        var connections = await ConnectAsync(1);
        await _workers.RunAsync(() =>
        {
            connections[0].Close();
            pool.Return(_key, connections[0], _minute);
            Assert.Equal(0, pool.IdleCount);
            Assert.Null(pool.TryTake(_key));
        });
    }

    [Fact]
    public async Task A_connection_is_returned_once()
    {
        var pool = new ConnectionPool(_workers.Group);
        var other = new ConnectionPool(_workers.Group);
        var connections = await ConnectAsync(1);
        await _workers.RunAsync(() =>
        {
            pool.Return(_key, connections[0], _minute);
            Assert.Throws<InvalidOperationException>(() => pool.Return(_key, connections[0], _minute));
            Assert.Throws<InvalidOperationException>(() => other.Return(_key, connections[0], _minute));
            Assert.Same(connections[0], pool.TryTake(_key));
            Assert.Null(pool.TryTake(_key));
            other.Return(_key, connections[0], _minute);
            Assert.Equal(0, pool.IdleCount);
            Assert.Equal(1, other.IdleCount);
        });
    }

    [Fact]
    public async Task Only_workers_of_the_group_use_the_pool_and_only_for_their_own_connections()
    {
        var pool = new ConnectionPool(_workers.Group);
        await using var others = new TestWorkers();
        var connections = await ConnectAsync(1);
        Assert.Throws<InvalidOperationException>(() => pool.TryTake(_key));
        await others.RunAsync(() => Assert.Throws<InvalidOperationException>(() => pool.TryTake(_key)));
        var (homeless, end) = Connection.CreatePair();
        await _workers.RunAsync(() =>
        {
            // What lives on no worker could be told of input on any thread.
            pool.Return(_key, homeless, _minute);
            Assert.True(homeless.IsClosed);
            pool.Return(_key, connections[0], _minute);
            Assert.Equal(1, pool.IdleCount);
        });
        end.Close();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var foreign = await ConnectAsync(1);
        await _workers.RunAsync(() => { foreign[0].Closed.UnsafeRegister(_ => closed.SetResult(), null); });
        await _workers.RunAsync(() => pool.Return(_key, foreign[0], _minute), worker: 1);
        await closed.Task.WaitAsync(TestWorkers.Patience);
        Assert.Equal(1, pool.IdleCount);
    }

    [Fact]
    public async Task A_worker_that_lacks_a_connection_gets_one_that_another_worker_does_not_need()
    {
        var pool = new ConnectionPool(_workers.Group);
        var connections = await ConnectAsync(2);
        await _workers.RunAsync(() =>
        {
            pool.Return(_key, connections[0], _minute);
            pool.Return(_key, connections[1], _minute);
        });
        // Too fresh: its own worker will want it again.
        Assert.Null(await _workers.RunAsync(() => pool.TakeFromOthersAsync(_key), worker: 1));
        await AdvanceAsync(0.01);
        Assert.Null(await _workers.RunAsync(() => pool.TakeFromOthersAsync(new TestKey("other")), worker: 1));
        Assert.Null(await _workers.RunAsync(() => pool.TakeFromOthersAsync(_key), worker: 0));
        await _workers.RunAsync(async () =>
        {
            Assert.Null(pool.TryTake(_key));
            var taken = await pool.TakeFromOthersAsync(_key);
            // The one that has been idle longest: the other worker is the least likely to miss it.
            Assert.Same(connections[0], taken);
            Assert.Same(_workers[1], Worker.Current);
            Assert.Same(_workers[1], taken!.Worker);
            Assert.Equal(1, pool.IdleCount);
            Assert.False(taken.TryRead(new byte[1], out _));
            await taken.WriteAsync("ping"u8.ToArray());
            _peers[0].Send("pong"u8);
            Assert.Equal("pong", await Connections.ConnectionReadTests.ReadTextAsync(taken, 4));
            pool.Return(_key, taken, _minute);
            Assert.Equal(2, pool.IdleCount);
            Assert.Same(taken, pool.TryTake(_key));
            taken.Close();
        }, worker: 1);
        await AdvanceAsync(100);
        Assert.Equal(0, pool.IdleCount);
        foreach (var worker in _workers.Group.Workers)
            Assert.Null(await _workers.RunAsync(() => worker.FirstConnection, worker.Index));
    }

    [Fact]
    public async Task Two_workers_may_take_from_each_other_all_the_time()
    {
        var pool = new ConnectionPool(_workers.Group, new PoolOptions { SurplusAge = TimeSpan.Zero });
        var connections = await ConnectAsync(4);
        await _workers.RunAsync(() => connections.ForEach(c => pool.Return(_key, c, _minute)));
        var used = await Task.WhenAll(Enumerable.Range(0, 2).Select(w => _workers.RunAsync(async () =>
        {
            var count = 0;
            for (var i = 0; i < 2000; i++)
            {
                var connection = pool.TryTake(_key) ?? await pool.TakeFromOthersAsync(_key);
                if (connection is null)
                    continue;
                Assert.Same(_workers[w], connection.Worker);
                Assert.Same(_workers[w], Worker.Current);
                count++;
                await Task.Yield();
                pool.Return(_key, connection, _minute);
                if (i % 3 == 0)
                    await Task.Yield();
            }

            return count;
        }, w)));
        Assert.All(used, u => Assert.InRange(u, 1, 2000));
        Assert.Equal(4, pool.IdleCount);
        Assert.All(connections, c => Assert.False(c.IsClosed));
    }

    [Fact]
    public async Task Counts_and_order_stay_exact_whatever_happens()
    {
        const int Size = 20;
        var pool = new ConnectionPool(_workers.Group, new PoolOptions { Size = Size });
        var connections = await ConnectAsync(60);
        await _workers.RunAsync(() =>
        {
            var random = new Random(99);
            // The model: idle connections with their keys, oldest first.
            var idle = new List<(string Key, Connection Connection)>();
            var used = new List<Connection>(connections);
            for (var step = 0; step < 20_000; step++)
            {
                var key = $"k{random.Next(400)}";
                if (used.Count > 0 && random.Next(2) == 0)
                {
                    var connection = used[random.Next(used.Count)];
                    used.Remove(connection);
                    if (idle.Count == Size && used.Count < 5)
                    {
                        // Keeps enough of them alive.
                        used.Add(connection);
                        continue;
                    }

                    if (idle.Count == Size)
                    {
                        var oldest = idle[0];
                        idle.RemoveAt(0);
                        Assert.False(oldest.Connection.IsClosed);
                        pool.Return(new TestKey(key), connection, _minute);
                        Assert.True(oldest.Connection.IsClosed);
                    }
                    else
                    {
                        pool.Return(new TestKey(key), connection, _minute);
                    }

                    idle.Add((key, connection));
                }
                else
                {
                    if (random.Next(2) == 0 && idle.Count > 0)
                        key = idle[random.Next(idle.Count)].Key;
                    var expected = idle.FindLastIndex(e => e.Key == key);
                    var taken = pool.TryTake(new TestKey(key));
                    if (expected < 0)
                    {
                        Assert.Null(taken);
                        continue;
                    }

                    Assert.Same(idle[expected].Connection, taken);
                    idle.RemoveAt(expected);
                    used.Add(taken!);
                }

                Assert.Equal(idle.Count, pool.IdleCount);
            }

            foreach (var (key, connection) in Enumerable.Reverse(idle))
                Assert.Same(connection, pool.TryTake(new TestKey(key)));
            Assert.Equal(0, pool.IdleCount);
        });
    }

    [Fact]
    public async Task Taking_and_returning_allocate_nothing()
    {
        var pool = new ConnectionPool(_workers.Group);
        var connections = await ConnectAsync(2);
        var allocated = await _workers.RunAsync(() =>
        {
            var before = 0L;
            for (var i = 0; i < 1100; i++)
            {
                if (i == 100)
                    before = GC.GetAllocatedBytesForCurrentThread();
                pool.Return(_key, connections[0], _minute);
                pool.Return(_key, connections[1], _minute);
                pool.TryTake(_key);
                pool.TryTake(_key);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.Equal(0, allocated);
    }

    [Fact]
    public async Task Workers_that_stop_end_their_idle_connections_in_order()
    {
        // A reset would make the upstream log a broken client at every restart.
        var workers = new TestWorkers();
        var pool = new ConnectionPool(workers.Group);
        var (connection, peer) = await workers.ConnectAsync();
        await workers.RunAsync(() => pool.Return(_key, connection, Timeout.InfiniteTimeSpan));
        await workers.DisposeAsync();
        Assert.True(connection.IsClosed);
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1]).WaitAsync(TestWorkers.Patience));
        peer.Dispose();
    }

    private static void Provoke(Socket peer, string what)
    {
        if (what == "stray")
            peer.Send("HTTP/1.1 408 "u8);
        else if (what == "end")
            peer.Shutdown(SocketShutdown.Both);
        else
            Connections.ConnectionReadTests.Reset(peer);
    }

    private async Task<List<Connection>> ConnectAsync(int count, int worker = 0)
    {
        var connections = new List<Connection>();
        for (var i = 0; i < count; i++)
        {
            var (connection, peer) = await _workers.ConnectAsync(worker);
            // Its first look finds nothing, as behind a whole response.
            await _workers.RunAsync(() => Assert.False(connection.TryRead(new byte[1], out _)), worker);
            connections.Add(connection);
            _peers.Add(peer);
        }

        return connections;
    }

    private async Task AdvanceAsync(double seconds)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        await _workers.SettleAsync(_clock.Elapsed);
    }

    /// <summary>Every key has the same hash.</summary>
    private sealed class TestKey(string name) : PoolKey
    {
        private readonly string _name = name;

        public override bool Equals(PoolKey? other) => other is TestKey key && key._name == _name;

        public override int GetHashCode() => 1;
    }
}
