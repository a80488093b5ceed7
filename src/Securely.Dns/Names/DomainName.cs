using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Securely.Dns;

/// <summary>
/// An absolute domain name, kept as the bytes that stand in messages. Two names are equal when they differ only in the case of their letters
/// (RFC 4343); the order is DNSSEC's (RFC 4034, 6.1). Immutable, for any thread.
/// </summary>
public sealed class DomainName : IEquatable<DomainName>, IComparable<DomainName>
{
    private readonly byte[] _wire;
    private readonly byte[] _lower;

    private DomainName(byte[] wire)
    {
        _wire = wire;
        _lower = wire;
        if (wire.AsSpan().ContainsAnyInRange((byte)'A', (byte)'Z'))
        {
            _lower = new byte[wire.Length];
            WireName.ToLower(wire, _lower);
        }

        Hash = NameKey.HashOf(_lower);
    }

    /// <summary>The name of the root, <c>.</c></summary>
    public static DomainName Root { get; } = new([0]);

    /// <summary>The labels with their lengths, case kept, the root's zero at the end: 1 to 255 bytes.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>How many labels it has, without the root's: 0 to 127.</summary>
    public int LabelCount => WireName.CountLabels(_wire);

    /// <summary>Whether it is the root.</summary>
    public bool IsRoot => _wire.Length == 1;

    /// <summary>Whether its first label is <c>*</c> alone (RFC 4592, 2.1.1).</summary>
    public bool IsWildcard => _wire[0] == 1 && _wire[1] == (byte)'*';

    /// <summary>The name without its first label; null for the root.</summary>
    public DomainName? Parent => IsRoot ? null : new DomainName(_wire[(_wire[0] + 1)..]);

    /// <summary>The name in small letters, as lookups compare it.</summary>
    internal ReadOnlySpan<byte> Lower => _lower;

    /// <summary>The hash that lookups find it by.</summary>
    internal uint Hash { get; }

    /// <summary>Reads a name, with or without its final dot; <c>\DDD</c> and <c>\X</c> are escapes (RFC 1035, 5.1).</summary>
    /// <param name="text">The name.</param>
    /// <returns>The absolute name.</returns>
    /// <exception cref="FormatException">It is no name: a label over 63 bytes, an empty one, over 255 bytes in all, or a bad escape.</exception>
    public static DomainName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, Root, out var name, out var error) ? name : throw new FormatException($"The name [{text}] {error}.");
    }

    /// <summary>As <see cref="Parse"/>, without the exception.</summary>
    /// <param name="text">The name.</param>
    /// <param name="name">The absolute name.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DomainName? name)
    {
        name = null;
        return text is not null && TryParse(text, Root, out name, out _);
    }

    /// <summary>Takes a name as it stands in a message, without pointers.</summary>
    /// <param name="wire">Labels with their lengths and the final zero; copied.</param>
    /// <returns>The name.</returns>
    /// <exception cref="FormatException">It is no name.</exception>
    public static DomainName FromWire(ReadOnlySpan<byte> wire) =>
        WireName.Measure(wire) == wire.Length && wire.Length > 0 ? OfValid(wire) : throw new FormatException("The bytes are not one domain name.");

    /// <summary>Whether it is that name or one below it.</summary>
    /// <param name="ancestor">The name above.</param>
    public bool IsWithin(DomainName ancestor)
    {
        ArgumentNullException.ThrowIfNull(ancestor);
        return _lower.AsSpan().EndsWith(ancestor._lower) && WireName.IsWithin(_lower, ancestor._lower);
    }

    /// <inheritdoc/>
    public bool Equals(DomainName? other) => other is not null && Hash == other.Hash && _lower.AsSpan().SequenceEqual(other._lower);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DomainName other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Hash;

    /// <inheritdoc/>
    public int CompareTo(DomainName? other) => other is null ? 1 : WireName.Compare(_lower, other._lower);

    /// <summary>Whether two names are the same but for the case of their letters.</summary>
    public static bool operator ==(DomainName? left, DomainName? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two names differ in more than the case of their letters.</summary>
    public static bool operator !=(DomainName? left, DomainName? right) => !(left == right);

    /// <summary>Whether the left name comes first in DNSSEC's order.</summary>
    public static bool operator <(DomainName? left, DomainName? right) => left is null ? right is not null : left.CompareTo(right) < 0;

    /// <summary>Whether the left name comes first in DNSSEC's order, or both are the same.</summary>
    public static bool operator <=(DomainName? left, DomainName? right) => left is null || left.CompareTo(right) <= 0;

    /// <summary>Whether the left name comes last in DNSSEC's order.</summary>
    public static bool operator >(DomainName? left, DomainName? right) => right < left;

    /// <summary>Whether the left name comes last in DNSSEC's order, or both are the same.</summary>
    public static bool operator >=(DomainName? left, DomainName? right) => right <= left;

    /// <summary>The name with its final dot, special bytes escaped, so that a terminal or a log is safe from it.</summary>
    /// <returns>A text that <see cref="Parse"/> reads back.</returns>
    public override string ToString()
    {
        var text = new StringBuilder(_wire.Length + 8);
        NameText.Format(_wire, text);
        return text.ToString();
    }

    /// <summary>Reads a name that may be relative to an origin.</summary>
    internal static bool TryParse(ReadOnlySpan<char> text, DomainName? origin, [NotNullWhen(true)] out DomainName? name, [NotNullWhen(false)] out string? error)
    {
        Span<byte> wire = stackalloc byte[WireName.Maximum];
        name = NameText.TryParse(text, origin, wire, out var length, out error) ? OfValid(wire[..length]) : null;
        return name is not null;
    }

    /// <summary>Takes bytes that are known to be a name.</summary>
    internal static DomainName OfValid(ReadOnlySpan<byte> wire) => wire.Length == 1 && Root is { } root ? root : new DomainName(wire.ToArray());
}
