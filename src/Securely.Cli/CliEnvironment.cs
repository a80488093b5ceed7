using System.Net;

namespace Securely.Cli;

/// <summary>What a command may know of the process around it; injected, so that tests do not touch the real one.</summary>
internal sealed record CliEnvironment
{
    /// <summary>Relative paths of the command line are relative to this directory.</summary>
    public required string CurrentDirectory { get; init; }

    /// <summary>Whether the process may do what root may do; decides the default data directory.</summary>
    public required bool IsRoot { get; init; }

    /// <summary>Reads one environment variable; null when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The file that <c>serve</c> reads when the current directory has none.</summary>
    public string SystemConfigurationFile { get; init; } = "/etc/securely/securely.yaml";

    /// <summary>Where root's servers keep their data.</summary>
    public string SystemDataDirectory { get; init; } = "/var/lib/securely";

    /// <summary>Where the files of the machine's resolver begin.</summary>
    public string SystemRoot { get; init; } = "/";

    /// <summary>Asks the system for the addresses of a name, as any program does.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> ResolveHost { get; init; } = System.Net.Dns.GetHostAddressesAsync;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>All environment variables.</summary>
    public Func<IReadOnlyDictionary<string, string>> Variables { get; init; } = () => new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Who runs the program, for the history of settings.</summary>
    public string User { get; init; } = Environment.UserName;

    /// <summary>Standard input.</summary>
    public TextReader Input { get; init; } = TextReader.Null;

    /// <summary>Whether somebody sits at a terminal and can be asked.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Reads a line from the terminal without showing it.</summary>
    public Func<string> ReadHidden { get; init; } = () => "";

    public static CliEnvironment OfProcess() => new()
    {
        CurrentDirectory = Environment.CurrentDirectory,
        IsRoot = Environment.IsPrivilegedProcess,
        Variable = Environment.GetEnvironmentVariable,
        Variables = () => Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal),
        Input = System.Console.In,
        IsInteractive = !System.Console.IsInputRedirected && !System.Console.IsErrorRedirected,
        ReadHidden = Prompt.ReadHidden,
    };

    /// <summary>
    /// A path of the command line, for opening. In the process's own directory it stays as it was typed, because messages repeat it.
    /// </summary>
    /// <exception cref="CliException">It is empty; exit code 2.</exception>
    public string Resolve(string path)
    {
        RefuseEmpty(path);
        return string.Equals(CurrentDirectory, Environment.CurrentDirectory, StringComparison.Ordinal) ? path : Path.Combine(CurrentDirectory, path);
    }

    /// <summary>A path of the command line in full.</summary>
    /// <exception cref="CliException">It is empty; exit code 2.</exception>
    public string FullPath(string path)
    {
        RefuseEmpty(path);
        return Path.GetFullPath(path, CurrentDirectory);
    }

    // As a variable of the shell that is not set leaves it.
    private static void RefuseEmpty(string path)
    {
        if (path.Length == 0)
            throw new CliException("The path [] is empty; name a file", ExitCode.Usage);
    }
}
