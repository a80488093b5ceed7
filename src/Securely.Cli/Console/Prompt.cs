using System.Text;

namespace Securely.Cli;

/// <summary>Asks the person at the terminal. Questions go to standard error, so that the result of a command can go elsewhere.</summary>
internal sealed class Prompt(Output output, CliEnvironment environment)
{
    private const int MaxInput = 8 * 1024 * 1024;

    /// <summary>Reads a line of the terminal without showing it.</summary>
    public static string ReadHidden()
    {
        var line = new StringBuilder();
        while (System.Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key != ConsoleKey.Backspace)
                line.Append(key.KeyChar);
            else if (line.Length > 0)
                line.Length--;
        }

        System.Console.Error.WriteLine();
        return line.ToString();
    }

    /// <summary>A value that the command line does not have: asked for at a terminal, else read from standard input, where it may have lines.</summary>
    public string Value(string name, bool isSecret)
    {
        if (!environment.IsInteractive)
            return Piped(name);
        output.Error.Write($"Value of {name}{(isSecret ? " (not shown)" : "")}: ");
        return isSecret ? environment.ReadHidden() : environment.Input.ReadLine() ?? "";
    }

    /// <summary>A word that the command line does not have; at a terminal only.</summary>
    public string Word(string question, string missing)
    {
        if (!environment.IsInteractive)
            throw new CliException(missing, ExitCode.Usage);
        output.Error.Write(question + ": ");
        return environment.Input.ReadLine() is { Length: > 0 } word ? word : throw new CliException(missing, ExitCode.Usage);
    }

    /// <summary>Asks whether to go on; without a terminal <paramref name="forced"/> has to say so.</summary>
    public void Confirm(string question, bool forced, string option)
    {
        if (forced)
            return;
        if (!environment.IsInteractive)
            throw new CliException($"{question} Nobody can be asked here; say {option}");
        output.Error.Write(question + " [y/N] ");
        if (environment.Input.ReadLine()?.Trim() is not ("y" or "Y" or "yes"))
            throw new CliException("Nothing was done");
    }

    private string Piped(string name)
    {
        var buffer = new char[4096];
        var text = new StringBuilder();
        int read;
        while ((read = environment.Input.Read(buffer, 0, buffer.Length)) > 0)
        {
            text.Append(buffer, 0, read);
            if (text.Length > MaxInput)
                throw new CliException($"The value of [{name}] on standard input is larger than 8 MiB");
        }

        if (text.Length == 0)
            throw new CliException($"The value of [{name}] is missing; give it, pipe it in, or run the command at a terminal", ExitCode.Usage);
        var end = text[^1] != '\n' ? 0 : text.Length > 1 && text[^2] == '\r' ? 2 : 1;
        return text.ToString(0, text.Length - end);
    }
}
