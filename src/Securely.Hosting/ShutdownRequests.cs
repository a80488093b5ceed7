namespace Securely.Hosting;

/// <summary>Who asked for the end, and how: the first one decides, and a graceful end can still be made a fast one. Thread-safe.</summary>
internal sealed class ShutdownRequests
{
    private readonly TaskCompletionSource<ShutdownKind> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _fast = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The first request.</summary>
    public Task<ShutdownKind> First => _first.Task;

    /// <summary>Ends when a fast end was asked for, first or later.</summary>
    public Task Fast => _fast.Task;

    /// <summary>Whether there was a request.</summary>
    public bool Any => _first.Task.IsCompleted;

    /// <summary>Asks for the end.</summary>
    /// <returns>Whether this was the first request.</returns>
    public bool Request(ShutdownKind kind)
    {
        var first = _first.TrySetResult(kind);
        if (kind == ShutdownKind.Fast)
            _fast.TrySetResult();
        return first;
    }
}
