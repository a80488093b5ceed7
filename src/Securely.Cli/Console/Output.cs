namespace Securely.Cli;

/// <summary>
/// The two streams that a command writes to: results go to <see cref="Standard"/>, diagnostics and progress to
/// <see cref="Error"/>. Colour is decided for each stream alone, because one of them may be a pipe.
/// </summary>
internal sealed class Output(TextWriter standard, TextWriter error)
{
    public TextWriter Standard { get; } = standard;

    public TextWriter Error { get; } = error;

    /// <summary>Colours of <see cref="Standard"/>.</summary>
    public Paint Paint { get; init; }

    /// <summary>Colours of <see cref="Error"/>.</summary>
    public Paint ErrorPaint { get; init; }

    /// <summary>Whether somebody looks at <see cref="Standard"/>, so that it may be drawn over.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Columns of the terminal; null where <see cref="Standard"/> is no terminal, and nothing is wrapped then.</summary>
    public int? Width { get; init; }

    /// <summary>The console of this process: coloured on a terminal, unless NO_COLOR is set or the terminal is dumb.</summary>
    public static Output OfProcess(Func<string, string?> variable)
    {
        var wanted = WantsColour(variable);
        return new Output(new ConsoleWriter(System.Console.Out, "Standard output"), new ConsoleWriter(System.Console.Error, name: null))
        {
            Paint = new Paint(wanted && !System.Console.IsOutputRedirected),
            ErrorPaint = new Paint(wanted && !System.Console.IsErrorRedirected),
            IsTerminal = !System.Console.IsOutputRedirected && variable("TERM") is not (null or "" or "dumb"),
            Width = System.Console.IsOutputRedirected ? null : TerminalWidth(),
        };
    }

    /// <summary>NO_COLOR counts when it is set to anything but nothing (no-color.org).</summary>
    internal static bool WantsColour(Func<string, string?> variable) =>
        string.IsNullOrEmpty(variable("NO_COLOR")) && variable("TERM") != "dumb";

    public void WriteLine(string text = "") => Standard.WriteLine(text);

    /// <summary>Writes what went wrong.</summary>
    public void Fail(string message) => Error.WriteLine(ErrorPaint.Failure(message));

    private static int? TerminalWidth()
    {
        var width = System.Console.WindowWidth;
        return width >= 40 ? width : null;
    }
}
