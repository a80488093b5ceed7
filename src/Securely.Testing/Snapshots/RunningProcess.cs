using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Securely.Testing;

/// <summary>A program that a test has started. Disposing kills it when it still runs.</summary>
/// <remarks>Thread-safe. Output is collected from the start, so a line that has already come is found as well.</remarks>
public sealed partial class RunningProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lock _state = new();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly List<string> _lines = [];
    private readonly List<(string Text, TaskCompletionSource<string> Found)> _waiters = [];
    private readonly Task _ended;

    private RunningProcess(Process process, string input)
    {
        _process = process;
        Name = Path.GetFileName(process.StartInfo.FileName);
        _ended = CollectAsync(input);
    }

    /// <summary>The program's file name.</summary>
    public string Name { get; }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended and all of its output is collected.</summary>
    public bool HasExited => _ended.IsCompleted;

    /// <summary>Its standard output so far.</summary>
    public string Output
    {
        get
        {
            lock (_state)
                return _output.ToString();
        }
    }

    /// <summary>Its standard error so far.</summary>
    public string Error
    {
        get
        {
            lock (_state)
                return _error.ToString();
        }
    }

    /// <summary>Waits for a line on output or error that contains <paramref name="text"/>, and returns the whole line.</summary>
    /// <exception cref="InvalidOperationException">The program ended without it.</exception>
    /// <exception cref="TimeoutException">It does not come within <paramref name="limit"/> (default: 30 s).</exception>
    public async Task<string> WaitForLineAsync(string text, TimeSpan? limit = null)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_state)
        {
            if (_lines.Find(line => line.Contains(text, StringComparison.Ordinal)) is { } already)
                return already;
            _waiters.Add((text, found));
        }
        var first = await Deadline.AwaitAsync(Task.WhenAny(found.Task, _ended), limit ?? Deadline.Phase, () => $"[{text}] from [{Name}]; {Describe()}");
        if (first == found.Task || found.Task.IsCompleted)
            return await found.Task;
        throw new InvalidOperationException($"Program [{Name}] ended with exit code {_process.ExitCode} before [{text}]; {Describe()}");
    }

    /// <summary>Sends a signal (Unix): <c>kill(2)</c> with its number, such as 15 for SIGTERM.</summary>
    /// <exception cref="InvalidOperationException">The program has ended.</exception>
    public void Signal(int signal)
    {
        if (HasExited || Kill(_process.Id, signal) != 0)
            throw new InvalidOperationException($"Program [{Name}] cannot be sent signal {signal}: it has ended; {Describe()}");
    }

    /// <summary>Sends a signal (Unix).</summary>
    /// <exception cref="InvalidOperationException">The program has ended.</exception>
    public void Signal(PosixSignal signal) => Signal(signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        PosixSignal.SIGTERM => 15,
        _ => throw new ArgumentOutOfRangeException(nameof(signal), signal, "Give the number of this signal"),
    });

    /// <summary>Waits until the program has ended and all of its output is collected.</summary>
    /// <exception cref="TimeoutException">It does not end within <paramref name="limit"/> (default: 30 s); the message has its output.</exception>
    public async Task<CliResult> WaitForExitAsync(TimeSpan? limit = null)
    {
        await Deadline.AwaitAsync(_ended, limit ?? Deadline.Phase, () => $"[{Name}] to end; {Describe()}");
        return new CliResult(_process.ExitCode, Output, Error);
    }

    /// <summary>Kills the program, with what it started, when it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_ended.IsCompleted)
            _process.Kill(entireProcessTree: true);
        await Deadline.AwaitAsync(_ended, Deadline.Phase, () => $"[{Name}] to end after SIGKILL");
        _process.Dispose();
    }

    internal static RunningProcess Launch(string file, IEnumerable<string> arguments, string input, string? directory, IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = directory ?? "",
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new RunningProcess(Process.Start(start)!, input);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);

    private async Task CollectAsync(string input)
    {
        var output = PumpAsync(_process.StandardOutput, _output);
        var error = PumpAsync(_process.StandardError, _error);
        await WriteInputAsync(input);
        await Task.WhenAll(output, error);
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    private async Task WriteInputAsync(string input)
    {
        try
        {
            await _process.StandardInput.WriteAsync(input);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program does not read its input, which is its right.
        }
    }

    private async Task PumpAsync(StreamReader reader, StringBuilder sink)
    {
        var buffer = new char[4096];
        var line = new StringBuilder();
        int read;
        while ((read = await reader.ReadAsync(buffer, CancellationToken.None)) > 0)
        {
            lock (_state)
            {
                sink.Append(buffer, 0, read);
                foreach (var character in buffer.AsSpan(0, read))
                    AddToLine(line, character);
            }
        }
        lock (_state)
        {
            if (line.Length > 0)
                AddToLine(line, '\n');
        }
    }

    private void AddToLine(StringBuilder line, char character)
    {
        if (character != '\n')
        {
            line.Append(character);
            return;
        }
        var text = line.ToString();
        line.Clear();
        _lines.Add(text);
        _waiters.RemoveAll(waiter => text.Contains(waiter.Text, StringComparison.Ordinal) && waiter.Found.TrySetResult(text));
    }

    private string Describe() => $"output: [{Output.TrimEnd()}], error: [{Error.TrimEnd()}]";
}
