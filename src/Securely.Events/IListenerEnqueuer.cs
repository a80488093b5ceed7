namespace Securely.Events;

/// <summary>Takes listeners that are to run later, perhaps in another process; a queue implements it.</summary>
public interface IListenerEnqueuer
{
    /// <summary>Keeps a call. Whoever takes it out hands it to <see cref="Dispatcher.RunQueuedAsync"/>.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask EnqueueAsync(QueuedListener call, CancellationToken cancellationToken);
}

/// <summary>A call of a listener, kept for later.</summary>
/// <param name="Listener">The listener's name.</param>
/// <param name="Message">The event.</param>
/// <param name="Options">How it is queued.</param>
public sealed record QueuedListener(string Listener, EventMessage Message, ListenerQueueOptions Options);
