namespace Securely.Events;

/// <summary>A class that hears events of one type, or of an interface that events implement.</summary>
/// <typeparam name="TEvent">The type.</typeparam>
public interface IEventListener<in TEvent>
    where TEvent : notnull
{
    /// <summary>Hears one event.</summary>
    /// <param name="message">The event.</param>
    /// <param name="cancellationToken">Cancelled when whoever dispatched gives up.</param>
    /// <returns>The response. False keeps the event from later listeners; null is no response.</returns>
    ValueTask<object?> HandleAsync(TEvent message, CancellationToken cancellationToken);
}
