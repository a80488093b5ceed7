using System.Security.Cryptography;

namespace Securely.Dns;

/// <summary>A question as the cache and the forwarder tell it from others: two that are equal get one answer. Immutable, for any thread.</summary>
internal sealed class ForwardKey : IEquatable<ForwardKey>
{
    // Nobody outside can make names that meet in one place of a table.
    private static readonly byte[] _secret = RandomNumberGenerator.GetBytes(16);

    private readonly ulong _guarded;

    internal ForwardKey(ReadOnlySpan<byte> lowerName, RecordType type, QuestionFlags flags, uint nameHash)
    {
        Name = lowerName.ToArray();
        Type = type;
        Flags = flags;
        Hash = HashOf(nameHash, type, flags);
        _guarded = SipHash.Compute(_secret, Name) ^ (((ulong)type << 8) | (byte)flags);
    }

    /// <summary>The name in small letters, as it stands in messages.</summary>
    internal byte[] Name { get; }

    internal RecordType Type { get; }

    internal QuestionFlags Flags { get; }

    /// <summary>What the cache finds it by.</summary>
    internal uint Hash { get; }

    internal static uint HashOf(uint name, RecordType type, QuestionFlags flags)
    {
        var hash = (name ^ (((uint)type << 2) | (uint)flags)) * 0x9E3779B1;
        return hash ^ (hash >> 15);
    }

    internal static ForwardKey Of(DomainName name, RecordType type, QuestionFlags flags = QuestionFlags.None) => new(name.Lower, type, flags, name.Hash);

    /// <summary>The same question for any type.</summary>
    internal ForwardKey OfAllTypes() => new(Name, RecordType.None, Flags, NameKey.HashOf(Name));

    internal bool Is(ReadOnlySpan<byte> lowerName, RecordType type, QuestionFlags flags) => Type == type && Flags == flags && lowerName.SequenceEqual(Name);

    public bool Equals(ForwardKey? other) => other is not null && _guarded == other._guarded && Is(other.Name, other.Type, other.Flags);

    public override bool Equals(object? obj) => obj is ForwardKey other && Equals(other);

    public override int GetHashCode() => (int)(_guarded ^ (_guarded >> 32));

    public override string ToString() => $"{DomainName.OfValid(Name)} {RecordSchema.NameOf(Type)}";
}

/// <summary>What a client says of its question that makes another answer of it.</summary>
[Flags]
internal enum QuestionFlags : byte
{
    None = 0,

    /// <summary>DO.</summary>
    WantsProof = 1,

    /// <summary>CD.</summary>
    CheckingDisabled = 2,
}
