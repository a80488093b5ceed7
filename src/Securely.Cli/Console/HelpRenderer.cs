using System.CommandLine;

namespace Securely.Cli;

/// <summary>Writes the help of one command: what it does, how it is called, what it takes, and examples.</summary>
internal sealed class HelpRenderer(Output output)
{
    public void Write(Command command)
    {
        Heading("Description");
        output.WriteLine("  " + command.Description);
        output.WriteLine();
        Heading("Usage");
        output.WriteLine("  " + CommandShape.Usage(command));
        WriteArguments(command);
        WriteOptions(command);
        if (command is not DocumentedCommand documented)
            return;
        foreach (var paragraph in documented.Details)
        {
            output.WriteLine();
            output.WriteLine(paragraph);
        }

        WriteExamples(documented);
    }

    private void WriteArguments(Command command)
    {
        var arguments = command.Arguments.Where(argument => !argument.Hidden).ToList();
        if (arguments.Count == 0)
            return;
        output.WriteLine();
        Heading("Arguments");
        var table = new Table();
        foreach (var argument in arguments)
            table.Add(CommandShape.ArgumentName(argument), argument.Description ?? "");
        table.Write(output);
    }

    private void WriteOptions(Command command)
    {
        output.WriteLine();
        Heading("Options");
        var table = new Table();
        foreach (var option in CommandShape.Options(command))
            table.Add(CommandShape.Option(option), option.Description ?? "");
        table.Write(output);
    }

    private void WriteExamples(DocumentedCommand command)
    {
        output.WriteLine();
        Heading("Examples");
        var table = new Table();
        foreach (var example in command.Examples)
            table.Add(example.CommandLine, example.Meaning);
        table.Write(output);
    }

    private void Heading(string text) => output.WriteLine(output.Paint.Heading(text + ":"));
}
