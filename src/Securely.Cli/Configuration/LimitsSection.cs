using Securely.Config;

namespace Securely.Cli;

/// <summary>Reads <c>limits</c>: what the process as a whole grants.</summary>
internal static class LimitsSection
{
    public const string Name = "limits";

    /// <summary>The most connections of clients; null leaves it to the system's limit of open files.</summary>
    public static int? Read(SectionReader root) => root.Map(Name)?.IntegerOrNull("connections", 1);
}
