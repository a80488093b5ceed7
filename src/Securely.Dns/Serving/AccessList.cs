using System.Net;

namespace Securely.Dns;

/// <summary>Networks of clients, compared without an allocation. Immutable, for any thread.</summary>
internal sealed class AccessList(IReadOnlyList<IPNetwork> networks)
{
    private readonly (byte[] Address, int Bits)[] _networks = [.. networks.Select(network => (network.BaseAddress.GetAddressBytes(), network.PrefixLength))];

    /// <summary>Whether there are none.</summary>
    internal bool IsEmpty => _networks.Length == 0;

    /// <summary>Whether an address of 4 or 16 bytes is in one of them.</summary>
    internal bool Contains(ReadOnlySpan<byte> address)
    {
        foreach (var (network, bits) in _networks)
        {
            if (network.Length == address.Length && IsSame(network, address, bits))
                return true;
        }

        return false;
    }

    private static bool IsSame(ReadOnlySpan<byte> network, ReadOnlySpan<byte> address, int bits)
    {
        var whole = bits / 8;
        if (!network[..whole].SequenceEqual(address[..whole]))
            return false;
        var rest = bits % 8;
        return rest == 0 || ((network[whole] ^ address[whole]) >> (8 - rest)) == 0;
    }
}
