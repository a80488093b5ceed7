namespace Securely.Testing;

/// <summary>Runs the built <c>securely</c> program as a process.</summary>
/// <remarks>
/// Without <see cref="Binary"/> it is the file that <c>SECURELY_BINARY</c> names, else the build in
/// <c>artifacts/bin/Securely.Cli</c> of the configuration (debug or release) that the tests themselves run in.
/// </remarks>
/// <example><!-- given: using Xunit; string path = ""; --><code>
/// var result = await new CliRunner().RunAsync("check", "-c", path);
/// Assert.Equal(3, result.ExitCode);
/// </code></example>
public sealed class CliRunner
{
    /// <summary>The program; null for <c>securely</c>.</summary>
    public string? Binary { get; init; }

    /// <summary>What it reads on standard input; default: nothing.</summary>
    public string Input { get; init; } = "";

    /// <summary>The directory it runs in; null for the test's own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Variables added to the environment of the tests; null as a value removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>How long the program may run in <see cref="RunAsync"/>, and may take to be ready in <see cref="StartAsync"/>; default: 30 s.</summary>
    public TimeSpan Limit { get; init; } = Deadline.Phase;

    /// <summary>Where the built <c>securely</c> is.</summary>
    /// <exception cref="FileNotFoundException">It is not built; the message says how.</exception>
    public static string FindBinary()
    {
        if (System.Environment.GetEnvironmentVariable("SECURELY_BINARY") is { Length: > 0 } named)
            return File.Exists(named) ? Path.GetFullPath(named) : throw new FileNotFoundException($"SECURELY_BINARY names [{named}], which does not exist");
        var output = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var configuration = output.StartsWith("release", StringComparison.OrdinalIgnoreCase) ? "release" : "debug";
        var path = Path.Combine(Repository.Root, "artifacts", "bin", "Securely.Cli", configuration, OperatingSystem.IsWindows() ? "securely.exe" : "securely");
        return File.Exists(path) ? path : throw new FileNotFoundException($"[{path}] does not exist; build it with: dotnet build src/Securely.Cli -c {configuration}");
    }

    /// <summary>Runs the program until it ends.</summary>
    /// <exception cref="TimeoutException">It does not end within <see cref="Limit"/>; it is killed, and the message has its output.</exception>
    public async Task<CliResult> RunAsync(params string[] arguments)
    {
        await using var process = Launch(arguments);
        return await process.WaitForExitAsync(Limit);
    }

    /// <summary>Starts the program and waits until a line that contains <paramref name="readyLine"/> is on its output or error.</summary>
    /// <exception cref="InvalidOperationException">It ended before; the message has its exit code and output.</exception>
    /// <exception cref="TimeoutException">The line does not come within <see cref="Limit"/>.</exception>
    public async Task<RunningProcess> StartAsync(string readyLine, params string[] arguments)
    {
        var process = Launch(arguments);
        try
        {
            await process.WaitForLineAsync(readyLine, Limit);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    private RunningProcess Launch(string[] arguments) => RunningProcess.Launch(Binary ?? FindBinary(), arguments, Input, WorkingDirectory, Environment);
}
