using System.Net;

namespace Securely.Dns;

/// <summary>Somebody who may change a zone over the network (RFC 2136), and what of it; what is null or empty does not matter. Immutable.</summary>
/// <param name="Network">Where the change comes from; an address can be forged, so a rule without a key is for machines that are trusted anyway.</param>
/// <param name="Key">The name of the key that it is signed with.</param>
public sealed record UpdateRule(IPNetwork? Network, DomainName? Key)
{
    /// <summary>The names that may be changed: each itself, or every name below it where it begins with <c>*.</c>; empty for all of the zone.</summary>
    public IReadOnlyList<DomainName> Names { get; init; } = [];

    /// <summary>The types that may be changed; empty for all.</summary>
    public IReadOnlyList<RecordType> Types { get; init; } = [];
}

/// <summary>The rules of a zone. Immutable, for any thread.</summary>
internal sealed class UpdatePolicy(IReadOnlyList<UpdateRule> rules)
{
    private readonly (UpdateRule Rule, AccessList? Network)[] _rules = [.. rules.Select(rule => (rule, rule.Network is { } network ? new AccessList([network]) : null))];

    /// <summary>Whether somebody may change anything at all.</summary>
    internal bool Knows(ReadOnlySpan<byte> address, TsigKey? key)
    {
        foreach (var (rule, network) in _rules)
        {
            if (IsFor(rule, network, address, key))
                return true;
        }

        return false;
    }

    /// <summary>Whether somebody may change the records of a name and type.</summary>
    internal bool Allows(ReadOnlySpan<byte> address, TsigKey? key, DomainName name, RecordType type)
    {
        foreach (var (rule, network) in _rules)
        {
            if (IsFor(rule, network, address, key) && (rule.Types.Count == 0 || rule.Types.Contains(type)) && (rule.Names.Count == 0 || rule.Names.Any(wanted => Covers(wanted, name))))
                return true;
        }

        return false;
    }

    // A rule that names nobody is for nobody.
    private static bool IsFor(UpdateRule rule, AccessList? network, ReadOnlySpan<byte> address, TsigKey? key) =>
        (network is not null || rule.Key is not null) && (network is null || network.Contains(address)) && (rule.Key is null || rule.Key.Equals(key?.Name));

    private static bool Covers(DomainName wanted, DomainName name) =>
        wanted.Equals(name) || (wanted.IsWildcard && name.IsWithin(wanted.Parent!) && !name.Equals(wanted.Parent));
}
