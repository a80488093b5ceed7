using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Securely.Config;

namespace Securely.Cli;

/// <summary>Says what is wrong with a command line: the reason, the nearest name, and which help to read.</summary>
internal static partial class UsageErrors
{
    private const int MaximumDistance = 3;

    /// <summary>Whether the first word names no command, which must not be hidden by a --help that follows it.</summary>
    public static bool HasUnknownCommand(ParseResult result) =>
        result.CommandResult.Command is RootCommand && result.Action is not SuggestAction && result.UnmatchedTokens.Count > 0;

    /// <summary>Whether an option that the command does not have would be taken for an argument, which is what the parser does with it.</summary>
    public static bool HasOptionForArgument(ParseResult result) => OptionsForArguments(result).Any();

    public static int Write(Output output, ParseResult result)
    {
        foreach (var message in Messages(result))
            output.Fail(message);
        Hint(output, result.CommandResult.Command);
        return ExitCode.Usage;
    }

    /// <summary>Ends every usage error with the way out.</summary>
    public static void Hint(Output output, Command command)
    {
        var name = command is RootCommand || command.Hidden ? "" : " " + command.Name;
        output.Error.WriteLine($"Run {CommandShape.Program}{name} --help");
    }

    public static string UnknownCommand(string name, Command root) => PlannedCommands.Of(name) ??
        $"Command [{name}] is not defined" + Suggestion(name, CommandShape.Commands(root).Select(known => known.Name));

    private static IEnumerable<string> Messages(ParseResult result)
    {
        var command = result.CommandResult.Command;
        if (HasOptionForArgument(result))
            return OptionsForArguments(result).Select(token => Unknown(token, command) + " (an argument that begins like this goes behind [--])");
        if (result.UnmatchedTokens.Count == 0)
            return result.Errors.Select(Describe).Distinct(StringComparer.Ordinal);
        if (command is RootCommand)
            return [Unknown(result.UnmatchedTokens[0], command)];
        // The value of an unknown option is unmatched too; naming it would only distract from the option.
        var options = result.UnmatchedTokens.Where(IsOption).ToList();
        return (options.Count > 0 ? options : result.UnmatchedTokens).Select(token => Unknown(token, command));
    }

    private static IEnumerable<string> OptionsForArguments(ParseResult result)
    {
        var arguments = result.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).ToHashSet();
        return result.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).Where(arguments.Contains).Select(token => token.Value)
            .Where(value => value.Length > 2 && value.StartsWith("--", StringComparison.Ordinal));
    }

    private static string Unknown(string token, Command command)
    {
        if (IsOption(token))
        {
            var equals = token.IndexOf('=', StringComparison.Ordinal);
            var option = equals < 0 ? token : token[..equals];
            var known = CommandShape.Options(command).SelectMany(candidate => candidate.Aliases.Append(candidate.Name));
            return $"Option [{option}] is not defined" + Suggestion(option, known.Where(name => name.Length > 2));
        }

        if (command is RootCommand)
            return UnknownCommand(token, command);
        return $"Argument [{token}] is one too many";
    }

    private static string Describe(ParseError error) => error.SymbolResult switch
    {
        ArgumentResult { Tokens.Count: 0, Parent: OptionResult { IdentifierToken: { } token } option } =>
            $"Option [{token.Value}] needs a value, {CommandShape.ValueName(option.Option)}",
        OptionResult { Tokens.Count: 0, IdentifierToken: { } token } option when option.Option.Arity.MinimumNumberOfValues > 0 =>
            $"Option [{token.Value}] needs a value, {CommandShape.ValueName(option.Option)}",
        ArgumentResult { Tokens: [.., var value], Parent: OptionResult { IdentifierToken: { } token } option } when NumberOf(option.Option.ValueType) is { } what =>
            $"Option [{token.Value}]: [{value.Value}] is not {what}, as in [{token.Value} 2]",
        OptionResult { Tokens: [.., var value], IdentifierToken: { } token } option when NumberOf(option.Option.ValueType) is { } what =>
            $"Option [{token.Value}]: [{value.Value}] is not {what}, as in [{token.Value} 2]",
        ArgumentResult { Tokens: [.., var value], Parent: CommandResult } argument when NumberOf(argument.Argument.ValueType) is { } what =>
            $"Argument [{CommandShape.ArgumentName(argument.Argument)}]: [{value.Value}] is not {what}, as in [2]",
        ArgumentResult { Tokens.Count: 0, Parent: CommandResult } argument =>
            $"Argument [{CommandShape.ArgumentName(argument.Argument)}] is missing",
        _ => InHouseStyle(error.Message),
    };

    /// <summary>What a type of numbers is called by those who do not program; null for all other types.</summary>
    private static string? NumberOf(Type type) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type) switch
    {
        TypeCode.Double or TypeCode.Single or TypeCode.Decimal => "a number",
        >= TypeCode.SByte and <= TypeCode.UInt64 => "a whole number",
        _ => null,
    };

    /// <summary>The parser quotes names and ends with a full stop; all other errors of the program do neither.</summary>
    private static string InHouseStyle(string message) => QuotedName().Replace(message, "[$1]").TrimEnd('.');

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex QuotedName();

    private static bool IsOption(string token) => token.Length > 1 && token[0] == '-';

    private static string Suggestion(string name, IEnumerable<string> known) =>
        NearestName.Find(name, known, MaximumDistance) is { } nearest ? $"; did you mean [{nearest}]?" : "";
}
