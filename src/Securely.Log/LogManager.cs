using System.Collections.Concurrent;

namespace Securely.Log;

/// <summary>
/// Makes channels of their configuration when they are first asked for. One that cannot be made is replaced by the emergency channel, which says why, so that logging
/// never fails. Safe for many threads at once. Disposing writes everything that waits.
/// </summary>
public sealed class LogManager : IAsyncDisposable
{
    private readonly LogOptions _options;
    private readonly Dictionary<string, Func<LogChannelOptions, LogTarget>> _drivers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LogChannel> _channels = new(StringComparer.Ordinal);
    // By writer; its value says nothing.
    private readonly ConcurrentDictionary<LogWriter, bool> _writers = new();
    private readonly Lock _making = new();

    // Replaced under the lock, read by everybody.
    private volatile Action<LogRecord>[] _listeners = [];
    private volatile IReadOnlyList<KeyValuePair<string, object?>> _shared = [];

    // By writers that are closed.
    private long _droppedBefore;

    /// <summary>Makes nothing yet.</summary>
    /// <param name="options">The channels.</param>
    public LogManager(LogOptions options)
    {
        _options = options;
        Redaction = new Redaction(options.Redact);
        Default = options.Default ?? "";
        foreach (var (name, make) in BuiltInTargets.All)
            _drivers.Add(name, channel => make(channel, options));
    }

    /// <summary>The drivers that there are without the program's own.</summary>
    public static IReadOnlyList<string> Drivers { get; } = [.. BuiltInTargets.All.Keys, BuiltInTargets.Stack];

    /// <summary>The channel that is used when none is named.</summary>
    public string Default { get; set; }

    /// <summary>What every record carries beside its own context: that of the current asynchronous flow.</summary>
    public LogContext Context { get; } = new();

    /// <summary>What channels get that are made from now on.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> SharedContext => _shared;

    /// <summary>The channels that have been made.</summary>
    public IReadOnlyDictionary<string, LogChannel> Channels
    {
        get
        {
            lock (_making)
                return new Dictionary<string, LogChannel>(_channels, StringComparer.Ordinal);
        }
    }

    /// <summary>How many records were dropped by all targets.</summary>
    public long Dropped => Interlocked.Read(ref _droppedBefore) + _writers.Keys.Sum(writer => writer.Dropped);

    internal TimeProvider Time => _options.Time;

    internal Redaction Redaction { get; }

    internal bool HasListeners => _listeners.Length > 0;

    /// <summary>A channel.</summary>
    /// <param name="name">Its name; null is <see cref="Default"/>.</param>
    public LogChannel Channel(string? name = null)
    {
        name ??= Default;
        lock (_making)
        {
            if (!_channels.TryGetValue(name, out var channel))
                _channels.Add(name, channel = Resolve(name));
            return channel;
        }
    }

    /// <summary>A channel of several others, made now.</summary>
    /// <param name="channels">Their names.</param>
    /// <param name="name">What lines call it; null is <see cref="LogOptions.Name"/>.</param>
    public LogChannel Stack(IReadOnlyList<string> channels, string? name = null) => Build(new LogChannelOptions { Driver = BuiltInTargets.Stack, Channels = channels, Name = name });

    /// <summary>A channel that is not configured, made now. The caller keeps it until <see cref="ReleaseAsync"/>; asking again makes another.</summary>
    /// <param name="options">The channel.</param>
    public LogChannel Build(LogChannelOptions options)
    {
        lock (_making)
            return OrEmergency(() => Make(options));
    }

    /// <summary>Adds a driver, or replaces one.</summary>
    /// <param name="driver">Its name.</param>
    /// <param name="make">Makes the target of a channel.</param>
    public void Extend(string driver, Func<LogChannelOptions, LogTarget> make)
    {
        lock (_making)
            _drivers[driver] = make;
    }

    /// <summary>
    /// Forgets a channel, so that it is made anew. What was logged to it is still written, and then its targets are closed, apart from those that another
    /// channel writes to; what comes to it later is dropped and counted.
    /// </summary>
    /// <param name="name">Its name; null is <see cref="Default"/>.</param>
    public void ForgetChannel(string? name = null)
    {
        LogChannel? channel;
        lock (_making)
            _channels.Remove(name ?? Default, out channel);
        if (channel is not null)
            _ = ReleaseAsync(channel);
    }

    /// <summary>
    /// Closes a channel that <see cref="Build"/> or <see cref="Stack"/> made: what was logged to it is written, and targets that no named channel writes to are
    /// closed. What comes to it later is dropped and counted.
    /// </summary>
    /// <param name="channel">The channel; must not be used any more.</param>
    public Task ReleaseAsync(LogChannel channel)
    {
        LogWriter[] unused;
        lock (_making)
            unused = [.. channel.Handlers.Select(handler => handler.Writer).Except(_channels.Values.SelectMany(other => other.Handlers).Select(handler => handler.Writer))];
        return Task.WhenAll(unused.Select(CloseAsync));
    }

    /// <summary>Adds to the context of all channels, those that are made later among them.</summary>
    /// <param name="context">What to add.</param>
    public void ShareContext(params IReadOnlyList<KeyValuePair<string, object?>> context)
    {
        lock (_making)
        {
            foreach (var channel in _channels.Values)
                channel.WithContext(context);
            _shared = LogChannel.Merge(_shared, context);
        }
    }

    /// <summary>Forgets what is shared; channels that have been made keep it.</summary>
    public void FlushSharedContext()
    {
        lock (_making)
            _shared = [];
    }

    /// <summary>Hears every record that any channel logs, on the thread of whoever logs.</summary>
    /// <param name="listener">Must be quick and must not throw.</param>
    public void Listen(Action<LogRecord> listener)
    {
        lock (_making)
            _listeners = [.. _listeners, listener];
    }

    /// <summary>Ends when everything that was logged before has been written or given up.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task FlushAsync(CancellationToken cancellationToken = default) => Task.WhenAll(_writers.Keys.Select(writer => writer.FlushAsync(cancellationToken)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var writer in _writers.Keys)
            await CloseAsync(writer).ConfigureAwait(false);
    }

    internal void Announce(LogRecord record)
    {
        foreach (var listener in _listeners)
            listener(record);
    }

    private LogChannel Resolve(string name) => OrEmergency(() => _options.Channels.TryGetValue(name, out var options)
        ? Make(options)
        : throw new LogConfigurationException($"Log [{name}] is not defined."));

    private LogChannel OrEmergency(Func<LogChannel> make)
    {
        try
        {
            return make();
        }
        catch (LogConfigurationException error)
        {
            var target = _options.EmergencyPath is { } path ? new FileTarget(path) : (LogTarget)new TextTarget(_options.StandardError);
            var emergency = new LogChannel(this, _options.EmergencyName, replacesPlaceholders: false, [new LogHandler(Start(target, _options.EmergencyFormatter), LogSeverity.Debug, bubble: true)]);
            emergency.Log(LogSeverity.Emergency, "Unable to create configured logger. Using emergency logger.", new KeyValuePair<string, object?>("exception", error));
            return emergency;
        }
    }

    private LogChannel Make(LogChannelOptions options)
    {
        var handlers = options.Driver == BuiltInTargets.Stack ? Members(options) : [MakeHandler(options)];
        foreach (var tap in options.Taps)
            tap(handlers);
        return new LogChannel(this, options.Name ?? _options.Name, options.ReplacePlaceholders, handlers);
    }

    private LogHandler[] Members(LogChannelOptions options)
    {
        foreach (var name in options.Channels)
            RefuseCycle(name, [], []);
        return [.. options.Channels.SelectMany(name =>
        {
            if (!_channels.TryGetValue(name, out var channel))
                _channels.Add(name, channel = Resolve(name));
            return channel.Handlers;
        })];
    }

    private void RefuseCycle(string name, List<string> path, HashSet<string> done)
    {
        if (!_options.Channels.TryGetValue(name, out var options) || options.Driver != BuiltInTargets.Stack || done.Contains(name))
            return;
        path.Add(name);
        foreach (var member in options.Channels)
        {
            if (path.Contains(member))
                throw new LogConfigurationException($"Log [{member}] is a stack that has itself in it: [{string.Join("] > [", path.Append(member))}]; take it out of [{name}].");
            RefuseCycle(member, path, done);
        }

        path.RemoveAt(path.Count - 1);
        done.Add(name);
    }

    private LogHandler MakeHandler(LogChannelOptions options)
    {
        if (!_drivers.TryGetValue(options.Driver, out var make))
            throw new LogConfigurationException($"Driver [{options.Driver}] is not supported.");
        var level = LogSeverity.Debug;
        if (options.Level is not null && !LogSeverities.TryParse(options.Level, out level))
            throw new LogConfigurationException($"Level [{options.Level}] is not known; use [{string.Join("], [", LogSeverities.Names)}].");
        var formatter = options.Formatter ?? BuiltInTargets.Formatter(options.Driver);
        return new LogHandler(Start(make(options), formatter), level, options.Bubble);
    }

    private LogWriter Start(LogTarget target, ILogFormatter formatter)
    {
        var writer = new LogWriter(target, formatter, _options.Capacity, _options.StandardError.WriteLine);
        _writers.TryAdd(writer, true);
        return writer;
    }

    /// <summary>A writer stays known until it is closed, so that closing the manager waits for it too.</summary>
    private async Task CloseAsync(LogWriter writer)
    {
        await writer.DisposeAsync().ConfigureAwait(false);
        if (_writers.TryRemove(writer, out _))
            Interlocked.Add(ref _droppedBefore, writer.Dropped);
    }
}
