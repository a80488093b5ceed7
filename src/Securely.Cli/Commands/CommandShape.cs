using System.CommandLine;

namespace Securely.Cli;

/// <summary>How a command is written down: in help, in the list, in JSON and in docs/cli.md alike.</summary>
internal static class CommandShape
{
    public const string Program = "securely";

    /// <summary>The namespace of <c>queue:work</c> is <c>queue</c>; that of <c>serve</c> is empty.</summary>
    public static string Namespace(Command command)
    {
        var colon = command.Name.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? "" : command.Name[..colon];
    }

    /// <summary>The program that a command belongs to.</summary>
    public static RootCommand Root(Command command) => command.Parents.OfType<RootCommand>().Single();

    /// <summary>Visible commands, those without a namespace first, then by namespace and name.</summary>
    public static IEnumerable<Command> Commands(Command root) => root.Subcommands
        .Where(command => !command.Hidden)
        .OrderBy(Namespace, StringComparer.Ordinal)
        .ThenBy(command => command.Name, StringComparer.Ordinal);

    /// <summary>The options of a command with those that it inherits.</summary>
    public static IEnumerable<Option> Options(Command command)
    {
        var inherited = command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive);
        return command.Options.Concat(inherited).Where(option => !option.Hidden);
    }

    public static string Usage(Command command)
    {
        if (command is RootCommand)
            return $"{Program} COMMAND [OPTIONS]";
        var parts = new List<string> { Program, command.Name };
        parts.AddRange(command.Options.Where(option => option.Required && !option.Hidden).Select(RequiredOption));
        if (Options(command).Any(option => !option.Required))
            parts.Add("[OPTIONS]");
        parts.AddRange(command.Arguments.Where(argument => !argument.Hidden).Select(Argument));
        return string.Join(' ', parts);
    }

    /// <summary><c>-c, --conf FILE</c>: short names first, then the long one, then what it takes.</summary>
    public static string Option(Option option)
    {
        var names = option.Aliases.Append(option.Name).OrderBy(name => name.StartsWith("--", StringComparison.Ordinal))
            .ThenBy(name => name == option.Name ? 0 : 1);
        return string.Join(", ", names) + Value(option);
    }

    public static string ValueName(Option option) => option.HelpName ?? "VALUE";

    public static string ArgumentName(Argument argument) => argument.HelpName ?? argument.Name;

    private static string Argument(Argument argument)
    {
        var name = ArgumentName(argument);
        if (argument.Arity.MaximumNumberOfValues > 1)
            name += "...";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static string RequiredOption(Option option) => option.Name + Value(option);

    private static string Value(Option option)
    {
        if (option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) || option.HelpName is null)
            return "";
        if (option.Arity.MinimumNumberOfValues == 0)
            return $" [{option.HelpName}]";
        return " " + option.HelpName + (option.Arity.MaximumNumberOfValues > 1 ? "..." : "");
    }
}
