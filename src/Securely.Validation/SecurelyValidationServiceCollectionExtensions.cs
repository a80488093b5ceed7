using Microsoft.Extensions.DependencyInjection.Extensions;
using Securely.Validation;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts validation into a container.</summary>
public static class SecurelyValidationServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="RuleRegistry"/> with the built-in rules and those of your own, for <c>new RuleSet(registry)</c>, and <see cref="ValidatorOptions"/> that ask
    /// what the container has of <see cref="IPresenceVerifier"/>, <see cref="IHostLookup"/>, <see cref="ILeakedPasswords"/>, <see cref="MessageCatalog"/> and <see cref="TimeProvider"/>.
    /// </summary>
    /// <param name="services">The container's list.</param>
    /// <param name="rules">Adds rules of your own; null for none.</param>
    /// <example><code>
    /// using Microsoft.Extensions.DependencyInjection;
    ///
    /// var services = new ServiceCollection();
    /// services.AddSecurelyValidation(rules => rules.Add("even", context => context.Value.AsInteger is { } number &amp;&amp; number % 2 == 0, ":Attribute has to be even."));
    /// </code></example>
    public static IServiceCollection AddSecurelyValidation(this IServiceCollection services, Action<RuleRegistry>? rules = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(_ =>
        {
            var registry = new RuleRegistry();
            rules?.Invoke(registry);
            return registry;
        });
        services.TryAddSingleton(static provider =>
        {
            var plain = new ValidatorOptions();
            return new ValidatorOptions
            {
                Presence = provider.GetService<IPresenceVerifier>(),
                Hosts = provider.GetService<IHostLookup>() ?? plain.Hosts,
                LeakedPasswords = provider.GetService<ILeakedPasswords>(),
                Catalog = provider.GetService<MessageCatalog>() ?? plain.Catalog,
                Time = provider.GetService<TimeProvider>() ?? plain.Time,
            };
        });
        return services;
    }
}
