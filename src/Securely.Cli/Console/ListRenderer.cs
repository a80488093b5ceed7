using System.CommandLine;
using System.Text.Json;

namespace Securely.Cli;

/// <summary>Writes the commands grouped by namespace, as artisan does; also the help of the program itself.</summary>
internal sealed class ListRenderer(Output output)
{
    /// <summary>Writes how to call the program, its options and all commands.</summary>
    public void Write(Command root)
    {
        output.WriteLine($"Securely {output.Paint.Name(ProductVersion.Text)}");
        output.WriteLine();
        output.WriteLine(output.Paint.Heading("Usage:"));
        output.WriteLine("  " + CommandShape.Usage(root));
        output.WriteLine();
        output.WriteLine(output.Paint.Heading("Options:"));
        var options = new Table();
        foreach (var option in CommandShape.Options(root))
            options.Add(CommandShape.Option(option), option.Description ?? "");
        options.Write(output);
        output.WriteLine();
        WriteCommands(CommandShape.Commands(root), "Available commands:", "");
        output.WriteLine();
        output.WriteLine($"Run {CommandShape.Program} COMMAND --help for one of them.");
    }

    /// <summary>Writes only the commands of one namespace.</summary>
    public void Write(Command root, string only) =>
        WriteCommands(InNamespace(root, only), $"Available commands of [{only}]:", only);

    /// <summary>Writes the same as a document for programs: <c>{"version", "commands": [...]}</c>.</summary>
    public void WriteJson(Command root, string? only) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteString("version", ProductVersion.Text);
        json.WriteStartArray("commands");
        foreach (var command in only is null ? CommandShape.Commands(root) : InNamespace(root, only))
            WriteJson(json, command);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static IEnumerable<Command> InNamespace(Command root, string only) =>
        CommandShape.Commands(root).Where(command => CommandShape.Namespace(command) == only);

    private void WriteCommands(IEnumerable<Command> commands, string heading, string current)
    {
        output.WriteLine(output.Paint.Heading(heading));
        var table = new Table();
        foreach (var command in commands)
        {
            var group = CommandShape.Namespace(command);
            if (group != current)
                table.AddHeading(group);
            current = group;
            table.Add(command.Name, command.Description ?? "");
        }

        table.Write(output);
    }

    private static void WriteJson(Utf8JsonWriter json, Command command)
    {
        json.WriteStartObject();
        json.WriteString("name", command.Name);
        json.WriteString("namespace", CommandShape.Namespace(command));
        json.WriteString("description", command.Description);
        json.WriteString("usage", CommandShape.Usage(command));
        json.WriteStartArray("arguments");
        foreach (var argument in command.Arguments.Where(argument => !argument.Hidden))
            WriteJson(json, argument);
        json.WriteEndArray();
        json.WriteStartArray("options");
        foreach (var option in CommandShape.Options(command))
            WriteJson(json, option);
        json.WriteEndArray();
        json.WriteStartArray("examples");
        foreach (var example in (command as DocumentedCommand)?.Examples ?? [])
            json.WriteStringValue(example.CommandLine);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteJson(Utf8JsonWriter json, Argument argument)
    {
        json.WriteStartObject();
        json.WriteString("name", CommandShape.ArgumentName(argument));
        json.WriteString("description", argument.Description);
        json.WriteBoolean("required", argument.Arity.MinimumNumberOfValues > 0);
        json.WriteEndObject();
    }

    private static void WriteJson(Utf8JsonWriter json, Option option)
    {
        json.WriteStartObject();
        json.WriteString("name", option.Name);
        json.WriteStartArray("aliases");
        foreach (var alias in option.Aliases)
            json.WriteStringValue(alias);
        json.WriteEndArray();
        json.WriteString("value", option.HelpName);
        json.WriteString("description", option.Description);
        json.WriteBoolean("required", option.Required);
        json.WriteEndObject();
    }
}
