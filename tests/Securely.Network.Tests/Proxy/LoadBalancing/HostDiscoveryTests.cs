using System.Net;
using Securely.Proxy;
using Securely.Proxy.LoadBalancing;

namespace Securely.Network.Tests.Proxy.LoadBalancing;

public sealed class HostDiscoveryTests
{
    private readonly Dictionary<string, string[]> _names = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_address_of_a_name_is_a_backend_with_the_weight_of_the_server()
    {
        _names["app.test"] = ["fd00::1", "10.0.0.2", "10.0.0.1", "10.0.0.2"];
        var discovery = Discovery(("127.0.0.1:1", 1), ("app.test:80", 2), ("unix:/run/app.sock", 3));
        Assert.Equal(["127.0.0.1:1 1", "unix:/run/app.sock 3"], Texts(discovery.Known));

        var found = await discovery.DiscoverAsync(Token);

        Assert.Equal(["127.0.0.1:1 1", "10.0.0.1:80 2", "10.0.0.2:80 2", "[fd00::1]:80 2", "unix:/run/app.sock 3"], Texts(found));
        Assert.Equal(Texts(found), Texts(discovery.Known));
    }

    [Fact]
    public async Task An_address_that_is_reached_twice_counts_once_with_both_weights()
    {
        _names["one.test"] = ["10.0.0.1"];
        _names["two.test"] = ["10.0.0.1", "10.0.0.2"];
        var discovery = Discovery(("one.test:80", 1), ("two.test:80", 2), ("10.0.0.2:80", 4), ("10.0.0.2:81", 1));

        Assert.Equal(["10.0.0.1:80 3", "10.0.0.2:80 6", "10.0.0.2:81 1"], Texts(await discovery.DiscoverAsync(Token)));
    }

    [Fact]
    public async Task A_name_that_never_resolved_is_an_error_that_names_the_server()
    {
        _names["good.test"] = ["10.0.0.1"];
        _names["empty.test"] = [];
        var discovery = Discovery(("good.test:80", 1), ("bad.test:80", 1), ("empty.test:81", 1));

        var problem = await Assert.ThrowsAsync<DiscoveryException>(async () => await discovery.DiscoverAsync(Token));

        Assert.Equal(
            "Server [bad.test:80] does not resolve: no such name; Server [empty.test:81] does not resolve: the name has no address",
            problem.Message);
        Assert.Equal([1, 2], problem.Failures.Select(failure => failure.Server));
        Assert.Equal(["10.0.0.1:80 1"], Texts(discovery.Known));
    }

    [Fact]
    public async Task A_name_that_stops_resolving_keeps_its_last_good_addresses()
    {
        _names["one.test"] = ["10.0.0.1"];
        _names["two.test"] = ["10.0.0.2"];
        var discovery = Discovery(("one.test:80", 1), ("two.test:80", 1));
        await discovery.DiscoverAsync(Token);
        _names.Remove("one.test");
        _names["two.test"] = ["10.0.0.3"];

        var problem = await Assert.ThrowsAsync<DiscoveryException>(async () => await discovery.DiscoverAsync(Token));

        Assert.Equal("Server [one.test:80] does not resolve: no such name; its last addresses stay in use", problem.Message);
        Assert.Equal(["10.0.0.1:80 1", "10.0.0.3:80 1"], Texts(discovery.Known));
    }

    [Fact]
    public async Task A_resolver_that_never_answers_is_given_up()
    {
        var time = new TickingTime();
        var discovery = new HostDiscovery(
            [new BackendOptions("slow.test:80")],
            new HostDiscoveryOptions
            {
                Time = time,
                Resolve = async (_, cancellationToken) =>
                {
                    time.Tick();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                    return [];
                },
            });

        var problem = await Assert.ThrowsAsync<DiscoveryException>(async () => await discovery.DiscoverAsync(Token));

        Assert.Equal("Server [slow.test:80] does not resolve: no answer within 10 s", problem.Message);
    }

    [Fact]
    public async Task Giving_up_is_not_a_failure_of_the_name()
    {
        using var stop = new CancellationTokenSource();
        var discovery = new HostDiscovery(
            [new BackendOptions("slow.test:80")],
            new HostDiscoveryOptions
            {
                Resolve = async (_, cancellationToken) =>
                {
                    await stop.CancelAsync();
                    cancellationToken.ThrowIfCancellationRequested();
                    return [];
                },
            });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await discovery.DiscoverAsync(stop.Token));
    }

    [Fact]
    public void Only_names_are_worth_asking_again()
    {
        Assert.Null(Discovery(("10.0.0.1:80", 1), ("unix:/run/app.sock", 1)).Interval);
        Assert.Equal(TimeSpan.FromSeconds(30), Discovery(("10.0.0.1:80", 1), ("app.test:80", 1)).Interval);
    }

    [Fact]
    public async Task The_resolver_of_the_system_knows_the_local_host()
    {
        var found = await new HostDiscovery([new BackendOptions("localhost:80")]).DiscoverAsync(Token);

        Assert.Contains(found, backend => IPAddress.IsLoopback(((IPEndPoint)backend.Address).Address));
    }

    private static IEnumerable<string> Texts(IEnumerable<Backend> backends) => backends.Select(backend => $"{backend} {backend.Weight}");

    private HostDiscovery Discovery(params (string Address, int Weight)[] servers) => new(
        [.. servers.Select(server => new BackendOptions(server.Address, server.Weight))],
        new HostDiscoveryOptions
        {
            Resolve = (host, _) => _names.TryGetValue(host, out var addresses)
                ? ValueTask.FromResult(Array.ConvertAll(addresses, IPAddress.Parse))
                : throw new InvalidOperationException("no such name"),
        });
}
