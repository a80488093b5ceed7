using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Securely.Net;
using Securely.Proxy;
using Securely.Proxy.LoadBalancing;

namespace Securely.Network.Tests.Proxy.LoadBalancing;

public sealed class LoadBalancerTests
{
    [Fact]
    public void Two_equal_backends_alternate_strictly()
    {
        var balancer = LoadBalancer.RoundRobin("10.0.0.1:80", "10.0.0.2:80");

        var chosen = Enumerable.Range(0, 6).Select(_ => balancer.Select(default)!.ToString());

        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80", "10.0.0.1:80", "10.0.0.2:80", "10.0.0.1:80", "10.0.0.2:80"], chosen);
    }

    [Fact]
    public void Nothing_is_chosen_from_nothing()
    {
        var balancer = LoadBalancer.RoundRobin();

        Assert.Null(balancer.Select(default));
        Assert.Null(balancer.Select(default, 256, (_, _) => true));
        Assert.Null(LoadBalancer.RoundRobin("10.0.0.1:80").Select(default, maxIterations: 0));
    }

    [Fact]
    public void A_refused_backend_gives_its_turns_to_the_others_by_weight()
    {
        var balancer = Balancer(("10.0.0.1:80", 3), ("10.0.0.2:80", 2), ("10.0.0.3:80", 1));
        var counts = new int[3];
        for (var i = 0; i < 300; i++)
        {
            counts[balancer.Select(default, 256, (backend, _) => backend.Index != 0)!.Index]++;
        }

        Assert.Equal([0, 200, 100], counts);
    }

    [Fact]
    public void Every_backend_is_offered_once_and_is_healthy()
    {
        var balancer = Balancer(("10.0.0.1:80", 1000), ("10.0.0.2:80", 1), ("10.0.0.3:80", 1));
        var offered = new List<int>();

        var chosen = balancer.Select(default, 256, (backend, healthy) =>
        {
            Assert.True(healthy);
            offered.Add(backend.Index);
            return false;
        });

        Assert.Null(chosen);
        Assert.Equal([0, 1, 2], offered.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_iterations_bound_how_many_are_offered(int maxIterations)
    {
        var balancer = LoadBalancer.RoundRobin("10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80");
        var offered = 0;

        Assert.Null(balancer.Select(default, maxIterations, (_, _) => ++offered < 0));
        Assert.Equal(maxIterations, offered);
    }

    [Fact]
    public void A_bit_mask_of_the_tried_finds_the_rest_among_very_many()
    {
        var backends = Enumerable.Range(0, 5000).Select(i => new Backend(new IPEndPoint(0x0A00_0000 + i, 80))).ToArray();
        var balancer = new LoadBalancer(new StaticDiscovery(backends), new RoundRobin());

        var chosen = balancer.Select(default, int.MaxValue, 4999, (backend, _, wanted) => backend.Index == wanted);

        Assert.Equal(backends[4999], chosen);
    }

    [Fact]
    public void Positions_follow_the_set()
    {
        var set = LoadBalancer.RoundRobin("10.0.0.1:80", "10.0.0.2:80").Backends;

        Assert.Equal(2, set.Count);
        Assert.Equal([0, 1], set.Select(backend => backend.Index));
    }

    [Fact]
    public async Task An_update_swaps_the_set_only_when_it_differs_and_keeps_extensions()
    {
        var answer = new[] { "10.0.0.1", "10.0.0.2" };
        var made = 0;
        var discovery = new HostDiscovery(
            [new BackendOptions("app.test:80")],
            new HostDiscoveryOptions { Resolve = (_, _) => ValueTask.FromResult(Array.ConvertAll(answer, IPAddress.Parse)) });
        var balancer = new LoadBalancer(discovery, new RoundRobin(), new LoadBalancerOptions { Extend = _ => ++made });
        Assert.Empty(balancer.Backends);

        await balancer.UpdateAsync(TestContext.Current.CancellationToken);
        var first = balancer.Backends;
        answer = ["10.0.0.2", "10.0.0.1"];
        await balancer.UpdateAsync(TestContext.Current.CancellationToken);
        Assert.Same(first, balancer.Backends);

        answer = ["10.0.0.3", "10.0.0.2"];
        await balancer.UpdateAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["10.0.0.2:80", "10.0.0.3:80"], balancer.Backends.Select(backend => backend.ToString()));
        Assert.Equal([2, 3], balancer.Backends.Select(backend => backend.Extension));
        Assert.Equal([1, 2], first.Select(backend => backend.Extension));
    }

    [Fact]
    public async Task As_a_service_it_is_ready_after_the_first_answer_and_asks_again_at_each_interval()
    {
        var time = new TickingTime();
        var asked = 0;
        var answered = new SemaphoreSlim(0);
        var discovery = new HostDiscovery(
            [new BackendOptions("app.test:80")],
            new HostDiscoveryOptions
            {
                Resolve = (host, _) =>
                {
                    Assert.Equal("app.test", host);
                    answered.Release();
                    return ++asked == 2
                        ? throw new InvalidOperationException("the name server is away")
                        : ValueTask.FromResult<IPAddress[]>([IPAddress.Parse($"10.0.0.{asked}")]);
                },
            });
        var balancer = new LoadBalancer(discovery, new RoundRobin());
        var ready = new TaskCompletionSource();
        using var shutdown = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        await using var workers = new WorkerGroup("app", 1);
        using var sockets = new ListenSockets();

        var running = balancer.RunAsync(Context(workers, sockets, time, ready.SetResult), shutdown.Token);
        await ready.Task.WaitAsync(shutdown.Token);
        Assert.Equal("10.0.0.1:80", balancer.Select(default)!.ToString());
        await answered.WaitAsync(shutdown.Token);

        Assert.Equal(TimeSpan.FromSeconds(30), time.Period);
        time.Tick();
        await answered.WaitAsync(shutdown.Token);
        Assert.Equal("10.0.0.1:80", balancer.Select(default)!.ToString());
        time.Tick();
        await answered.WaitAsync(shutdown.Token);
        time.Tick();
        await answered.WaitAsync(shutdown.Token);
        Assert.NotEqual("10.0.0.1:80", balancer.Select(default)!.ToString());

        await shutdown.CancelAsync();
        await running;
    }

    [Fact]
    public async Task As_a_service_without_names_it_waits_for_shutdown()
    {
        var balancer = LoadBalancer.RoundRobin("10.0.0.1:80");
        using var shutdown = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var ready = false;
        await using var workers = new WorkerGroup("app", 1);
        using var sockets = new ListenSockets();

        var running = balancer.RunAsync(Context(workers, sockets, TimeProvider.System, () => ready = true), shutdown.Token);

        Assert.Null(balancer.UpdateInterval);
        Assert.True(ready);
        Assert.False(running.IsCompleted);
        await shutdown.CancelAsync();
        await running;
    }

    [Fact]
    public void Choosing_allocates_nothing()
    {
        var balancer = Balancer(("10.0.0.1:80", 2), ("10.0.0.2:80", 1), ("10.0.0.3:80", 1));

        void Choose()
        {
            _ = balancer.Select(default);
            _ = balancer.Select(default, 256, 1UL, static (backend, _, tried) => (tried & (1UL << backend.Index)) == 0);
        }

        Choose();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Choose();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Each_worker_alternates_for_itself()
    {
        var balancer = LoadBalancer.RoundRobin("10.0.0.1:80", "10.0.0.2:80");
        await using var workers = new WorkerGroup("app", 2);
        workers.Start();

        Task<string> TurnsAsync(int worker, int count) => workers.Workers[worker].RunAsync(() => ValueTask.FromResult(
            string.Concat(Enumerable.Range(0, count).Select(_ => balancer.Select(default)!.Index))));

        Assert.Equal("010", await TurnsAsync(0, 3));
        Assert.Equal("101", await TurnsAsync(1, 3));
        Assert.Equal("1010", await TurnsAsync(0, 4));
        Assert.Equal("0101", await TurnsAsync(1, 4));
    }

    private static ServiceContext Context(WorkerGroup workers, ListenSockets sockets, TimeProvider time, Action markReady) =>
        new(workers, sockets, NullLogger.Instance, time, TimeSpan.Zero, markReady);

    private static LoadBalancer Balancer(params (string Address, int Weight)[] servers) =>
        new(new StaticDiscovery([.. servers.Select(server => Backend.Parse(server.Address, server.Weight))]), new RoundRobin());
}
