using Securely.Hosting;

namespace Securely.Network.Tests.Hosting;

public sealed class ServiceGraphTests
{
    [Fact]
    public void Orders_services_after_what_they_depend_on_and_otherwise_as_added()
    {
        var graph = new ServiceGraph();
        var proxy = graph.Add(new FakeService("proxy"), []);
        graph.Add(new FakeService("other"), []);
        var store = graph.Add(new FakeService("store"), []);
        var queue = graph.Add(new FakeService("queue"), [store]);
        proxy.AddDependencies(queue, store);

        Assert.Equal(["other", "store", "queue", "proxy"], graph.Order().Select(h => h.Name));
    }

    [Fact]
    public void Names_a_cycle()
    {
        var graph = new ServiceGraph();
        var a = graph.Add(new FakeService("a"), []);
        var b = graph.Add(new FakeService("b"), [a]);
        var c = graph.Add(new FakeService("c"), [b]);

        var error = Assert.Throws<InvalidOperationException>(() => a.AddDependency(c));
        Assert.Equal("Service [a] cannot depend on [c]: [a] -> [c] -> [b] -> [a] is a cycle", error.Message);
        Assert.Equal(["a", "b", "c"], graph.Order().Select(h => h.Name));
    }

    [Fact]
    public void A_service_cannot_depend_on_itself()
    {
        var a = new ServiceGraph().Add(new FakeService("a"), []);

        var error = Assert.Throws<InvalidOperationException>(() => a.AddDependency(a));
        Assert.Equal("Service [a] cannot depend on [a]: [a] -> [a] is a cycle", error.Message);
    }

    [Fact]
    public void The_same_dependency_twice_is_one()
    {
        var graph = new ServiceGraph();
        var a = graph.Add(new FakeService("a"), []);
        var b = graph.Add(new FakeService("b"), [a, a]);
        b.AddDependency(a);

        Assert.Single(graph.DependenciesOf(b));
    }

    [Fact]
    public void Refuses_a_service_of_another_server()
    {
        var foreign = new ServiceGraph().Add(new FakeService("foreign"), []);
        var graph = new ServiceGraph();

        var error = Assert.Throws<ArgumentException>(() => graph.Add(new FakeService("a"), [foreign]));
        Assert.StartsWith("Service [a] cannot depend on [foreign]: it is a service of another server", error.Message, StringComparison.Ordinal);
        Assert.Empty(graph.Handles);
    }

    [Fact]
    public void Refuses_a_service_without_threads()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new ServiceGraph().Add(new FakeService("a") { Threads = 0 }, []));

        Assert.StartsWith("Service [a] asks for [0] threads; it needs at least 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_services_and_dependencies_once_the_server_runs()
    {
        await using var stage = new ServerStage();
        var a = stage.Server.Add(stage.Service("a"));
        var b = stage.Server.Add(stage.Service("b"));
        await stage.RunAsync();

        Assert.Throws<InvalidOperationException>(() => stage.Server.Add(stage.Service("c")));
        var error = Assert.Throws<InvalidOperationException>(() => a.AddDependency(b));
        Assert.Equal("Service [a] comes too late: the server has been started; add services and dependencies before it runs", error.Message);
    }
}
