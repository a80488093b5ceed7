using System.Text;

namespace Securely.Http;

/// <summary>
/// A header name that has been checked once to be a token (RFC 9110 5.1). Two names are equal whatever their case.
/// </summary>
/// <remarks>
/// A known name carries no bytes of its own and is written in its usual spelling; any other name is written as it was given.
/// Making one from a string allocates only when the name is not a known one, so keep such names in a static field.
/// Immutable and safe to share between threads. The default value names nothing, and every use of it throws.
/// </remarks>
public readonly partial struct HeaderName : IEquatable<HeaderName>
{
    private readonly byte[]? _bytes;

    internal HeaderName(KnownHeader known) => Known = known;

    private HeaderName(byte[] bytes)
    {
        _bytes = bytes;
        Known = KnownHeader.Unknown;
    }

    /// <summary>Which known name this is; <see cref="KnownHeader.Unknown"/> for all others.</summary>
    public KnownHeader Known { get; }

    /// <summary>The name as it is written on the wire; empty for the default value.</summary>
    public ReadOnlySpan<byte> Bytes => Known != KnownHeader.Unknown ? KnownHeaders.Name(Known) : _bytes;

    /// <summary>Checks a name.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <exception cref="ArgumentException">The name is empty, is not a token, or has more than 65,535 characters.</exception>
    public static HeaderName Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return TryParse(name, out var result) ? result : throw new ArgumentException(
            $"Header name [{Printable(name)}] is not a token; use letters, digits and !#$%&'*+-.^_`|~ only.", nameof(name));
    }

    /// <summary>Checks a name; false when it is empty, is not a token, or has more than 65,535 characters.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <param name="result">The checked name.</param>
    public static bool TryParse(ReadOnlySpan<char> name, out HeaderName result)
    {
        result = default;
        if (name.Length > ushort.MaxValue || !HttpTokens.IsToken(name))
        {
            return false;
        }

        Span<byte> bytes = name.Length <= 64 ? stackalloc byte[64] : new byte[name.Length];
        bytes = bytes[..Encoding.ASCII.GetBytes(name, bytes)];
        var known = KnownHeaders.Recognise(bytes);
        result = known != KnownHeader.Unknown ? new HeaderName(known) : new HeaderName(bytes.ToArray());
        return true;
    }

    /// <summary>Same as <see cref="Parse"/>.</summary>
    /// <param name="name">The name, in any case.</param>
    public static implicit operator HeaderName(string name) => Parse(name);

    /// <summary>Whether both are the same name, whatever their case.</summary>
    /// <param name="left">A name.</param>
    /// <param name="right">Another name.</param>
    public static bool operator ==(HeaderName left, HeaderName right) => left.Equals(right);

    /// <summary>Whether the names differ by more than their case.</summary>
    /// <param name="left">A name.</param>
    /// <param name="right">Another name.</param>
    public static bool operator !=(HeaderName left, HeaderName right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(HeaderName other) =>
        Known == other.Known && (Known != KnownHeader.Unknown || Ascii.EqualsIgnoreCase(Bytes, other.Bytes));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is HeaderName other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        if (Known != KnownHeader.Unknown)
        {
            return (int)Known;
        }

        uint hash = 2166136261;
        foreach (byte value in Bytes)
        {
            hash = (hash ^ (value is >= (byte)'A' and <= (byte)'Z' ? value | 0x20u : value)) * 16777619;
        }

        return (int)hash;
    }

    /// <summary>The name as text.</summary>
    public override string ToString() => Known != KnownHeader.Unknown ? KnownHeaders.Text(Known) : Encoding.ASCII.GetString(Bytes);

    /// <summary>Replaces what would break a line of a log, so that a hostile name can be quoted in an error.</summary>
    private static string Printable(string name) =>
        string.Create(Math.Min(name.Length, 64), name, static (target, source) =>
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = char.IsControl(source[i]) ? '?' : source[i];
            }
        });
}
