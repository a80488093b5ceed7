namespace Securely.Dns;

/// <summary>How a zone stands at one moment. Immutable.</summary>
/// <param name="Name">The zone's name.</param>
public sealed record ZoneStatus(DomainName Name)
{
    /// <summary>Whether it is copied from another server.</summary>
    public bool IsSecondary { get; init; }

    /// <summary>Its serial number; null for a copy that was never got.</summary>
    public uint? Serial { get; init; }

    /// <summary>How many records it has.</summary>
    public int Records { get; init; }

    /// <summary>How many names it has.</summary>
    public int Names { get; init; }

    /// <summary>Whether it is not answered for, because no primary has confirmed it in time.</summary>
    public bool IsExpired { get; init; }

    /// <summary>When it is no longer answered for unless a primary confirms it before; null for a zone of our own.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When a primary is asked next; null for a zone of our own.</summary>
    public DateTimeOffset? RefreshesAt { get; init; }

    /// <summary>Whether it has changes that are in its journal only, and not in its file.</summary>
    public bool IsJournaled { get; init; }

    /// <summary>Why it could not be got the last time; null when it could.</summary>
    public string? LastError { get; init; }
}
