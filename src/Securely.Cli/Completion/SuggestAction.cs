using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Invocation;
using System.Globalization;

namespace Securely.Cli;

/// <summary>
/// Answers <c>securely "[suggest:POSITION]" "LINE"</c>, which the completion scripts ask: the words that fit at the
/// position of the line, one a line. LINE begins with the program as it was typed, POSITION counts its characters.
/// </summary>
internal sealed class SuggestAction(RootCommand root, Output output) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var position = parseResult.Tokens.FirstOrDefault(token => token.Type == System.CommandLine.Parsing.TokenType.Directive);
        var line = parseResult.UnmatchedTokens is [var only, ..] ? only : "";
        foreach (var word in Suggest(line, Position(position?.Value, line.Length)))
            output.WriteLine(word);
        return ExitCode.Ok;
    }

    private IEnumerable<string> Suggest(string line, int position)
    {
        line = line[..position];
        var start = EndOfProgram(line);
        if (start == line.Length)
            return [];
        line = line[start..];
        var result = root.Parse(line, CommandLine.Parsing);
        var context = ((TextCompletionContext)result.GetCompletionContext()).AtCursorPosition(line.Length);
        var word = context.WordToComplete;
        var fitting = result.GetCompletions(line.Length)
            .Select(item => item.Label)
            .Where(label => label.StartsWith(word, StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToList();
        // Options are offered when asked for with a dash, or where nothing else can stand: a file name may, for one.
        var takesWords = result.CommandResult.Command.Arguments.Count > 0 || fitting.Exists(label => label[0] != '-');
        return word.StartsWith('-') || !takesWords ? fitting : fitting.Where(label => label[0] != '-');
    }

    /// <summary>The program may have been typed as a path, so its word is skipped whatever it is.</summary>
    private static int EndOfProgram(string line)
    {
        var index = 0;
        while (index < line.Length && line[index] == ' ')
            index++;
        if (index < line.Length && line[index] is '"' or '\'')
        {
            var close = line.IndexOf(line[index], index + 1);
            return close < 0 ? line.Length : close + 1;
        }

        var end = line.IndexOf(' ', index);
        return end < 0 ? line.Length : end;
    }

    private static int Position(string? directive, int length)
    {
        var digits = directive?.Trim('[', ']').Split(':') is [_, var text] ? text : "";
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? Math.Min(position, length) : length;
    }
}
