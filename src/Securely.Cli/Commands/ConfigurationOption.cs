using System.CommandLine;

namespace Securely.Cli;

/// <summary>The <c>-c FILE</c> that every server command takes.</summary>
internal static class ConfigurationOption
{
    public const string Name = "--conf";

    public static Option<string?> Create() => new(Name, "-c") { HelpName = "FILE", Description = "The configuration file" };
}
