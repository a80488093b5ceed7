namespace Securely.Net;

/// <summary>Brings continuations of user code back from the thread pool to its worker.</summary>
internal sealed class WorkerSynchronizationContext(Worker worker) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => worker.PostCallback(d, state);

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!ReferenceEquals(Worker.Current, worker))
            throw new NotSupportedException($"Worker [{worker.Name}] takes no synchronous calls from other threads; use Post.");
        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;
}
