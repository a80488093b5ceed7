namespace Securely.Events;

/// <summary>One event that is being dispatched: its name, and what came with it. Immutable.</summary>
/// <param name="Name">The name; that of its type where it is an object.</param>
/// <param name="Payload">What came with it; the object alone where it is one.</param>
public sealed record EventMessage(string Name, IReadOnlyList<object?> Payload)
{
    /// <summary>The event where it is an object; null where it has only a name.</summary>
    public object? Event { get; init; }

    /// <summary>The name under which events of a type are dispatched: its full name, with its namespace.</summary>
    /// <typeparam name="TEvent">The type.</typeparam>
    public static string NameOf<TEvent>()
        where TEvent : notnull => NameOf(typeof(TEvent));

    internal static string NameOf(Type type) => type.FullName ?? type.Name;
}

/// <summary>Hears an event by its name.</summary>
/// <param name="message">The event.</param>
/// <param name="cancellationToken">Cancelled when whoever dispatched gives up.</param>
/// <returns>The response. False keeps the event from later listeners; null is no response.</returns>
public delegate ValueTask<object?> EventListener(EventMessage message, CancellationToken cancellationToken);
