using System.Threading.Channels;

namespace Securely.Cli.Tests;

/// <summary>The program while it serves, inside this process; disposing it ends it as SIGTERM would.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly LineWriter _output = new();
    private readonly StringWriter _error = new() { NewLine = "\n" };
    private readonly Task<int> _running;

    private RunningProgram(IReadOnlyList<string> arguments, string directory, TimeProvider time)
    {
        var output = new Output(TextWriter.Synchronized(_output), TextWriter.Synchronized(_error));
        _running = new SecurelyApplication(output, CliRun.Environment(directory) with { Time = time }).RunAsync(arguments, _stop.Token);
    }

    /// <summary>The lines up to the one that says that it is ready.</summary>
    public IReadOnlyList<string> Lines { get; private set; } = [];

    /// <summary>What it has said to standard error; all of it once it has ended.</summary>
    public string Error => _error.ToString();

    /// <summary>The first line: where to send requests.</summary>
    public Uri Address => new(Lines[0]);

    /// <summary>Starts the program in a directory and waits until it is ready.</summary>
    public static Task<RunningProgram> StartAsync(string directory, params string[] arguments) => StartAsync(TimeProvider.System, directory, arguments);

    /// <summary>Starts the program with a clock of its own.</summary>
    public static async Task<RunningProgram> StartAsync(TimeProvider time, string directory, params string[] arguments)
    {
        var program = new RunningProgram(arguments, directory, time);
        var lines = new List<string>();
        while (lines is [] || !lines[^1].EndsWith(" is ready", StringComparison.Ordinal))
        {
            var line = program._output.Lines.ReadAsync(TestContext.Current.CancellationToken).AsTask();
            if (await Task.WhenAny(line, program._running) != line)
                Assert.Fail($"The program ended with {await program._running} before it was ready: {program._error}");
            lines.Add(await line);
        }

        program.Lines = lines;
        return program;
    }

    /// <summary>The body of a page.</summary>
    public async Task<string> GetAsync(string path, string? host = null)
    {
        using var response = await SendAsync(path, host);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public async Task<HttpResponseMessage> SendAsync(string path, string? host = null)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, path));
        request.Headers.Host = host;
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Ends the program and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        return await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        await _output.DisposeAsync();
        await _error.DisposeAsync();
    }

    /// <summary>Hands on each line when it is complete.</summary>
    private sealed class LineWriter : StringWriter
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

        public ChannelReader<string> Lines => _lines.Reader;

        public override void WriteLine(string? value) => _lines.Writer.TryWrite(value ?? "");
    }
}
