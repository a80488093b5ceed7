using Securely.Encrypt;
using Securely.Settings;

namespace Securely.Cli;

/// <summary>The key as it stands in a file of settings, where a command may replace it.</summary>
internal static class RotatableKey
{
    private const string Current = "APP_KEY";
    private const string Previous = "APP_PREVIOUS_KEYS";

    /// <summary>Whether a setting is one of the two that hold keys.</summary>
    public static bool IsKey(string name) => name is Current or Previous;

    /// <summary>Whether the key stands in these settings themselves: not in the environment, which wins, and not in a file or command that they name.</summary>
    public static bool IsIn(SettingsManager settings, CliEnvironment environment) =>
        environment.Variable(Current) is null && settings.Get(Current) is { } key && !KeySource.Parse(key, environment.Time).IsIndirect;

    /// <summary>What to set for a ring of keys.</summary>
    public static IReadOnlyCollection<KeyValuePair<string, string>> Settings(KeyRing ring) =>
    [
        KeyValuePair.Create(Current, ring.Current.Export()),
        KeyValuePair.Create(Previous, string.Join(',', ring.Previous.Select(key => key.Export()))),
    ];
}
