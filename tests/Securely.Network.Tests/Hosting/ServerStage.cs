using System.Collections.Concurrent;
using Securely.Hosting;
using Securely.Net;

namespace Securely.Network.Tests.Hosting;

/// <summary>A server with a clock, signals and a log of the test's.</summary>
internal sealed class ServerStage : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ConcurrentQueue<ExecutionPhase> _phases = new();
    private readonly ConcurrentDictionary<ExecutionPhase, TaskCompletionSource> _reached = new();

    public ServerStage(ServerOptions? options = null)
    {
        Server = new Server(options ?? new ServerOptions { Threads = 1 }, Log, Clock, Signals);
        Server.PhaseChanged += phase =>
        {
            _phases.Enqueue(phase);
            Reach(phase).TrySetResult();
        };
    }

    public Server Server { get; }

    public HandClock Clock { get; } = new();

    public FakeSignals Signals { get; } = new();

    public RecordedLog Log { get; } = new();

    public ConcurrentQueue<string> Journal { get; } = new();

    public IEnumerable<ExecutionPhase> Phases => _phases;

    public Task<int> Running { get; private set; } = Task.FromResult(-1);

    public Task<int> ExitCode => Running.WaitAsync(Patience);

    public FakeService Service(string name) => new(name, Journal);

    /// <summary>Starts the server and waits until it runs.</summary>
    public async Task RunAsync(params IService[] services)
    {
        foreach (var service in services)
            Server.Add(service);
        Begin();
        await ReachedAsync(ExecutionPhase.Running);
    }

    /// <summary>Starts the server.</summary>
    public void Begin(CancellationToken cancellationToken = default) => Running = Server.RunAsync(cancellationToken);

    public Task ReachedAsync(ExecutionPhase phase) => Reach(phase).Task.WaitAsync(Patience);

    public static Task Soon(Task task) => task.WaitAsync(Patience);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private TaskCompletionSource Reach(ExecutionPhase phase) =>
        _reached.GetOrAdd(phase, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
