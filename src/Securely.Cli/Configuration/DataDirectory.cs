using Securely.Config;

namespace Securely.Cli;

/// <summary>Reads <c>data_dir</c>: where the server keeps what has to survive it.</summary>
internal static class DataDirectory
{
    public const string Name = "data_dir";

    public static string Read(SectionReader root, CliEnvironment environment)
    {
        if (root.PathOrNull(Name) is not { } path)
            return Default(environment);
        if (PathProblems.OfDirectory(path) is { } problem)
            root.Error(Name, $"[{Name}]: {problem}");
        return path;
    }

    /// <summary>/var/lib/securely for root, else $XDG_DATA_HOME/securely. A relative XDG_DATA_HOME is ignored, as its specification asks.</summary>
    public static string Default(CliEnvironment environment)
    {
        if (environment.IsRoot)
            return environment.SystemDataDirectory;
        var data = environment.Variable("XDG_DATA_HOME");
        if (string.IsNullOrEmpty(data) || !Path.IsPathFullyQualified(data))
            data = Path.Combine(environment.Variable("HOME") ?? environment.CurrentDirectory, ".local", "share");
        return Path.Combine(data, "securely");
    }

    /// <summary>What is said when <see cref="Create"/> fails.</summary>
    public static string CannotBeMade(string path, Exception error) => $"The data directory [{path}] cannot be made: {FailureText.Of(error)}; choose another [{Name}]";

    /// <summary>Makes the directory, for its owner only, if it does not exist; those above it get the usual mode.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not make it.</exception>
    public static void Create(string path)
    {
        if (Directory.Exists(path))
            return;
        if (PathProblems.OfDirectory(path) is { } problem)
            throw new IOException(problem);
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
            Directory.CreateDirectory(parent);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
