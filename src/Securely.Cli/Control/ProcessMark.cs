using System.Diagnostics;

namespace Securely.Cli;

/// <summary>A process of this machine, told apart from a later one with the same number.</summary>
internal sealed class ProcessMark
{
    private const int StartTimeField = 19;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly int _id;
    private readonly string _began;

    private ProcessMark(int id, string began)
    {
        _id = id;
        _began = began;
    }

    /// <summary>Null when there is no such process, or none that this one can see.</summary>
    public static ProcessMark? Of(int id) => Began(id) is { } began ? new ProcessMark(id, began) : null;

    /// <summary>Ends when the process has: it no longer runs, whether or not its parent has noticed.</summary>
    public async Task WaitForEndAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        while (Began(_id) == _began)
            await Task.Delay(Interval, time, cancellationToken);
    }

    /// <summary>When a process began, as a text that only serves to compare; null when it does not run.</summary>
    private static string? Began(int id)
    {
        try
        {
            return OperatingSystem.IsLinux() ? BeganOf(File.ReadAllText(string.Create(null, $"/proc/{id}/stat"))) : BeganElsewhere(id);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary><c>ID (NAME) STATE PARENT ...</c>, where the name may hold anything (proc(5)).</summary>
    internal static string? BeganOf(string stat)
    {
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        // A zombie has ended; only its parent has not asked how.
        return fields[0] is "Z" or "X" ? null : fields[StartTimeField];
    }

    private static string? BeganElsewhere(int id)
    {
        using var process = Process.GetProcessById(id);
        return process.HasExited ? null : process.StartTime.Ticks.ToString(null, null);
    }
}
