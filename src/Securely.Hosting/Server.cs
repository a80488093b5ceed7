using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Securely.Net;

namespace Securely.Hosting;

/// <summary>
/// The process owner: starts services in order, each on threads of its own, and ends them in the opposite order.
/// </summary>
/// <remarks>
/// <para>The life of a server; the code repeats the numbers.</para>
/// <list type="number">
/// <item><description><see cref="Add"/>: services and who depends on whom.</description></item>
/// <item><description><see cref="BootstrapAsync"/>: what services need before they start.</description></item>
/// <item><description><see cref="RunAsync"/>: each service starts when all that it depends on are ready.</description></item>
/// <item><description>It runs until a signal, <see cref="StopAsync"/>, the token, or a service that fails.</description></item>
/// <item><description>Services are told to end, dependants first; a graceful end waits until all have returned.</description></item>
/// <item><description>The threads of all services end.</description></item>
/// </list>
/// <para><see cref="Add"/> is not thread-safe; everything else is.</para>
/// </remarks>
public sealed partial class Server : IAsyncDisposable
{
    private readonly ILoggerFactory _loggerFactory;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ISignalSource? _signals;
    private readonly ServiceGraph _graph = new();
    private readonly ShutdownRequests _requests = new();
    private readonly ListenSockets _sockets = new();
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<ServiceRun> _runs = [];
    private int _bootstrapped;
    private int _started;
    private int _signalled;
    private int _released;
    private int _exitCode;
    private volatile ExecutionPhase _phase;

    /// <summary>Makes a server. Nothing starts yet.</summary>
    /// <param name="options">How it runs; defaults when not given.</param>
    /// <param name="loggerFactory">Where it logs to; nowhere when not given.</param>
    /// <param name="time">The clock of grace periods and services; the system's when not given.</param>
    /// <param name="signals">Where signals come from; when not given, the process's if <see cref="ServerOptions.HandleSignals"/> says so.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="NotSupportedException">An option is not available yet.</exception>
    public Server(ServerOptions? options = null, ILoggerFactory? loggerFactory = null, TimeProvider? time = null, ISignalSource? signals = null)
    {
        Options = options ?? new ServerOptions();
        Options.Validate();
        _loggerFactory = loggerFactory ?? NullLoggerFactory.Instance;
        _logger = _loggerFactory.CreateLogger<Server>();
        _time = time ?? TimeProvider.System;
        _signals = signals ?? (Options.HandleSignals ? new SignalSource() : null);
    }

    /// <summary>How the server runs.</summary>
    public ServerOptions Options { get; }

    /// <summary>Where the server is in its life.</summary>
    public ExecutionPhase Phase => _phase;

    /// <summary>
    /// Raised for each new phase, one after the other, from the thread that goes on with the server: a handler that takes long holds it
    /// up. What a handler throws is logged.
    /// </summary>
    public event Action<ExecutionPhase>? PhaseChanged;

    /// <summary>1. Adds a service.</summary>
    /// <param name="service">The service. One that names no number of threads gets <see cref="ServerOptions.Threads"/>.</param>
    /// <param name="dependsOn">Services that must be ready before this one starts, and that end after it.</param>
    /// <exception cref="ArgumentException">A dependency is of another server, or the service asks for less than one thread.</exception>
    /// <exception cref="InvalidOperationException">The server has been started.</exception>
    public ServiceHandle Add(IService service, params ReadOnlySpan<ServiceHandle> dependsOn) => _graph.Add(service, dependsOn);

    /// <summary>2. Does what must be done before services start (SRV-10). <see cref="RunAsync"/> calls it; calling it again does nothing.</summary>
    /// <param name="cancellationToken">Ends it before it begins.</param>
    public ValueTask BootstrapAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _bootstrapped, 1) != 0)
            return ValueTask.CompletedTask;
        Enter(ExecutionPhase.Bootstrap);
        Enter(ExecutionPhase.BootstrapComplete);
        return ValueTask.CompletedTask;
    }

    /// <summary>Runs the services until the server is told to end. Can be called once.</summary>
    /// <param name="cancellationToken">Ends the server gracefully, as SIGTERM does.</param>
    /// <returns>The exit code: 0, or 1 when a service failed or ended before it was ready.</returns>
    /// <exception cref="InvalidOperationException">It was called before.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
            throw new InvalidOperationException("The server has been started before; make a new one");
        _graph.Freeze();
        try
        {
            await BootstrapAsync(CancellationToken.None);
            using var signals = _signals?.Subscribe(OnSignal);
            using var stop = cancellationToken.UnsafeRegister(static s => ((Server)s!)._requests.Request(ShutdownKind.Graceful), this);
            StartServices();
            await WaitForShutdownAsync();
            await EndServicesAsync(await _requests.First);
            Enter(ExecutionPhase.Terminated);
            return Volatile.Read(ref _exitCode);
        }
        finally
        {
            _terminated.TrySetResult();
        }
    }

    /// <summary>
    /// Ends the server and waits until it has ended. The first request decides; only a fast one after a graceful one still changes
    /// something. On a server that does not run yet it makes <see cref="RunAsync"/> end at once. A service must not wait for it: the
    /// server waits for its services.
    /// </summary>
    /// <param name="kind">How to end.</param>
    /// <param name="cancellationToken">Ends the waiting, not the shutdown.</param>
    public async ValueTask StopAsync(ShutdownKind kind, CancellationToken cancellationToken = default)
    {
        _requests.Request(kind);
        if (Volatile.Read(ref _started) != 0)
            await _terminated.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Ends a server that runs, fast, and releases its listening sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(ShutdownKind.Fast);
        foreach (var run in _runs)
            run.Dispose();
        ReleaseSockets();
    }

    private void ReleaseSockets()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
            _sockets.Dispose();
    }

    private void OnSignal(ServerSignal signal)
    {
        if (signal is not (ServerSignal.Interrupt or ServerSignal.Terminate))
        {
            LogSignalNotAvailable(_logger, SignalName(signal));
            return;
        }

        var kind = signal == ServerSignal.Interrupt && !OperatingSystem.IsWindows() ? ShutdownKind.Fast : ShutdownKind.Graceful;
        // Whoever signals twice does not want to wait. A first SIGTERM after StopAsync is no second signal.
        var again = Interlocked.Exchange(ref _signalled, 1) != 0;
        if (again && !_requests.Fast.IsCompleted)
            LogSecondSignal(_logger, SignalName(signal));
        if (_requests.Request(again ? ShutdownKind.Fast : kind))
            LogShutdownSignal(_logger, SignalName(signal), kind);
    }

    private static string SignalName(ServerSignal signal) => signal switch
    {
        ServerSignal.Interrupt => "SIGINT",
        ServerSignal.Terminate => "SIGTERM",
        ServerSignal.Quit => "SIGQUIT",
        ServerSignal.HangUp => "SIGHUP",
        _ => "SIGUSR1",
    };

    private void Enter(ExecutionPhase phase)
    {
        _phase = phase;
        LogPhase(_logger, phase);
        if (PhaseChanged is not { } handlers)
            return;
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(phase);
            }
            catch (Exception e)
            {
                LogPhaseHandlerFailed(_logger, phase, e);
            }
        }
    }
}
