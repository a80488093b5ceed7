namespace Securely.Dns;

/// <summary>One change of a set of records, as a program asks for it.</summary>
/// <param name="Action">What is done.</param>
/// <param name="Name">The name.</param>
/// <param name="Type">The type; <see cref="RecordType.Any"/> to remove all of a name.</param>
public sealed record RecordChange(RecordAction Action, DomainName Name, RecordType Type)
{
    /// <summary>The data of each record as zone files have it, names in it absolute; empty to remove the whole set.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>How long it may be kept, in seconds; null for what the set has, or an hour.</summary>
    public uint? Ttl { get; init; }
}

/// <summary>What is done to a set of records.</summary>
public enum RecordAction
{
    /// <summary>Records are added to it.</summary>
    Add,

    /// <summary>It has these records and no others.</summary>
    Set,

    /// <summary>Records are taken away, or all of it.</summary>
    Remove,
}
