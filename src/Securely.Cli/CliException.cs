namespace Securely.Cli;

/// <summary>Ends a command with a message for the person who typed it; never shown with a stack trace.</summary>
internal sealed class CliException(string message, int exitCode = ExitCode.Failed) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
