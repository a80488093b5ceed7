using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Securely.Log;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts log channels into a container.</summary>
public static class SecurelyLogServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="LogManager"/>, its default <see cref="LogChannel"/> and its <see cref="LogContext"/>, and brings all messages of <c>ILogger</c> to that channel.
    /// The container must be disposed of asynchronously, so that the last lines are written.
    /// </summary>
    /// <param name="services">The container's list.</param>
    /// <param name="options">Says which channels, when the manager is first asked for.</param>
    /// <example><code>
    /// using Microsoft.Extensions.DependencyInjection;
    /// using Securely.Log;
    ///
    /// var services = new ServiceCollection();
    /// services.AddSecurelyLog(_ => new LogOptions { Default = "app", Channels = new Dictionary&lt;string, LogChannelOptions&gt; { ["app"] = new() { Driver = "single", Path = "app.log" } } });
    /// </code></example>
    public static IServiceCollection AddSecurelyLog(this IServiceCollection services, Func<IServiceProvider, LogOptions> options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(provider => new LogManager(options(provider)));
        services.TryAddSingleton(static provider => provider.GetRequiredService<LogManager>().Channel());
        services.TryAddSingleton(static provider => provider.GetRequiredService<LogManager>().Context);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, SecurelyLoggerProvider>(
            static provider => new SecurelyLoggerProvider(provider.GetRequiredService<LogChannel>())));
        return services;
    }
}
