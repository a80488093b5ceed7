namespace Securely.Settings;

/// <summary>What to do when settings change.</summary>
public sealed record UpdateHook
{
    /// <summary>The names that it is for; <c>*</c> stands for any letters, as in <c>APP_*</c>. All names by default.</summary>
    public IReadOnlyList<string> Names { get; init; } = ["*"];

    /// <summary>A command for the shell; null for none. It finds the names in <c>SETTINGS_CHANGED</c>, with blanks between them, and no value.</summary>
    public string? Command { get; init; }

    /// <summary>An address that gets a POST of <c>{"file", "changed": [names], "by", "at"}</c>; null for none.</summary>
    public Uri? Url { get; init; }

    /// <summary>Whether the running server gets a message over its control socket.</summary>
    public bool TellsServer { get; init; }

    /// <summary>How long the command, or one try of the call, may take; 30 s by default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a call that fails is tried again, with a pause that doubles from 250 ms; 3 by default.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Whether a name is one of the hook's.</summary>
    /// <param name="name">The name.</param>
    public bool IsFor(string name) => Names.Any(pattern => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));
}

/// <summary>What the server and an address are told: names, never values.</summary>
/// <param name="File">The file of the settings.</param>
/// <param name="Changed">The names of those that changed.</param>
/// <param name="By">Who changed them.</param>
/// <param name="At">When.</param>
public sealed record SettingsMessage(string File, IReadOnlyList<string> Changed, string By, DateTimeOffset At);

/// <summary>How a hook ended.</summary>
/// <param name="Hook">What it was, as in <c>command [./restart]</c>.</param>
/// <param name="Error">Why it failed; null when it did not.</param>
public sealed record HookResult(string Hook, string? Error);
