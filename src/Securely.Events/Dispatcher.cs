using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Securely.Events;

/// <summary>The dispatcher; see <see cref="IDispatcher"/> for what it promises.</summary>
/// <param name="logger">Where failures of listeners go that do not fail a dispatch; null is nowhere.</param>
/// <param name="queue">Takes queued listeners; null refuses to register them.</param>
public sealed partial class Dispatcher(ILogger<Dispatcher>? logger = null, IListenerEnqueuer? queue = null) : IDispatcher
{
    /// <summary>What a listener responds that has failed and keeps the event from later ones.</summary>
    private static readonly object Stopped = new();

    private readonly ListenerTable _table = new();
    private readonly Dictionary<string, List<EventMessage>> _pushed = new(StringComparer.Ordinal);
    private readonly AsyncLocal<DeferredEvents?> _deferring = new();
    private readonly ILogger _logger = logger ?? NullLogger<Dispatcher>.Instance;
    private readonly Lock _watching = new();

    // Replaced under the lock, read by everybody.
    private volatile EventWatch[] _watches = [];

    /// <summary>All listeners and watches, in the order of their registration.</summary>
    public IReadOnlyList<ListenerInfo> Listeners => [.. _table.All.Select(listener => listener.Info), .. _watches.Select(watch => watch.Info)];

    /// <inheritdoc/>
    public void Listen(string pattern, EventListener listener, ListenerOptions? options = null) =>
        Add(new Listener(pattern, Wildcards.IsPattern(pattern) ? ListenerKind.Wildcard : ListenerKind.Exact, listener, options ?? ListenerOptions.Default, null));

    /// <inheritdoc/>
    public void Listen<TEvent>(Func<TEvent, CancellationToken, ValueTask<object?>> listener, ListenerOptions? options = null)
        where TEvent : notnull => Add(new Listener(
            EventMessage.NameOf<TEvent>(),
            typeof(TEvent).IsInterface ? ListenerKind.Interface : ListenerKind.Exact,
            (message, cancellationToken) => message.Event is TEvent item ? listener(item, cancellationToken) : ValueTask.FromResult<object?>(null),
            options ?? ListenerOptions.Default,
            static item => item is TEvent));

    /// <inheritdoc/>
    public bool HasListeners(string name) => _table.HasPattern(name) || _table.HasWildcard(name);

    /// <inheritdoc/>
    public bool HasWildcardListeners(string name) => _table.HasWildcard(name);

    /// <inheritdoc/>
    [OverloadResolutionPriority(1)]
    public ValueTask<IReadOnlyList<object?>> DispatchAsync(string name, IReadOnlyList<object?>? payload = null, CancellationToken cancellationToken = default) =>
        DispatchAsync(new EventMessage(name, payload ?? []), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<object?>> DispatchAsync<TEvent>(TEvent message, CancellationToken cancellationToken = default)
        where TEvent : notnull => DispatchAsync(Of(message), cancellationToken);

    /// <inheritdoc/>
    [OverloadResolutionPriority(1)]
    public ValueTask<object?> UntilAsync(string name, IReadOnlyList<object?>? payload = null, CancellationToken cancellationToken = default) =>
        UntilAsync(new EventMessage(name, payload ?? []), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<object?> UntilAsync<TEvent>(TEvent message, CancellationToken cancellationToken = default)
        where TEvent : notnull => UntilAsync(Of(message), cancellationToken);

    /// <inheritdoc/>
    public void Push(string name, IReadOnlyList<object?>? payload = null)
    {
        lock (_pushed)
        {
            if (!_pushed.TryGetValue(name, out var messages))
                _pushed.Add(name, messages = []);
            messages.Add(new EventMessage(name, payload ?? []));
        }
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(string name, CancellationToken cancellationToken = default)
    {
        EventMessage[] messages;
        lock (_pushed)
            messages = _pushed.TryGetValue(name, out var pushed) ? [.. pushed] : [];
        foreach (var message in messages)
            await DispatchAsync(message, cancellationToken);
    }

    /// <inheritdoc/>
    public void Forget(string pattern) => _table.Remove(pattern);

    /// <inheritdoc/>
    public void ForgetPushed()
    {
        lock (_pushed)
            _pushed.Clear();
    }

    /// <inheritdoc/>
    public async ValueTask<T> DeferAsync<T>(Func<CancellationToken, ValueTask<T>> work, IReadOnlyCollection<string>? names = null, CancellationToken cancellationToken = default)
    {
        var outer = _deferring.Value;
        var deferred = new DeferredEvents(names);
        T result;
        try
        {
            _deferring.Value = deferred;
            result = await work(cancellationToken);
        }
        finally
        {
            _deferring.Value = outer;
        }

        foreach (var message in deferred.Take())
            await DispatchAsync(message, cancellationToken);
        return result;
    }

    /// <summary>Who hears an event of a name, in the order in which they do; watches last.</summary>
    /// <param name="name">The name.</param>
    public IReadOnlyList<ListenerInfo> ListenersOf(string name) =>
    [
        .. _table.For(new EventMessage(name, [])).Select(listener => listener.Info),
        .. _watches.Where(watch => Wildcards.Matches(watch.Pattern, name)).Select(watch => watch.Info),
    ];

    /// <summary>Streams events from now on; see <see cref="EventWatch"/>. It sees each one before the listeners do, whatever they return.</summary>
    /// <param name="pattern">A name; <c>*</c> in it stands for any letters.</param>
    /// <param name="capacity">How many are held for the reader, at least 1.</param>
    public EventWatch Watch(string pattern, int capacity = 1024)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        var watch = new EventWatch(pattern, capacity, End);
        lock (_watching)
            _watches = [.. _watches, watch];
        return watch;
    }

    /// <summary>Runs a listener that was queued; what a worker of the queue calls.</summary>
    /// <param name="call">The call that was queued.</param>
    /// <param name="cancellationToken">Handed to the listener.</param>
    /// <exception cref="InvalidOperationException">No queued listener of this name is registered.</exception>
    public async ValueTask RunQueuedAsync(QueuedListener call, CancellationToken cancellationToken = default)
    {
        var listener = _table.All.FirstOrDefault(one => one.Options.Queue is not null && one.Name == call.Listener)
            ?? throw new InvalidOperationException($"Queued listener [{call.Listener}] is not registered; register it in the program that works on the queue too");
        await listener.Call(call.Message, cancellationToken);
    }

    private static EventMessage Of<TEvent>(TEvent message)
        where TEvent : notnull => new(EventMessage.NameOf(message.GetType()), [message]) { Event = message };

    private void Add(Listener listener)
    {
        if (listener.Options.Queue is not null && queue is null)
            throw new InvalidOperationException($"Listener [{listener.Name}] is to be queued, but the dispatcher has no queue; give it one, or run the listener at once");
        if (listener.Options.Queue is not null && listener.Options.Name is null)
            throw new ArgumentException($"The queued listener of [{listener.Pattern}] needs a name, because it is found by it", nameof(listener));
        _table.Add(listener);
    }

    private void End(EventWatch watch)
    {
        lock (_watching)
            _watches = [.. _watches.Where(other => other != watch)];
    }

    private bool IsHeld(EventMessage message)
    {
        if (_deferring.Value is { } deferred && deferred.TryHold(message))
            return true;
        foreach (var watch in _watches)
            watch.Offer(message);
        return false;
    }

    private ValueTask<IReadOnlyList<object?>> DispatchAsync(EventMessage message, CancellationToken cancellationToken)
    {
        if (IsHeld(message))
            return ValueTask.FromResult<IReadOnlyList<object?>>([]);
        var listeners = _table.For(message);
        return listeners.Length == 0 ? ValueTask.FromResult<IReadOnlyList<object?>>([]) : RunAllAsync(listeners, message, cancellationToken);
    }

    private async ValueTask<IReadOnlyList<object?>> RunAllAsync(Listener[] listeners, EventMessage message, CancellationToken cancellationToken)
    {
        var responses = new List<object?>(listeners.Length);
        foreach (var listener in listeners)
        {
            var response = await RunAsync(listener, message, cancellationToken);
            if (response is false || ReferenceEquals(response, Stopped))
                break;
            responses.Add(response);
        }

        return responses;
    }

    private async ValueTask<object?> UntilAsync(EventMessage message, CancellationToken cancellationToken)
    {
        if (IsHeld(message))
            return null;
        foreach (var listener in _table.For(message))
        {
            if (await RunAsync(listener, message, cancellationToken) is { } response)
                return ReferenceEquals(response, Stopped) ? null : response;
        }

        return null;
    }

    private async ValueTask<object?> RunAsync(Listener listener, EventMessage message, CancellationToken cancellationToken)
    {
        try
        {
            if (listener.Options.Queue is not { } options)
                return await listener.Call(message, cancellationToken);
            if (options.ShouldQueue?.Invoke(message) ?? true)
                await queue!.EnqueueAsync(new QueuedListener(listener.Name, message, options), cancellationToken);
            return null;
        }
        catch (Exception error) when (listener.Options.OnFailure != ListenerFailure.Throw && error is not OperationCanceledException)
        {
            LogFailed(_logger, listener.Name, message.Name, error);
            return listener.Options.OnFailure == ListenerFailure.LogAndStop ? Stopped : null;
        }
    }
}
