using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Hosting;

/// <summary>
/// One service while its server runs: its workers, its shutdown token, its end. Every member is safe to call from any thread.
/// </summary>
internal sealed class ServiceRun(ServiceHandle handle, IReadOnlyList<ServiceRun> dependencies) : IDisposable
{
    // Guards _state, _group and the creation of the group against a stop that comes meanwhile.
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _shutdown = new();
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private State _state;
    private WorkerGroup? _group;
    private ServiceContext? _context;

    private enum State
    {
        Waiting,
        Started,
        Skipped,
    }

    public ServiceHandle Handle { get; } = handle;

    public string Name => Handle.Name;

    /// <summary>What this service waits for before it starts.</summary>
    public IReadOnlyList<ServiceRun> Dependencies { get; } = dependencies;

    /// <summary>Who waits for this service; they end first. Filled before anything starts.</summary>
    public List<ServiceRun> Dependants { get; } = [];

    /// <summary>Ends when the service has ended or will never start, and the server has drawn its conclusions. Set before anything starts.</summary>
    public Task Lifetime { get; set; } = Task.CompletedTask;

    /// <summary>Ends with the service: null when it returned, else why it failed.</summary>
    public Task<Exception?> Ended => _ended.Task;

    public bool IsReady => Handle.Ready.IsCompletedSuccessfully;

    /// <summary>Makes the service's workers and runs it; the service starts the workers itself.</summary>
    /// <returns>False when the server ends already and the service was skipped.</returns>
    public bool TryStart(ServerOptions options, ILogger logger, TimeProvider time, ListenSockets sockets, Action<ServiceRun> ready)
    {
        lock (_gate)
        {
            if (_state != State.Waiting)
                return false;
            _state = State.Started;
            try
            {
                _group = new WorkerGroup(
                    Name,
                    Handle.Service.Threads ?? options.Threads,
                    new WorkerGroupOptions { Time = time, Logger = logger, WorkStealing = options.WorkStealing, Metrics = options.Metrics });
                _context = new ServiceContext(_group, sockets, logger, time, TimeSpan.FromSeconds(options.GracePeriodSeconds), MarkReady);
                // Elsewhere, so that a service that begins with slow work does not hold up the others.
                _ = Task.Run(ExecuteAsync, CancellationToken.None);
            }
            catch (Exception e)
            {
                End(e);
            }

            return true;
        }

        void MarkReady()
        {
            if (Handle.MarkReady())
                ready(this);
        }
    }

    /// <summary>Cancels the service's token, or keeps it from starting. Repeating it does nothing.</summary>
    /// <returns>Ends when the service's own callbacks have run; fails when one of them does.</returns>
    public Task RequestShutdownAsync()
    {
        lock (_gate)
        {
            if (_state == State.Waiting)
            {
                _state = State.Skipped;
                End(null);
            }
        }

        // Callbacks are the service's code: they run elsewhere, so that a slow one cannot hold up the end of the others.
        return _shutdown.IsCancellationRequested ? Task.CompletedTask : _shutdown.CancelAsync();
    }

    /// <summary>Ends the service's workers, which cuts off what they still do, and waits for their threads for a while.</summary>
    public Task StopWorkersAsync(TimeSpan timeout)
    {
        WorkerGroup? group;
        lock (_gate)
            group = _group;
        return group?.StopAsync(timeout) ?? Task.CompletedTask;
    }

    public void Dispose()
    {
        // A service that outlived its server may still look at its token.
        if (Ended.IsCompleted)
            _shutdown.Dispose();
    }

    private async Task ExecuteAsync()
    {
        try
        {
            await Handle.Service.RunAsync(_context!, _shutdown.Token).ConfigureAwait(false);
            End(null);
        }
        catch (OperationCanceledException) when (_shutdown.IsCancellationRequested)
        {
            End(null);
        }
        catch (Exception e)
        {
            End(e);
        }
    }

    private void End(Exception? failure)
    {
        Handle.MarkNeverReady(failure);
        _ended.TrySetResult(failure);
    }
}
