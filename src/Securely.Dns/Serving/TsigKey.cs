using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Securely.Dns;

/// <summary>A secret that two servers share to sign their messages with (RFC 8945). Immutable, for any thread.</summary>
public sealed class TsigKey
{
    private static readonly Dictionary<string, HashAlgorithmName> _algorithms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["hmac-sha1"] = HashAlgorithmName.SHA1,
        ["hmac-sha256"] = HashAlgorithmName.SHA256,
        ["hmac-sha384"] = HashAlgorithmName.SHA384,
        ["hmac-sha512"] = HashAlgorithmName.SHA512,
    };

    private readonly byte[] _secret;

    /// <summary>Makes a key.</summary>
    /// <param name="name">Its name, the same on both sides.</param>
    /// <param name="algorithm"><c>hmac-sha1</c>, <c>hmac-sha256</c>, <c>hmac-sha384</c> or <c>hmac-sha512</c>.</param>
    /// <param name="secret">The secret; not empty.</param>
    /// <exception cref="FormatException">The algorithm is not known, or the secret is empty.</exception>
    public TsigKey(DomainName name, string algorithm, ReadOnlySpan<byte> secret)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(algorithm);
        if (!TryFindAlgorithm(algorithm, out var hash))
            throw new FormatException($"The algorithm [{algorithm}] of the key [{name}] is unknown; there are {string.Join(", ", _algorithms.Keys)}.");
        if (secret.IsEmpty)
            throw new FormatException($"The key [{name}] has no secret.");
        Name = name;
        AlgorithmName = DomainName.Parse(algorithm);
        Hash = hash;
        _secret = secret.ToArray();
    }

    /// <summary>The key's name.</summary>
    public DomainName Name { get; }

    /// <summary>The algorithm, as a name.</summary>
    public DomainName AlgorithmName { get; }

    internal HashAlgorithmName Hash { get; }

    /// <summary>How many bytes a signature has.</summary>
    internal int HashLength => Hash == HashAlgorithmName.SHA512 ? 64 : Hash == HashAlgorithmName.SHA384 ? 48 : Hash == HashAlgorithmName.SHA256 ? 32 : 20;

    /// <summary>Whether an algorithm is known.</summary>
    /// <param name="name">Its name.</param>
    public static bool IsKnownAlgorithm(string? name) => name is not null && TryFindAlgorithm(name, out _);

    /// <summary>Begins a signature.</summary>
    internal IncrementalHash Begin() => IncrementalHash.CreateHMAC(Hash, _secret);

    // RFC 8945, 6: SHA-1 is weak but must be there; MD5 is not.
    [SuppressMessage("Security", "CA5350", Justification = "RFC 8945 asks for HMAC-SHA1.")]
    private static bool TryFindAlgorithm(string name, out HashAlgorithmName hash) => _algorithms.TryGetValue(name.TrimEnd('.'), out hash);
}
