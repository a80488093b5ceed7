namespace Securely.Dns;

/// <summary>A name of a zone that exists: it has records, or names below it have. Immutable once the zone is built.</summary>
internal sealed class ZoneNode(DomainName name)
{
    /// <summary>The name.</summary>
    internal DomainName Name { get; } = name;

    /// <summary>Its records by type, in the order of the types; empty for a name that exists only because of others (RFC 4592, 2.2.2).</summary>
    internal RecordSet[] Sets { get; set; } = [];

    /// <summary>The next name above; null for the zone's own.</summary>
    internal ZoneNode? Parent { get; set; }

    /// <summary>The name <c>*</c> below it, which stands for those that do not exist.</summary>
    internal ZoneNode? Wildcard { get; set; }

    /// <summary>What takes the name out of the zone: the topmost delegation at or above it, or DNAME above it.</summary>
    internal ZoneNode? Cover { get; set; }

    /// <summary>Whether name servers of another zone are named here.</summary>
    internal bool IsDelegation { get; set; }

    /// <summary>Where the chain of its records begins while a file is made into a zone; -1 for a name without records.</summary>
    internal int FirstRecord { get; set; } = -1;

    /// <summary>The run that its sets are from where they were ready; 0 for others.</summary>
    internal int Run { get; init; }

    /// <summary>The records of a type; null when there are none.</summary>
    internal RecordSet? Find(RecordType type)
    {
        foreach (var set in Sets)
        {
            if (set.Type == type)
                return set;
        }

        return null;
    }
}
