using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Securely.Proxy;

/// <summary>
/// Finds the site of a host: the exact name, else the longest wildcard, else the site that takes the rest. Immutable; finding
/// allocates nothing.
/// </summary>
internal sealed class HostTable
{
    private readonly FrozenDictionary<byte[], Site>.AlternateLookup<ReadOnlySpan<byte>> _exact;

    // Keys begin with the dot: ".app.test" stands for "*.app.test".
    private readonly FrozenDictionary<byte[], Site>.AlternateLookup<ReadOnlySpan<byte>> _wildcards;
    private readonly int _longestWildcard;
    private readonly Site? _rest;

    private HostTable(Dictionary<byte[], Site> exact, Dictionary<byte[], Site> wildcards, Site? rest)
    {
        _exact = exact.ToFrozenDictionary(NameComparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
        _wildcards = wildcards.ToFrozenDictionary(NameComparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
        _longestWildcard = wildcards.Keys.Select(name => name.Length).DefaultIfEmpty().Max();
        _rest = rest;
    }

    /// <summary>The site of a name that <see cref="HostName.TryReduce"/> gave, or null.</summary>
    [SkipLocalsInit]
    public Site? Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length > HostName.MaxLength)
        {
            return _rest;
        }

        Span<byte> lower = stackalloc byte[HostName.MaxLength];
        lower = lower[..name.Length];
        if (Ascii.ToLower(name, lower, out _) != System.Buffers.OperationStatus.Done)
        {
            return _rest;
        }

        return _exact.TryGetValue(lower, out var site) || FindWildcard(lower, out site) ? site : _rest;
    }

    private bool FindWildcard(ReadOnlySpan<byte> name, [NotNullWhen(true)] out Site? site)
    {
        // The star stands for at least one character, so a dot in front starts no suffix; what is longer than any suffix is none.
        var from = Math.Max(1, name.Length - _longestWildcard);
        while (_longestWildcard > 0)
        {
            var dot = from < name.Length ? name[from..].IndexOf((byte)'.') : -1;
            if (dot < 0)
            {
                break;
            }

            from += dot;
            if (_wildcards.TryGetValue(name[from..], out site))
            {
                return true;
            }

            from++;
        }

        site = null;
        return false;
    }

    /// <summary>Collects names, refusing those that are taken.</summary>
    public sealed class Builder
    {
        private readonly Dictionary<byte[], Site> _exact = new(NameComparer.Instance);
        private readonly Dictionary<byte[], Site> _wildcards = new(NameComparer.Instance);
        private Site? _rest;

        /// <summary>Adds a name; the problem, or null.</summary>
        public string? Add(string text, Site site)
        {
            if (text == "*")
            {
                if (_rest is not null)
                {
                    return Taken(text);
                }

                _rest = site;
                return null;
            }

            if (!HostName.TryParse(text, out var name, out var problem))
            {
                return problem;
            }

            return (name[0] == '.' ? _wildcards : _exact).TryAdd(name, site) ? null : Taken(text);
        }

        public HostTable Build() => new(_exact, _wildcards, _rest);

        private static string Taken(string text) => $"Host [{text}] is named twice; a host belongs to one site";
    }

    /// <summary>Compares names that are lower case already, whether they are keys or parts of a request.</summary>
    private sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly NameComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] name) => GetHashCode((ReadOnlySpan<byte>)name);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
