using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Securely.Events;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts a dispatcher of events into a container.</summary>
public static class SecurelyEventsServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="Dispatcher"/>, also as <see cref="IDispatcher"/>; it logs and queues with what the container has for it.</summary>
    /// <param name="services">The container's list.</param>
    /// <param name="listen">Registers listeners, when the dispatcher is first asked for; with Securely.Generators <c>(events, provider) => events.ListenDiscovered(provider)</c> does.</param>
    /// <example><code>
    /// using Microsoft.Extensions.DependencyInjection;
    /// using Securely.Events;
    ///
    /// var services = new ServiceCollection();
    /// services.AddSecurelyEvents((events, _) => events.Listen("order.*", message => Console.WriteLine(message.Name)));
    /// </code></example>
    public static IServiceCollection AddSecurelyEvents(this IServiceCollection services, Action<IDispatcher, IServiceProvider>? listen = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider =>
        {
            var dispatcher = new Dispatcher(provider.GetService<ILogger<Dispatcher>>(), provider.GetService<IListenerEnqueuer>());
            listen?.Invoke(dispatcher, provider);
            return dispatcher;
        });
        services.TryAddSingleton<IDispatcher>(static provider => provider.GetRequiredService<Dispatcher>());
        return services;
    }
}
