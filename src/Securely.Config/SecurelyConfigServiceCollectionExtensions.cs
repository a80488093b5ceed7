using Microsoft.Extensions.DependencyInjection.Extensions;
using Securely.Config;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts a configuration into a container.</summary>
public static class SecurelyConfigServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="ConfigRepository"/>, read when it is first asked for, and live when <paramref name="watch"/> says so.</summary>
    /// <param name="services">The container's list.</param>
    /// <param name="sources">What is read.</param>
    /// <param name="watch">Whether files are looked at each second, and read again when they have changed; ends with the container.</param>
    /// <example><code>
    /// using Microsoft.Extensions.DependencyInjection;
    /// using Securely.Config;
    ///
    /// var services = new ServiceCollection();
    /// services.AddSecurelyConfig(new ConfigSources { YamlFiles = ["securely.yaml"], DotEnvFile = ".env" });
    /// </code></example>
    public static IServiceCollection AddSecurelyConfig(this IServiceCollection services, ConfigSources sources, bool watch = false)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return services.AddSecurelyConfig(_ => sources, watch);
    }

    /// <summary>The same with sources that need services, such as <see cref="ConfigSecrets"/>.</summary>
    /// <param name="services">The container's list.</param>
    /// <param name="sources">Says what is read.</param>
    /// <param name="watch">Whether files are looked at each second, and read again when they have changed; ends with the container.</param>
    public static IServiceCollection AddSecurelyConfig(this IServiceCollection services, Func<IServiceProvider, ConfigSources> sources, bool watch = false)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(sources);
        services.TryAddSingleton(provider => new LiveConfig(ConfigRepository.Load(sources(provider)), watch, provider.GetService<TimeProvider>()));
        services.TryAddSingleton(static provider => provider.GetRequiredService<LiveConfig>().Repository);
        return services;
    }

    /// <summary>Adds typed options of the configuration, read when they are first asked for, with all errors at once.</summary>
    /// <param name="services">The container's list.</param>
    /// <param name="prefix">The key of the section; null for the one that the options name.</param>
    /// <typeparam name="T">The options; a partial type with <see cref="ConfigOptionsAttribute"/>.</typeparam>
    public static IServiceCollection AddSecurelyOptions<T>(this IServiceCollection services, string? prefix = null) where T : class, IConfigOptions<T>
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider => provider.GetRequiredService<ConfigRepository>().Bind<T>(prefix));
        return services;
    }

    /// <summary>A repository and whoever watches its files, so that both end with the container.</summary>
    private sealed class LiveConfig(ConfigRepository repository, bool watch, TimeProvider? time) : IDisposable
    {
        private readonly ConfigWatcher? _watcher = watch ? new ConfigWatcher(repository, time: time) : null;

        public ConfigRepository Repository => repository;

        public void Dispose() => _watcher?.Dispose();
    }
}
