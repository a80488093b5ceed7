using Microsoft.Extensions.Logging;

namespace Securely.Hosting;

public sealed partial class Server
{
    // A fast end waits for nothing but threads and services that need only notice it; otherwise sockets would be closed under them.
    private static readonly TimeSpan Notice = TimeSpan.FromMilliseconds(250);

    // Callbacks of a shutdown token do nothing but pass it on; one that blocks must not keep the server from ending.
    private static readonly TimeSpan CallbackPatience = TimeSpan.FromSeconds(2);

    // 3. Each service starts when all that it depends on are ready.
    private void StartServices()
    {
        var runs = new Dictionary<int, ServiceRun>();
        var order = new List<ServiceRun>();
        foreach (var handle in _graph.Order())
        {
            var run = new ServiceRun(handle, [.. _graph.DependenciesOf(handle).Select(d => runs[d])]);
            foreach (var dependency in run.Dependencies)
                dependency.Dependants.Add(run);
            runs.Add(handle.Index, run);
            order.Add(run);
        }

        _runs = order;
        foreach (var run in order)
            run.Lifetime = LiveAsync(run);
    }

    private async Task LiveAsync(ServiceRun run)
    {
        var began = _time.GetTimestamp();
        // A service that will never start does not wait for the others, or the end of the server would.
        await Task.WhenAny(AllReadyAsync(run.Dependencies), run.Ended);
        if (run.Dependencies.All(d => d.IsReady) && !_requests.Any)
        {
            if (run.Dependencies.Count > 0)
                LogWaited(_logger, run.Name, _time.GetElapsedTime(began));
            LogStarting(_logger, run.Name);
            var logger = _loggerFactory.CreateLogger("Securely.Service." + run.Name);
            run.TryStart(Options, logger, _time, _sockets, r => LogReady(_logger, r.Name));
        }

        Conclude(run, await run.Ended);
    }

    private void Conclude(ServiceRun run, Exception? failure)
    {
        if (failure is null && (run.IsReady || _requests.Any))
        {
            if (run.IsReady)
                LogEnded(_logger, run.Name);
            return;
        }

        Volatile.Write(ref _exitCode, 1);
        if (failure is null)
            LogEndedBeforeReady(_logger, run.Name);
        else if (_requests.Any)
            LogFailedWhileEnding(_logger, run.Name, failure);
        else if (run.IsReady)
            LogFailed(_logger, run.Name, failure);
        else
            LogFailedBeforeReady(_logger, run.Name, failure);

        // While the server ends gracefully, the others may still finish what they have.
        if (!_requests.Any)
            _requests.Request(ShutdownKind.Fast);
    }

    // 4. It runs until somebody asks for the end.
    private async Task WaitForShutdownAsync()
    {
        await Task.WhenAny(AllReadyAsync(_runs), _requests.First);
        if (_runs.All(r => r.IsReady) && !_requests.Any)
            Enter(ExecutionPhase.Running);
        await _requests.First;
    }

    /// <summary>Ends when each has become ready or will never be; who asks looks at which it was.</summary>
    private static async Task AllReadyAsync(IReadOnlyList<ServiceRun> runs)
    {
        foreach (var run in runs)
            await run.Handle.Ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // 5. and 6. Services end, then their threads.
    private async Task EndServicesAsync(ShutdownKind kind)
    {
        var graceful = kind == ShutdownKind.Graceful;
        if (graceful)
            Enter(ExecutionPhase.GracefulTerminate);
        Enter(ExecutionPhase.ShutdownStarted);
        if (graceful)
        {
            var ended = Task.WhenAll(EndInOrder());
            Enter(ExecutionPhase.ShutdownGracePeriod);
            await WaitForGracePeriodAsync(ended);
        }

        var requests = _runs.Reverse().Select(run => (Run: run, Requested: RequestShutdownAsync(run))).ToArray();
        Enter(ExecutionPhase.ShutdownRuntimes);
        var fast = _requests.Fast.IsCompleted || Options.GracefulShutdownTimeoutSeconds == 0;
        var timeout = fast ? Notice : TimeSpan.FromSeconds(Options.GracefulShutdownTimeoutSeconds);
        // The server's clock may be a test's that stands still, which must not keep a fast end from ending.
        var clock = fast ? TimeProvider.System : _time;
        await Task.WhenAll(requests.Select(r => CutOffAsync(r.Run, r.Requested, timeout, clock)).ToArray());
        ReleaseSockets();
    }

    /// <summary>Ends each service after all that depend on it; the result ends with each of them.</summary>
    private Task[] EndInOrder()
    {
        var ends = new Dictionary<ServiceRun, Task>();
        foreach (var run in _runs.Reverse())
            ends.Add(run, EndAfterAsync(run, Task.WhenAll(run.Dependants.Select(d => ends[d]))));
        return [.. ends.Values];

        async Task EndAfterAsync(ServiceRun run, Task dependants)
        {
            await dependants;
            await Task.WhenAll(RequestShutdownAsync(run), run.Lifetime);
        }
    }

    private async Task WaitForGracePeriodAsync(Task ended)
    {
        using var enough = new CancellationTokenSource();
        var over = Task.Delay(TimeSpan.FromSeconds(Options.GracePeriodSeconds), _time, enough.Token);
        var first = await Task.WhenAny(ended, _requests.Fast, over);
        await enough.CancelAsync();
        if (first != over || ended.IsCompleted)
            return;
        var busy = _runs.Where(r => !r.Lifetime.IsCompleted).Select(r => r.Name);
        LogGracePeriodOver(_logger, Options.GracePeriodSeconds, string.Join("], [", busy));
    }

    private async Task RequestShutdownAsync(ServiceRun run)
    {
        try
        {
            await run.RequestShutdownAsync();
        }
        catch (Exception e)
        {
            LogShutdownCallbackFailed(_logger, run.Name, e);
        }
    }

    private async Task CutOffAsync(ServiceRun run, Task requested, TimeSpan timeout, TimeProvider clock)
    {
        // A worker runs once more what was posted to it before it stops, so the service must have been told by then.
        await requested.WaitAsync(CallbackPatience, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            var workers = run.StopWorkersAsync(timeout);
            await run.Lifetime.WaitAsync(timeout, clock);
            await workers;
        }
        catch (TimeoutException)
        {
            LogLeftBehind(_logger, _requests.Fast.IsCompleted ? LogLevel.Debug : LogLevel.Warning, run.Name);
        }
        catch (Exception e)
        {
            LogWorkersFailedToStop(_logger, run.Name, e);
        }
    }
}
