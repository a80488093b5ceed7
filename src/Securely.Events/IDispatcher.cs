using System.Runtime.CompilerServices;

namespace Securely.Events;

/// <summary>
/// Brings events to whoever listens. An event is a name with a payload, or an object, which is named by its type. Listeners hear it one after
/// another: those of exactly its name first, then those of wildcards that match it, then those of interfaces that it implements, each in the
/// order of their registration. Safe for use by many threads at once; listeners that are added during a dispatch hear the next one.
/// </summary>
public interface IDispatcher
{
    /// <summary>Listens to a name, or to all names that match a pattern.</summary>
    /// <param name="pattern">A name; <c>*</c> in it stands for any letters, none and dots among them.</param>
    /// <param name="listener">What hears them.</param>
    /// <param name="options">How it is run; null is <see cref="ListenerOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">It is queued, and another queued one has its name, or it has none.</exception>
    void Listen(string pattern, EventListener listener, ListenerOptions? options = null);

    /// <summary>Listens to objects of a type, or of all types that implement an interface. Derived types are other events.</summary>
    /// <param name="listener">What hears them.</param>
    /// <param name="options">How it is run; null is <see cref="ListenerOptions.Default"/>.</param>
    /// <typeparam name="TEvent">The type or interface.</typeparam>
    /// <exception cref="ArgumentException">It is queued, and another queued one has its name.</exception>
    void Listen<TEvent>(Func<TEvent, CancellationToken, ValueTask<object?>> listener, ListenerOptions? options = null)
        where TEvent : notnull;

    /// <summary>Whether anybody listens to a name, or to a pattern of exactly this text.</summary>
    /// <param name="name">The name.</param>
    bool HasListeners(string name);

    /// <summary>Whether any pattern matches a name.</summary>
    /// <param name="name">The name.</param>
    bool HasWildcardListeners(string name);

    /// <summary>Dispatches an event.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="payload">What comes with it.</param>
    /// <param name="cancellationToken">Handed to the listeners.</param>
    /// <returns>The responses of all listeners in order, null among them; up to the one that returned false, without it.</returns>
    [OverloadResolutionPriority(1)]
    ValueTask<IReadOnlyList<object?>> DispatchAsync(string name, IReadOnlyList<object?>? payload = null, CancellationToken cancellationToken = default);

    /// <summary>Dispatches an object.</summary>
    /// <param name="message">The object.</param>
    /// <param name="cancellationToken">Handed to the listeners.</param>
    /// <typeparam name="TEvent">Its type; what counts is the type that it really has.</typeparam>
    /// <returns>The responses of all listeners in order, null among them; up to the one that returned false, without it.</returns>
    ValueTask<IReadOnlyList<object?>> DispatchAsync<TEvent>(TEvent message, CancellationToken cancellationToken = default)
        where TEvent : notnull;

    /// <summary>Dispatches an event until a listener responds with anything but null; false, 0 and the empty text are responses.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="payload">What comes with it.</param>
    /// <param name="cancellationToken">Handed to the listeners.</param>
    /// <returns>The response; null when nobody responded.</returns>
    [OverloadResolutionPriority(1)]
    ValueTask<object?> UntilAsync(string name, IReadOnlyList<object?>? payload = null, CancellationToken cancellationToken = default);

    /// <summary>Dispatches an object until a listener responds with anything but null.</summary>
    /// <param name="message">The object.</param>
    /// <param name="cancellationToken">Handed to the listeners.</param>
    /// <typeparam name="TEvent">Its type; what counts is the type that it really has.</typeparam>
    /// <returns>The response; null when nobody responded.</returns>
    ValueTask<object?> UntilAsync<TEvent>(TEvent message, CancellationToken cancellationToken = default)
        where TEvent : notnull;

    /// <summary>Keeps an event to be dispatched by <see cref="FlushAsync"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="payload">What comes with it.</param>
    void Push(string name, IReadOnlyList<object?>? payload = null);

    /// <summary>Dispatches what was pushed under a name, in order. It stays, and the next call dispatches it again.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Handed to the listeners.</param>
    ValueTask FlushAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Removes the listeners of a name, or of a pattern of exactly this text.</summary>
    /// <param name="pattern">The name or pattern.</param>
    void Forget(string pattern);

    /// <summary>Forgets everything that was pushed.</summary>
    void ForgetPushed();

    /// <summary>Holds events back until some work is done, then dispatches them in order; when the work throws, they are lost.</summary>
    /// <param name="work">The work; only what it dispatches is held back, not what others dispatch meanwhile. While held back, a dispatch responds nothing.</param>
    /// <param name="names">The names to hold back; null is all.</param>
    /// <param name="cancellationToken">Handed to the work and to the listeners.</param>
    /// <typeparam name="T">What the work returns.</typeparam>
    ValueTask<T> DeferAsync<T>(Func<CancellationToken, ValueTask<T>> work, IReadOnlyCollection<string>? names = null, CancellationToken cancellationToken = default);
}
