using System.Diagnostics.CodeAnalysis;

namespace Securely.Dns;

/// <summary>The owner of the records that are being read: a name in memory that is used for the next one too. One thread at a time.</summary>
internal sealed class ZoneOwner
{
    // Eight bytes more, so that the last label can be read as a whole word.
    private readonly byte[] _wire = new byte[WireName.Maximum + 9];
    private readonly byte[] _lower = new byte[WireName.Maximum + 9];

    /// <summary>How many bytes it has; 0 where there is none.</summary>
    internal int Length { get; set; }

    /// <summary>Its hash.</summary>
    internal uint Hash { get; set; }

    /// <summary>As it was written.</summary>
    internal ReadOnlySpan<byte> Wire => _wire.AsSpan(0, Length);

    /// <summary>In small letters.</summary>
    internal ReadOnlySpan<byte> Lower => _lower.AsSpan(0, Length);

    /// <summary>Where a name is written that is read elsewhere.</summary>
    internal byte[] WireBuffer => _wire;

    /// <summary>The same for its small letters.</summary>
    internal byte[] LowerBuffer => _lower;

    /// <summary>Reads a name.</summary>
    /// <param name="text">The text.</param>
    /// <param name="origin">What a relative one is completed with.</param>
    /// <param name="error">What is wrong; null when nothing is.</param>
    /// <returns>False when it is no name; there is no owner then.</returns>
    internal bool TryRead(ReadOnlySpan<char> text, DomainName? origin, [NotNullWhen(false)] out string? error)
    {
        if (!NameText.TryParse(text, origin, _wire, out var length, out error))
        {
            Length = 0;
            return false;
        }

        Length = length;
        WireName.ToLower(Wire, _lower);
        Hash = NameKey.HashOf(Lower);
        return true;
    }

    /// <summary>Becomes the same as another.</summary>
    internal void Take(ZoneOwner other)
    {
        other.Wire.CopyTo(_wire);
        other.Lower.CopyTo(_lower);
        (Length, Hash) = (other.Length, other.Hash);
    }

    /// <inheritdoc/>
    public override string ToString() => DomainName.OfValid(Wire).ToString();
}
