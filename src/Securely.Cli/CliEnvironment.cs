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

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static CliEnvironment OfProcess() => new()
    {
        CurrentDirectory = Environment.CurrentDirectory,
        IsRoot = Environment.IsPrivilegedProcess,
        Variable = Environment.GetEnvironmentVariable,
    };

    /// <summary>Makes a path of the command line absolute.</summary>
    public string Resolve(string path) => Path.GetFullPath(path, CurrentDirectory);
}
