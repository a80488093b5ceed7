namespace Securely.Testing;

/// <summary>What a finished program left.</summary>
/// <param name="ExitCode">Its exit code; 128 + n when signal n killed it.</param>
/// <param name="Output">All of its standard output.</param>
/// <param name="Error">All of its standard error.</param>
public sealed record CliResult(int ExitCode, string Output, string Error);
