using static Securely.Validation.BuiltInRules;

namespace Securely.Validation;

/// <summary>Rules about addresses and hosts.</summary>
internal static class NetworkRules
{
    public static readonly RuleDefinition[] All =
    [
        Rule("ip", context => context.Value.AsText is { } text && (IpSyntax.IsVersion4(text) || IpSyntax.IsVersion6(text))),
        Rule("ipv4", context => context.Value.AsText is { } text && IpSyntax.IsVersion4(text)),
        Rule("ipv6", context => context.Value.AsText is { } text && IpSyntax.IsVersion6(text)),
        new() { Name = "active_url", CheckAsync = IsActiveAsync },
    ];

    private static ValueTask<bool> IsActiveAsync(RuleContext context, CancellationToken cancellationToken) =>
        context.Value.AsText is { } text && UrlSyntax.HostOf(text) is { } host
            ? context.Options.Hosts.HasAddressAsync(host, cancellationToken)
            : new(false);
}
