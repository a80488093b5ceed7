using Microsoft.Extensions.DependencyInjection;
using Securely.Events;

namespace Securely.Components.Tests.Events;

/// <summary>Listeners that the generator found in this assembly.</summary>
public sealed class DiscoveryTests
{
    [Fact]
    public async Task Listeners_and_subscribers_are_found_while_the_assembly_is_compiled()
    {
        var heard = new Heard();
        await using var provider = new ServiceCollection()
            .AddSingleton(heard)
            .AddTransient<OnOrderPaid>()
            .AddSecurelyEvents((events, services) => events.ListenDiscovered(services))
            .BuildServiceProvider();
        var dispatcher = provider.GetRequiredService<IDispatcher>();

        await dispatcher.DispatchAsync(new OrderPaid(7), TestContext.Current.CancellationToken);
        var responses = await dispatcher.DispatchAsync("discovery.asked", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal([7], heard.Orders);
        Assert.Equal(["from the subscriber"], responses);
        Assert.Contains(provider.GetRequiredService<Dispatcher>().Listeners, listener => listener.Name == typeof(OnOrderPaid).FullName);
    }

    [Fact]
    public async Task A_listener_that_nobody_can_make_says_how_it_is_made()
    {
        var dispatcher = new Dispatcher();
        dispatcher.ListenDiscovered();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await dispatcher.DispatchAsync(new OrderPaid(7), TestContext.Current.CancellationToken));
        Assert.Contains("AddTransient<OnOrderPaid>()", error.Message, StringComparison.Ordinal);
    }

    internal sealed record OrderPaid(int Order);

    internal sealed class Heard
    {
        public List<int> Orders { get; } = [];
    }

    internal sealed class OnOrderPaid(Heard heard) : IEventListener<OrderPaid>
    {
        public ValueTask<object?> HandleAsync(OrderPaid message, CancellationToken cancellationToken)
        {
            heard.Orders.Add(message.Order);
            return ValueTask.FromResult<object?>(null);
        }
    }

    internal sealed class Answers : ISubscriber
    {
        public void Subscribe(IDispatcher dispatcher) =>
            dispatcher.Listen("discovery.asked", static (_, _) => ValueTask.FromResult<object?>("from the subscriber"));
    }

    internal abstract class NotFound : ISubscriber
    {
        public void Subscribe(IDispatcher dispatcher) => throw new InvalidOperationException("An abstract class was discovered");
    }
}
