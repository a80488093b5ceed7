namespace Securely.Config;

/// <summary>
/// Strict reading of one map. Every getter names a key that the section knows; <see cref="Finish"/> then reports the keys that nobody
/// asked for. Getters report what is wrong and go on with the default, so that a user sees all errors at once; whoever reads must look
/// at <see cref="ConfigDiagnostics.HasErrors"/> before using the result. Not thread-safe.
/// </summary>
/// <remarks>
/// Getters with a default take an absent key for the default and report a key without a value. Getters that end in <c>OrNull</c> take
/// both for null, unless <see cref="NeedsValues"/>. After an error both give what they would give for an absent key.
/// </remarks>
public sealed partial class SectionReader
{
    private readonly ConfigValue _map;
    private readonly List<SectionReader> _children = [];
    private readonly List<string> _known = [];
    private readonly HashSet<string> _announced = new(StringComparer.Ordinal);
    private readonly HashSet<string> _complained = new(StringComparer.Ordinal);
    private bool _finished;

    /// <summary>Starts to read a section. A value that is nothing reads as an empty map; one that is not a map is reported.</summary>
    /// <param name="value">The section.</param>
    /// <param name="name">What errors call it, in dot notation as in <c>upstreams.app</c>; empty for the top level.</param>
    /// <param name="diagnostics">Takes errors and warnings.</param>
    /// <param name="origin">Where errors about the section as a whole point to, such as its key; else where the value starts.</param>
    public SectionReader(ConfigValue value, string name, ConfigDiagnostics diagnostics, ConfigOrigin? origin = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(diagnostics);
        Name = name;
        Key = name;
        Diagnostics = diagnostics;
        Origin = origin ?? value.Origin;
        _map = value;
        if (value.Kind is ConfigKind.Map or ConfigKind.Null)
            return;
        _map = ConfigValue.EmptyMap;
        diagnostics.Error(value.Origin, $"{(name.Length == 0 ? "The configuration" : $"[{name}]")} must be a map of keys and values, not {value.Describe()}");
        // Without keys nothing more can be said: missing ones would only repeat the error.
        IsUnreadable = true;
    }

    /// <summary>The section in dot notation, as in <c>sites.0.routes.1</c>; empty for the top level.</summary>
    public string Name { get; }

    /// <summary>The user's own name of a section of <see cref="NamedMaps"/>; for all others the same as <see cref="Name"/>.</summary>
    public string Key { get; private init; }

    /// <summary>Where the section stands.</summary>
    public ConfigOrigin Origin { get; }

    /// <summary>What was reported, also by other readers of the same configuration.</summary>
    public ConfigDiagnostics Diagnostics { get; }

    /// <summary>
    /// Whether a key that is there has to have a value, for all that is read of this section and of those below it: <c>[x: ]</c> is then an error
    /// whatever reads it, and never the default. Default: false, as null is a value of a repository.
    /// </summary>
    public bool NeedsValues { get; init; }

    /// <summary>Whether the value was no map, which was reported; required keys are then not asked for.</summary>
    public bool IsUnreadable { get; private set; }

    /// <summary>Whether the key is there, with or without a value. Makes the key known.</summary>
    /// <param name="key">The key.</param>
    public bool Has(string key)
    {
        Know(key);
        return _map.TryGetEntry(key, out _);
    }

    /// <summary>Reports each of these keys that is missing, or that needs a value and has none. Makes them known.</summary>
    /// <param name="keys">The keys.</param>
    /// <returns>Whether all are there.</returns>
    public bool Require(params ReadOnlySpan<string> keys)
    {
        var all = true;
        foreach (var key in keys)
        {
            Know(key);
            if (!_map.TryGetEntry(key, out var entry))
            {
                all = false;
                if (!IsUnreadable)
                    Diagnostics.Error(Origin, $"[{key}] is missing{In()}");
            }
            else if (NeedsValues && entry.Value.Kind == ConfigKind.Null)
            {
                all = false;
                if (_complained.Add(key))
                    Diagnostics.Error(entry.KeyOrigin, $"[{key}] has no value; write one");
            }
        }

        return all;
    }

    /// <summary>
    /// Names keys that are documented but that this version does not have. <see cref="Finish"/> reports them as
    /// <c>[tls] is not available yet</c>.
    /// </summary>
    /// <param name="keys">The keys.</param>
    public void Announce(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            _announced.Add(key);
    }

    /// <summary>Reports an error at the value of a key, or at the section when the key is not there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="message">What it is, with the thing in brackets and the way out.</param>
    public void Error(string key, string message)
    {
        _complained.Add(key);
        Diagnostics.Error(OriginOf(key), message);
    }

    /// <summary>Reports a warning at the value of a key, or at the section when the key is not there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="message">What it is, with the thing in brackets and the way out.</param>
    public void Warning(string key, string message) => Diagnostics.Warning(OriginOf(key), message);

    /// <summary>Where the value of a key starts, or the section when the key is not there.</summary>
    /// <param name="key">The key.</param>
    public ConfigOrigin OriginOf(string key) => _map[key]?.Origin ?? Origin;

    /// <summary>
    /// Ends reading: reports every key that is not known, with the nearest known name, every announced key, and what needs a value and has none.
    /// Also finishes the sections that were taken from this one. Calling it again does nothing.
    /// </summary>
    public void Finish()
    {
        if (_finished)
            return;
        _finished = true;
        foreach (var entry in _map.Entries)
        {
            if (_announced.Contains(entry.Key))
                Diagnostics.Error(entry.KeyOrigin, $"[{entry.Key}] is not available yet");
            else if (!_known.Contains(entry.Key))
                Diagnostics.Error(entry.KeyOrigin, $"[{entry.Key}] is unknown{In()}{Way(entry)}");
            else if (NeedsValues && entry.Value.Kind == ConfigKind.Null)
                ReportEmpty(entry);
        }

        foreach (var child in _children)
            child.Finish();
    }

    private string Way(ConfigEntry entry)
    {
        // In {key:value} the missing space makes the whole of it a key without a value.
        var colon = entry.Key.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && entry.Value.Kind == ConfigKind.Null && _known.Contains(entry.Key[..colon]))
            return $"; write [{entry.Key[..colon]}: {entry.Key[(colon + 1)..]}] with a space after the colon";

        var suggestion = NearestName.Suggestion(entry.Key, _known.Concat(_announced));
        if (suggestion.Length > 0)
            return suggestion;
        return _known.Count == 0 ? "" : $"; known are {string.Join(", ", _known.Select(k => $"[{k}]"))}";
    }

    private string In() => Name.Length == 0 ? "" : $" in [{Name}]";

    private string Child(string key) => Name.Length == 0 ? key : $"{Name}.{key}";

    private void Know(string key)
    {
        if (!_known.Contains(key))
            _known.Add(key);
    }

    /// <summary>The value of a key that is there and has one. A key without a value is reported unless it may be empty.</summary>
    private ConfigValue? Find(string key, bool mayBeEmpty)
    {
        Know(key);
        if (!_map.TryGetEntry(key, out var entry))
            return null;
        if (entry.Value.Kind != ConfigKind.Null)
            return entry.Value;
        if (!mayBeEmpty || NeedsValues)
            ReportEmpty(entry);
        return null;
    }

    private void ReportEmpty(ConfigEntry entry)
    {
        if (_complained.Add(entry.Key))
            Diagnostics.Error(entry.KeyOrigin, WithoutValue(entry.Key));
    }

    private static string WithoutValue(string name) => $"[{name}] has no value; write one, or leave the key out for the default";
}
