namespace Securely.Dns;

/// <summary>Who may have a zone as a whole. Immutable, for any thread.</summary>
internal sealed class TransferAccess(IReadOnlyList<TransferRule> rules)
{
    private readonly (AccessList? Network, DomainName? Key)[] _rules = [.. rules.Select(rule => (rule.Network is { } network ? new AccessList([network]) : null, rule.Key))];

    internal bool Allows(ReadOnlySpan<byte> address, TsigKey? key)
    {
        foreach (var (network, wanted) in _rules)
        {
            if ((network is null || network.Contains(address)) && (wanted is null || wanted.Equals(key?.Name)) && (network is not null || wanted is not null))
                return true;
        }

        return false;
    }
}
