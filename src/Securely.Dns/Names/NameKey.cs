using System.Buffers.Binary;
using System.Runtime.CompilerServices;

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

    /// <summary>What the hashes of all names below a name begin with.</summary>
    internal static ulong StateOf(DomainName name)
    {
        var key = _own ??= new NameKey();
        key.TryLoad(name.Wire);
        return key.HashAll();
    }

    /// <summary>Goes from what the hash of a name begins with to that of a name with one label more.</summary>
    /// <param name="state">The name above.</param>
    /// <param name="label">The label with its length, in small letters; eight more bytes behind it can be read.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Extend(ulong state, ref byte label)
    {
        var left = label + 1;
        for (; left > 8; left -= 8, label = ref Unsafe.Add(ref label, 8))
            state = Mix(state ^ Word(ref label));
        return Mix(state ^ (Word(ref label) & (ulong.MaxValue >> (64 - (left * 8)))));
    }

    /// <summary>The hash of a name from its state.</summary>
    internal static uint Fold(ulong state) => (uint)(state ^ (state >> 32));

    private ulong HashAll()
    {
        var state = RootHash;
        _hashes[Labels] = Fold(state);
        for (var label = Labels - 1; label >= 0; label--)
        {
            state = Extend(state, ref _lower[_offsets[label]]);
            _hashes[label] = Fold(state);
        }

        return state;
    }

    private static ulong Word(ref byte at)
    {
        var word = Unsafe.ReadUnaligned<ulong>(ref at);
        return BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
    }

    private static ulong Mix(ulong value)
    {
        value *= Multiplier;
        return value ^ (value >> 29);
    }
}
