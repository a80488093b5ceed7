using System.CommandLine;

namespace Securely.Cli;

/// <summary>How System.CommandLine is set up; each setting turns off a surprise.</summary>
internal static class CommandLine
{
    public static ParserConfiguration Parsing { get; } = new()
    {
        // A value that begins with @ is a value: settings:set mail.password @secret.
        ResponseFileTokenReplacer = null,
    };

    public static InvocationConfiguration Invocation(Output output) => new()
    {
        Output = output.Standard,
        Error = output.Error,
        // The server owns SIGINT, SIGTERM and SIGQUIT and has its own grace period; nobody else may end the process.
        ProcessTerminationTimeout = null,
        // An error of ours is a sentence; SecurelyApplication writes it.
        EnableDefaultExceptionHandler = false,
    };
}
