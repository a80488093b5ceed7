using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>
/// A name made ready for lookups: small letters, the place of every label, and the hash of every ancestor, all from one pass. It is reused, so that
/// a lookup allocates nothing; one thread at a time.
/// </summary>
internal sealed class NameKey
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;
    private const ulong RootHash = 0x51_7C_C1_B7_27_22_0A_95;

    // Eight bytes more than a name has, so that the last label can be read as a whole word.
    private readonly byte[] _lower = new byte[WireName.Maximum + 9];
    private readonly byte[] _offsets = new byte[WireName.MaximumLabels];
    private readonly uint[] _hashes = new uint[WireName.MaximumLabels];

    /// <summary>How many bytes the name has.</summary>
    internal int Length { get; private set; }

    /// <summary>How many labels it has, without the root's.</summary>
    internal int Labels { get; private set; }

    /// <summary>The name in small letters.</summary>
    internal ReadOnlySpan<byte> Lower => _lower.AsSpan(0, Length);

    /// <summary>The ancestor that is left when so many labels are taken away; 0 is the name itself.</summary>
    internal ReadOnlySpan<byte> Ancestor(int labelsAway) => _lower.AsSpan(Offset(labelsAway), Length - Offset(labelsAway));

    /// <summary>Where that ancestor begins in the name.</summary>
    internal int Offset(int labelsAway) => labelsAway == Labels ? Length - 1 : _offsets[labelsAway];

    /// <summary>The hash of that ancestor.</summary>
    internal uint Hash(int labelsAway) => _hashes[labelsAway];

    /// <summary>Takes the name at the beginning of the bytes, which has no pointers.</summary>
    /// <returns>How many bytes it has there; 0 when it is malformed.</returns>
    internal int TryLoad(ReadOnlySpan<byte> bytes)
    {
        int at = 0, labels = 0;
        while (true)
        {
            if ((uint)at >= (uint)bytes.Length || at >= WireName.Maximum)
                return 0;
            var size = bytes[at];
            if (size == 0)
                break;
            if (size > 63)
                return 0;
            _offsets[labels++] = (byte)at;
            at += size + 1;
        }

        Length = at + 1;
        Labels = labels;
        WireName.ToLower(bytes[..Length], _lower);
        HashAll();
        return Length;
    }

    /// <summary>The hash of a valid name, as a lookup computes it.</summary>
    internal static uint HashOf(ReadOnlySpan<byte> name)
    {
        var key = _own ??= new NameKey();
        key.TryLoad(name);
        return key.Hash(0);
    }

    [ThreadStatic]
    private static NameKey? _own;

    private void HashAll()
    {
        var hash = RootHash;
        _hashes[Labels] = Fold(hash);
        for (var label = Labels - 1; label >= 0; label--)
        {
            int at = _offsets[label], left = _lower[at] + 1;
            for (; left > 8; left -= 8, at += 8)
                hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(_lower.AsSpan(at)));
            hash = Mix(hash ^ (BinaryPrimitives.ReadUInt64LittleEndian(_lower.AsSpan(at)) & (ulong.MaxValue >> (64 - (left * 8)))));
            _hashes[label] = Fold(hash);
        }
    }

    private static ulong Mix(ulong value)
    {
        value *= Multiplier;
        return value ^ (value >> 29);
    }

    private static uint Fold(ulong hash) => (uint)(hash ^ (hash >> 32));
}
