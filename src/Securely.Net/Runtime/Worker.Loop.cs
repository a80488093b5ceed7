namespace Securely.Net;

/// <summary>The loop of the worker's thread.</summary>
public sealed partial class Worker
{
    private const int StopRounds = 16;
    private const long TurnForTimers = TimeSpan.TicksPerMillisecond;

    private void Run()
    {
        _current = this;
        _empty = ExecutionContext.Capture();
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            if (!ReferenceEquals(_time, TimeProvider.System))
                _alarm = _time.CreateTimer(static worker => ((Worker)worker!).Poller.Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            while (!_stopping)
                Turn();
            CloseConnections();
        }
        catch (Exception e)
        {
            LogWorkerFailed(_logger, e, Name);
            Environment.FailFast($"Worker [{Name}] failed outside of any request", e);
        }
        finally
        {
            _alarm?.Dispose();
            Poller?.Dispose();
            _current = null;
            EndCells();
            _ended.TrySetResult();
        }
    }

    private void Turn()
    {
        Poller.Poll(Sleep());
        RunPosted();
        RunReady();
        Timers.Advance(Now);
        RestoreContext();
        LogIfSlow();
    }

    /// <summary>Decides how long to wait, and announces the wait so that a posting thread wakes the poller.</summary>
    private int Sleep()
    {
        if (_ready.Count > 0 || _stopping)
            return 0;
        Interlocked.Exchange(ref _sleeping, 1);
        if (!_posted.IsEmpty)
            return 0;
        var wait = Timers.MillisecondsToNext(Now);
        if (_alarm is null || wait <= 0)
            return wait;
        // With an injected clock the kernel's timeout means nothing: the clock's own timer wakes the poller.
        _alarm.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
        // If that clock has moved since it was read, the alarm is late.
        return ElapsedTicks() / TimeSpan.TicksPerMillisecond == Now ? -1 : 0;
    }

    /// <summary>The worker's own time in ticks of 100 ns, read now. Any thread may ask.</summary>
    internal long ElapsedTicks() => _time.GetElapsedTime(_origin).Ticks;

    private long ReadClock()
    {
        var ticks = ElapsedTicks();
        Now = ticks / TimeSpan.TicksPerMillisecond;
        return ticks;
    }

    /// <summary>Called by the poller when it has returned from the kernel, before it dispatches.</summary>
    internal void AfterWait()
    {
        Volatile.Write(ref _sleeping, 0);
        _turnStarted = ReadClock();
        Load.EndWait(_turnStarted);
    }

    private void RunPosted()
    {
        for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var item); left--)
        {
            RefillBudget();
            try
            {
                if (item.Work is Action<object?> action)
                    action(item.State);
                else
                    ((SendOrPostCallback)item.Work)(item.State);
            }
            catch (Exception e)
            {
                LogCallbackFailed(_logger, e, Name);
            }

            RestoreContext();
        }
    }

    private void RunReady()
    {
        for (var left = _ready.Count; left > 0; left--)
        {
            RefillBudget();
            Guarded(_ready.Dequeue());
        }
    }

    internal void ReportStray(Exception error) => LogCallbackFailed(_logger, error, Name);

    /// <summary>Runs one item; an error in it must not end the others' loop.</summary>
    internal void Guarded(IRunnable item)
    {
        try
        {
            item.Run();
        }
        catch (Exception e)
        {
            LogCallbackFailed(_logger, e, Name);
        }

        RestoreContext();
    }

    private void RunTimer(WorkerTimer timer)
    {
        RefillBudget();
        try
        {
            timer.Expire();
        }
        catch (Exception e)
        {
            LogCallbackFailed(_logger, e, Name);
        }

        RestoreContext();
    }

    /// <summary>Whether this turn has lasted so long that sockets come first again: deadlines that pass together end their connections in portions.</summary>
    private bool HasTimersLongEnough() => ElapsedTicks() - _turnStarted > TurnForTimers;

    /// <summary>A callback that set the synchronization context or an async local leaves no trace for the next one.</summary>
    internal void RestoreContext()
    {
        EnterContext();
        if (!ReferenceEquals(ExecutionContext.Capture(), _empty))
            ExecutionContext.Restore(_empty!);
    }

    /// <summary>What is awaited from here on comes back to this worker, which is the current one.</summary>
    internal void EnterContext()
    {
        if (!ReferenceEquals(SynchronizationContext.Current, _context))
            SynchronizationContext.SetSynchronizationContext(_context);
    }

    private void LogIfSlow()
    {
        var now = ReadClock();
        Load.BeginWait(now);
        var ticks = now - _turnStarted;
        _group.Metrics?.EndTurn(Index, ticks);
        var elapsed = ticks / TimeSpan.TicksPerMillisecond;
        if (elapsed > SlowTurn && ReferenceEquals(_time, TimeProvider.System))
            LogSlowTurn(_logger, Name, elapsed, Activity?.ToString() ?? "callbacks");
    }

    private void CloseConnections()
    {
        // What goes on after its connection was cut may dial again or post more work: that ends too.
        for (var round = 0; round < StopRounds && (FirstConnection is not null || _ready.Count > 0 || !_posted.IsEmpty); round++)
        {
            while (FirstConnection is { } connection)
                EndConnection(connection);
            RunPosted();
            RunReady();
        }
    }

    private void EndConnection(SocketConnection connection)
    {
        try
        {
            // Nothing is cut where nothing is under way.
            if (PoolShare.Holds(connection))
                connection.Close();
            else
                connection.Abort(new NetException(NetErrorKind.ConnectionClosed, $"Worker [{Name}] stops", ErrorSource.Internal));
        }
        catch (Exception e)
        {
            LogCallbackFailed(_logger, e, Name);
        }
    }
}
