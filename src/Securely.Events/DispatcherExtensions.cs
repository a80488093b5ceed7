namespace Securely.Events;

/// <summary>Shorter ways to register with an <see cref="IDispatcher"/>.</summary>
public static class DispatcherExtensions
{
    /// <summary>Listens to several names or patterns with one listener.</summary>
    /// <param name="dispatcher">Where.</param>
    /// <param name="patterns">The names or patterns.</param>
    /// <param name="listener">What hears them.</param>
    public static void Listen(this IDispatcher dispatcher, IEnumerable<string> patterns, EventListener listener)
    {
        foreach (var pattern in patterns)
            dispatcher.Listen(pattern, listener);
    }

    /// <summary>Listens to a name or pattern, and never responds.</summary>
    /// <param name="dispatcher">Where.</param>
    /// <param name="pattern">The name or pattern.</param>
    /// <param name="listener">What hears them.</param>
    /// <param name="options">How it is run; null is <see cref="ListenerOptions.Default"/>.</param>
    public static void Listen(this IDispatcher dispatcher, string pattern, Action<EventMessage> listener, ListenerOptions? options = null) =>
        dispatcher.Listen(
            pattern,
            (message, _) =>
            {
                listener(message);
                return ValueTask.FromResult<object?>(null);
            },
            options);

    /// <summary>Listens to objects of a type, and never responds.</summary>
    /// <param name="dispatcher">Where.</param>
    /// <param name="listener">What hears them.</param>
    /// <param name="options">How it is run; null is <see cref="ListenerOptions.Default"/>.</param>
    /// <typeparam name="TEvent">The type or interface.</typeparam>
    public static void Listen<TEvent>(this IDispatcher dispatcher, Action<TEvent> listener, ListenerOptions? options = null)
        where TEvent : notnull =>
        dispatcher.Listen<TEvent>(
            (message, _) =>
            {
                listener(message);
                return ValueTask.FromResult<object?>(null);
            },
            options);

    /// <summary>Listens with a class, of which one object is made for each event.</summary>
    /// <param name="dispatcher">Where.</param>
    /// <param name="options">How it is run; null names it by its class.</param>
    /// <typeparam name="TEvent">The type or interface.</typeparam>
    /// <typeparam name="TListener">The class.</typeparam>
    public static void Listen<TEvent, TListener>(this IDispatcher dispatcher, ListenerOptions? options = null)
        where TEvent : notnull
        where TListener : class, IEventListener<TEvent>, new() =>
        dispatcher.Listen<TEvent, TListener>(static () => new TListener(), options);

    /// <summary>Listens with a class that somebody else makes, a container perhaps; asked once for each event.</summary>
    /// <param name="dispatcher">Where.</param>
    /// <param name="make">Makes the object.</param>
    /// <param name="options">How it is run; null names it by its class.</param>
    /// <typeparam name="TEvent">The type or interface.</typeparam>
    /// <typeparam name="TListener">The class.</typeparam>
    public static void Listen<TEvent, TListener>(this IDispatcher dispatcher, Func<TListener> make, ListenerOptions? options = null)
        where TEvent : notnull
        where TListener : class, IEventListener<TEvent> =>
        dispatcher.Listen<TEvent>(
            (message, cancellationToken) => make().HandleAsync(message, cancellationToken),
            (options ?? ListenerOptions.Default) with { Name = options?.Name ?? typeof(TListener).FullName });

    /// <summary>Lets a subscriber register its listeners.</summary>
    /// <param name="dispatcher">Where.</param>
    /// <param name="subscriber">The subscriber.</param>
    public static void Subscribe(this IDispatcher dispatcher, ISubscriber subscriber) => subscriber.Subscribe(dispatcher);

    /// <summary>Makes a subscriber and lets it register its listeners.</summary>
    /// <param name="dispatcher">Where.</param>
    /// <typeparam name="TSubscriber">The subscriber.</typeparam>
    public static void Subscribe<TSubscriber>(this IDispatcher dispatcher)
        where TSubscriber : ISubscriber, new() => dispatcher.Subscribe(new TSubscriber());

    /// <summary>Holds events back until some work is done; see <see cref="IDispatcher.DeferAsync"/>.</summary>
    /// <param name="dispatcher">Where.</param>
    /// <param name="work">The work.</param>
    /// <param name="names">The names to hold back; null is all.</param>
    /// <param name="cancellationToken">Handed to the work and to the listeners.</param>
    public static async ValueTask DeferAsync(
        this IDispatcher dispatcher, Func<CancellationToken, ValueTask> work, IReadOnlyCollection<string>? names = null, CancellationToken cancellationToken = default) =>
        await dispatcher.DeferAsync<object?>(
            async token =>
            {
                await work(token);
                return null;
            },
            names, cancellationToken);
}
