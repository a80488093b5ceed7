using Microsoft.Extensions.DependencyInjection.Extensions;
using Securely.Encrypt;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts encryption into a container.</summary>
public static class SecurelyEncryptServiceCollectionExtensions
{
    /// <summary>Adds <see cref="Encrypter"/> and <see cref="FileEncrypter"/> over one ring of keys.</summary>
    /// <param name="services">The container's list.</param>
    /// <param name="keys">Makes the ring, when one of them is first asked for.</param>
    /// <example><code>
    /// using Microsoft.Extensions.DependencyInjection;
    /// using Securely.Encrypt;
    ///
    /// var services = new ServiceCollection();
    /// services.AddSecurelyEncrypt(_ => KeyRing.Parse(Environment.GetEnvironmentVariable("APP_KEY")!, Environment.GetEnvironmentVariable("APP_PREVIOUS_KEYS")));
    /// </code></example>
    public static IServiceCollection AddSecurelyEncrypt(this IServiceCollection services, Func<IServiceProvider, KeyRing> keys)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(keys);
        services.TryAddSingleton(keys);
        services.TryAddSingleton(static provider => new Encrypter(provider.GetRequiredService<KeyRing>()));
        services.TryAddSingleton(static provider => new FileEncrypter(provider.GetRequiredService<KeyRing>()));
        return services;
    }
}
