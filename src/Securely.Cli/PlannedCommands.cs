namespace Securely.Cli;

/// <summary>Commands that are documented but that this version does not have: whoever types one is told so, and not that he has misspelt another.</summary>
internal static class PlannedCommands
{
    private static readonly string[] _names =
    [
        "reload", "upgrade", "doctor",
        .. Of("store", "get put add has pull increment decrement forget flush list stats prune"),
        .. Of("queue", "work push list size failed retry forget flush clear pause resume restart monitor batches prune-failed"),
        .. Of("schedule", "list run work test interrupt"),
        .. Of("workflows", "list show start signal query cancel retry history prune replay work"),
        .. Of("mail", "send list show"),
        .. Of("dns", "keys"),
    ];

    /// <summary>What is said of a command or of a namespace; null when it is not one of them.</summary>
    /// <param name="name">The name.</param>
    public static string? Of(string name) => _names.Contains(name, StringComparer.Ordinal) ? $"Command [{name}] is not available yet" : null;

    /// <summary>What is said of a namespace that has none but such commands; null when it is none.</summary>
    /// <param name="name">The namespace.</param>
    public static string? OfNamespace(string name) =>
        _names.Any(command => command.StartsWith(name + ":", StringComparison.Ordinal)) ? $"The commands of [{name}] are not available yet" : null;

    private static IEnumerable<string> Of(string group, string verbs) => verbs.Split(' ').Select(verb => $"{group}:{verb}");
}
