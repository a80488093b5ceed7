namespace Securely.Net;

/// <summary>Runs asynchronous work that nobody awaits.</summary>
public static class DetachedTasks
{
    /// <summary>Lets the work run on. An error in it is reported by the worker that it ends on; the work should catch its own.</summary>
    /// <param name="task">The work, on a worker.</param>
    public static void Forget(this ValueTask task)
    {
        var awaiter = task.GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            awaiter.UnsafeOnCompleted(() => awaiter.GetResult());
            return;
        }

        try
        {
            awaiter.GetResult();
        }
        catch (Exception e) when (Worker.Current is { } worker)
        {
            worker.ReportStray(e);
        }
    }
}
