using Securely.Config;
using Securely.Validation;

namespace Securely.Settings;

/// <summary>Which settings, and how they are kept.</summary>
public sealed record SettingsOptions
{
    /// <summary>The dotenv file. It need not exist; beside it stand <c>FILE.lock</c> and <c>FILE.history</c>, and for a moment <c>FILE.new</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Encrypts and decrypts; null where there is no key: secrets can then neither be read nor written, and the history keeps names only.</summary>
    public ConfigSecrets? Secrets { get; init; }

    /// <summary>Who makes changes, for the history; the user of this process by default.</summary>
    public string User { get; init; } = Environment.UserName;

    /// <summary>How long a writer waits for another one; 10 s by default.</summary>
    public TimeSpan LockPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What the settings have to look like, by their names; null for anything.</summary>
    public ConfigSchema? Schema { get; init; }

    /// <summary>
    /// Rules of validation for the settings, by their names, such as <c>required|integer|between:1,65535</c>; null for none. They see plain values, as
    /// an application reads them: <c>true</c> and <c>null</c> without quotes are what they say, all else is text.
    /// </summary>
    public RuleSet? Rules { get; init; }

    /// <summary>The clock of the history and of waiting; the system's by default.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
