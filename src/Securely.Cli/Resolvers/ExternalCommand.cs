using System.ComponentModel;
using System.Diagnostics;

namespace Securely.Cli;

/// <summary>Runs programs of the machine, found by <c>PATH</c> and without a shell.</summary>
internal static class ExternalCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What went wrong; null for nothing.</returns>
    public static async Task<string?> RunAsync(IReadOnlyList<string> command, CliEnvironment environment, CancellationToken cancellationToken)
    {
        if (Find(command[0], environment) is not { } path)
            return $"[{command[0]}] is not on this machine";
        using var patience = new CancellationTokenSource(Patience, environment.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var start = new ProcessStartInfo(path, command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(both.Token);
                var error = await process.StandardError.ReadToEndAsync(both.Token);
                await output;
                await process.WaitForExitAsync(both.Token);
                return process.ExitCode == 0 ? null : string.Create(null, $"it ended with {process.ExitCode}: {error.Trim()}").TrimEnd(' ', ':');
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return string.Create(null, $"it has not ended within {Patience.TotalSeconds} s");
        }
        catch (Win32Exception error)
        {
            return error.Message;
        }
    }

    private static string? Find(string name, CliEnvironment environment)
    {
        var extension = OperatingSystem.IsWindows() ? ".exe" : "";
        return (environment.Variable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name + extension))
            .FirstOrDefault(File.Exists);
    }
}
