using System.CommandLine;
using System.Globalization;

namespace Securely.Cli.Tests;

/// <summary>Writes docs/cli.md from the declarations of the commands.</summary>
internal static class CommandReference
{
    public static string Write(RootCommand root)
    {
        var page = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        page.WriteLine("# Commands");
        page.WriteLine();
        page.WriteLine("Generated from the declarations of the commands by `ReferenceTests`; run the tests with `SECURELY_UPDATE_GOLDEN=1` to write it again.");
        page.WriteLine();
        page.WriteLine("Exit codes: 0 ok, 1 failed, 2 usage, 3 configuration. Results go to standard output, diagnostics and progress to standard error.");
        page.WriteLine("Colour is used on terminals only and never where `NO_COLOR` is set.");
        page.WriteLine();
        WriteTable(page, ["Option of the program", "Meaning"], CommandShape.Options(root).Select(Row));
        var group = "";
        foreach (var command in CommandShape.Commands(root))
        {
            if (CommandShape.Namespace(command) != group)
            {
                group = CommandShape.Namespace(command);
                page.WriteLine();
                page.WriteLine($"## {group}");
            }

            Write(page, command);
        }

        return page.ToString();
    }

    private static void Write(StringWriter page, Command command)
    {
        page.WriteLine();
        page.WriteLine($"{(CommandShape.Namespace(command).Length == 0 ? "##" : "###")} {command.Name}");
        page.WriteLine();
        page.WriteLine(command.Description + ".");
        page.WriteLine();
        page.WriteLine("```");
        page.WriteLine(CommandShape.Usage(command));
        page.WriteLine("```");
        page.WriteLine();
        if (command.Arguments.Count > 0)
        {
            WriteTable(page, ["Argument", "Meaning"], command.Arguments.Select(argument => (CommandShape.ArgumentName(argument), argument.Description ?? "")));
            page.WriteLine();
        }

        WriteTable(page, ["Option", "Meaning"], CommandShape.Options(command).Select(Row));
        page.WriteLine();
        if (command is not DocumentedCommand documented)
            return;
        foreach (var paragraph in documented.Details)
        {
            page.WriteLine(paragraph);
            page.WriteLine();
        }

        WriteTable(page, ["Example", "Meaning"], documented.Examples.Select(example => (example.CommandLine, example.Meaning)));
    }

    private static (string Name, string Meaning) Row(Option option) => (CommandShape.Option(option), option.Description ?? "");

    private static void WriteTable(StringWriter page, string[] columns, IEnumerable<(string Name, string Meaning)> rows)
    {
        page.WriteLine($"| {columns[0]} | {columns[1]} |");
        page.WriteLine("|---|---|");
        foreach (var (name, meaning) in rows)
            page.WriteLine($"| `{name.Replace("|", "\\|", StringComparison.Ordinal)}` | {meaning} |");
    }
}
