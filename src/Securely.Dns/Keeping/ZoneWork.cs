namespace Securely.Dns;

/// <summary>Something to be done to a zone, on the one thread that changes zones.</summary>
/// <param name="zone">The zone.</param>
internal abstract class ZoneWork(ManagedZone zone)
{
    internal ManagedZone Zone => zone;

    /// <summary>Whether it changes records; what does not is done after the changes before it are on the disk.</summary>
    internal virtual bool IsEdit => true;

    /// <summary>Does it. An edit that throws changes nothing.</summary>
    /// <param name="edit">The zone, for an edit.</param>
    internal abstract void Run(ZoneEdit? edit);

    /// <summary>Tells the outcome: for an edit, when the change is on the disk and answers show it.</summary>
    /// <param name="failure">Why nothing has changed; null when all is well.</param>
    internal abstract void Complete(Exception? failure);
}

/// <summary>Work that somebody waits for.</summary>
/// <typeparam name="T">What it gives.</typeparam>
internal sealed class AwaitedWork<T>(ManagedZone zone, Func<ZoneEdit?, T> run, bool isEdit = true) : ZoneWork(zone)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    internal override bool IsEdit => isEdit;

    internal Task<T> Completion => _completion.Task;

    internal override void Run(ZoneEdit? edit) => _result = run(edit);

    internal override void Complete(Exception? failure)
    {
        if (failure is null)
            _completion.TrySetResult(_result!);
        else
            _completion.TrySetException(failure);
    }
}
