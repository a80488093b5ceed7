namespace Securely.Settings;

/// <summary>What happened to a setting, as its history tells.</summary>
public sealed record SettingChange
{
    /// <summary>The number of the change, counted from 1 in each file.</summary>
    public required long Id { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who made it: the user of the system.</summary>
    public required string By { get; init; }

    /// <summary>The command: <c>set</c>, <c>forget</c>, <c>import</c>, <c>edit</c>, <c>rotate</c>, <c>rollback</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The name of the setting.</summary>
    public required string Name { get; init; }

    /// <summary>Whether there was a value before.</summary>
    public bool HadValue { get; init; }

    /// <summary>Whether there is one after.</summary>
    public bool HasValue { get; init; }

    /// <summary>The stored value before, encrypted; null when there was none, or no key to encrypt it with.</summary>
    public string? Old { get; init; }

    /// <summary>The stored value after, encrypted; null when there is none, or no key to encrypt it with.</summary>
    public string? New { get; init; }

    /// <summary>Nothing of the values.</summary>
    public override string ToString() => $"{Id} {Action} {Name}";
}
