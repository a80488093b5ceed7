using System.Globalization;

namespace Securely.Log;

/// <summary>
/// What an asynchronous flow knows, and every record of it carries: a trace, a tenant. What is hidden travels with it and is never logged. Each flow has its own; what a
/// flow adds, those it starts afterwards have too, and those that started it have not.
/// </summary>
public sealed class LogContext
{
    private readonly AsyncLocal<State?> _state = new();

    private enum Part
    {
        Shown,
        Hidden,
    }

    /// <summary>Everything that is logged, in the order in which it was added.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> All => Read(Part.Shown);

    /// <summary>Everything that is hidden.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> AllHidden => Read(Part.Hidden);

    /// <summary>Whether there is nothing, hidden or not.</summary>
    public bool IsEmpty => All.Count == 0 && AllHidden.Count == 0;

    /// <summary>Adds a value, or replaces one.</summary>
    public LogContext Add(string key, object? value) => Set(Part.Shown, key, value);

    /// <summary>Adds several values.</summary>
    public LogContext Add(IEnumerable<KeyValuePair<string, object?>> values)
    {
        foreach (var (key, value) in values)
            Add(key, value);
        return this;
    }

    /// <summary>Adds a hidden value, or replaces one.</summary>
    public LogContext AddHidden(string key, object? value) => Set(Part.Hidden, key, value);

    /// <summary>Adds a value unless there is one.</summary>
    public LogContext AddIf(string key, object? value) => Has(key) ? this : Add(key, value);

    /// <summary>Whether there is a value, null too.</summary>
    public bool Has(string key) => TryFind(Part.Shown, key, out _);

    /// <summary>Whether there is no value.</summary>
    public bool Missing(string key) => !Has(key);

    /// <summary>Whether there is a hidden value.</summary>
    public bool HasHidden(string key) => TryFind(Part.Hidden, key, out _);

    /// <summary>A value; <paramref name="otherwise"/> where there is none.</summary>
    public object? Get(string key, object? otherwise = null) => TryFind(Part.Shown, key, out var value) ? value : otherwise;

    /// <summary>A hidden value; <paramref name="otherwise"/> where there is none.</summary>
    public object? GetHidden(string key, object? otherwise = null) => TryFind(Part.Hidden, key, out var value) ? value : otherwise;

    /// <summary>A value, which is forgotten.</summary>
    public object? Pull(string key, object? otherwise = null)
    {
        var value = Get(key, otherwise);
        Forget(key);
        return value;
    }

    /// <summary>What there is of some keys.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Only(params IReadOnlyList<string> keys) => [.. All.Where(entry => keys.Contains(entry.Key, StringComparer.Ordinal))];

    /// <summary>Everything but some keys.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Except(params IReadOnlyList<string> keys) => [.. All.Where(entry => !keys.Contains(entry.Key, StringComparer.Ordinal))];

    /// <summary>Forgets values.</summary>
    public LogContext Forget(params IReadOnlyList<string> keys) => Write(Part.Shown, Except(keys));

    /// <summary>Forgets hidden values.</summary>
    public LogContext ForgetHidden(params IReadOnlyList<string> keys) => Write(Part.Hidden, [.. AllHidden.Where(entry => !keys.Contains(entry.Key, StringComparer.Ordinal))]);

    /// <summary>Forgets everything.</summary>
    public LogContext Flush()
    {
        _state.Value = null;
        return this;
    }

    /// <summary>Puts values on top of a stack, which is made where there is none.</summary>
    /// <exception cref="InvalidOperationException">The key has a value that is no stack.</exception>
    public LogContext Push(string key, params IReadOnlyList<object?> values) => Add(key, (object?[])[.. StackOf(key), .. values]);

    /// <summary>Takes the value from the top of a stack.</summary>
    /// <exception cref="InvalidOperationException">The key has no stack, or an empty one.</exception>
    public object? Pop(string key)
    {
        var stack = StackOf(key);
        if (stack.Count == 0)
            throw new InvalidOperationException($"The stack [{key}] is empty");
        Add(key, (object?[])[.. stack.SkipLast(1)]);
        return stack[^1];
    }

    /// <summary>Whether a stack has a value.</summary>
    /// <param name="key">The stack.</param>
    /// <param name="value">The value.</param>
    /// <param name="strict">False takes values for equal whose texts are: 1 and "1".</param>
    public bool StackContains(string key, object? value, bool strict = false) =>
        Has(key) && StackOf(key).Any(item => Equals(item, value) || (!strict && string.Equals(Text(item), Text(value), StringComparison.Ordinal)));

    /// <summary>The value of a key; made and added where there is none.</summary>
    public object? Remember(string key, Func<object?> make)
    {
        if (!TryFind(Part.Shown, key, out var value))
            Add(key, value = make());
        return value;
    }

    /// <summary>Adds to a number, which begins at 0.</summary>
    public LogContext Increment(string key, long amount = 1) => Add(key, Convert.ToInt64(Get(key, 0L), CultureInfo.InvariantCulture) + amount);

    /// <summary>Takes from a number, which begins at 0.</summary>
    public LogContext Decrement(string key, long amount = 1) => Increment(key, -amount);

    /// <summary>Does some work with further values; afterwards everything is as before.</summary>
    /// <param name="work">The work.</param>
    /// <param name="values">Values to add.</param>
    /// <param name="hidden">Hidden values to add.</param>
    /// <typeparam name="T">What the work returns.</typeparam>
    public T Scope<T>(Func<T> work, IEnumerable<KeyValuePair<string, object?>>? values = null, IEnumerable<KeyValuePair<string, object?>>? hidden = null)
    {
        using (Scope(values, hidden))
            return work();
    }

    /// <summary>Adds values until the result is disposed of; then everything is as before.</summary>
    /// <param name="values">Values to add.</param>
    /// <param name="hidden">Hidden values to add.</param>
    public IDisposable Scope(IEnumerable<KeyValuePair<string, object?>>? values = null, IEnumerable<KeyValuePair<string, object?>>? hidden = null)
    {
        var before = new Restoring(this, _state.Value);
        Add(values ?? []);
        foreach (var (key, value) in hidden ?? [])
            AddHidden(key, value);
        return before;
    }

    /// <summary>Packs everything, for a job that runs elsewhere.</summary>
    /// <param name="write">Makes text of a value.</param>
    public LogContextPack Dehydrate(Func<object?, string> write) => new(
        [.. All.Select(entry => KeyValuePair.Create(entry.Key, write(entry.Value)))], [.. AllHidden.Select(entry => KeyValuePair.Create(entry.Key, write(entry.Value)))]);

    /// <summary>Unpacks what was packed, in place of all that there is.</summary>
    /// <param name="pack">What was packed.</param>
    /// <param name="read">Makes a value of its text.</param>
    public LogContext Hydrate(LogContextPack pack, Func<string, object?> read)
    {
        Flush();
        foreach (var (key, text) in pack.Data)
            Add(key, read(text));
        foreach (var (key, text) in pack.Hidden)
            AddHidden(key, read(text));
        return this;
    }

    private static string? Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture);

    private IReadOnlyList<object?> StackOf(string key) => Get(key) switch
    {
        null => [],
        IReadOnlyList<object?> stack => stack,
        _ => throw new InvalidOperationException($"The key [{key}] has a value that is no stack"),
    };

    private IReadOnlyList<KeyValuePair<string, object?>> Read(Part part) => (part == Part.Shown ? _state.Value?.Shown : _state.Value?.Hidden) ?? [];

    private bool TryFind(Part part, string key, out object? value)
    {
        foreach (var (name, its) in Read(part))
        {
            if (name == key)
            {
                value = its;
                return true;
            }
        }

        value = null;
        return false;
    }

    private LogContext Set(Part part, string key, object? value) => Write(part, LogChannel.Merge(Read(part), [new(key, value)]));

    private LogContext Write(Part part, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        var state = _state.Value ?? new State([], []);
        _state.Value = part == Part.Shown ? state with { Shown = values } : state with { Hidden = values };
        return this;
    }

    private sealed record State(IReadOnlyList<KeyValuePair<string, object?>> Shown, IReadOnlyList<KeyValuePair<string, object?>> Hidden);

    private sealed class Restoring(LogContext context, State? state) : IDisposable
    {
        public void Dispose() => context._state.Value = state;
    }
}

/// <summary>A context, packed for a job that runs elsewhere.</summary>
/// <param name="Data">Keys and the texts of their values.</param>
/// <param name="Hidden">The same of what is hidden.</param>
public sealed record LogContextPack(IReadOnlyList<KeyValuePair<string, string>> Data, IReadOnlyList<KeyValuePair<string, string>> Hidden);
