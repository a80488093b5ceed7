using Microsoft.Extensions.DependencyInjection.Extensions;
using Securely.Settings;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts settings into a container.</summary>
public static class SecurelySettingsServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="SettingsManager"/>.</summary>
    /// <param name="services">The container's list.</param>
    /// <param name="options">Says which settings, when the manager is first asked for.</param>
    /// <example><code>
    /// using Microsoft.Extensions.DependencyInjection;
    /// using Securely.Settings;
    ///
    /// var services = new ServiceCollection();
    /// services.AddSecurelySettings(_ => new SettingsOptions { Path = ".env" });
    /// </code></example>
    public static IServiceCollection AddSecurelySettings(this IServiceCollection services, Func<IServiceProvider, SettingsOptions> options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(provider => new SettingsManager(options(provider)));
        return services;
    }
}
