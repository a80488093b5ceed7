namespace Securely.Config;

/// <summary>
/// Configuration by keys in dot notation: defaults, files, environment and command line over each other, each value with its place
/// (row 1.1). Reading takes no lock and allocates nothing but what it returns; writing replaces the tree as a whole, so a reader sees the
/// old one or the new one. Thread-safe.
/// </summary>
/// <example><code>
/// var config = new ConfigRepository(YamlReader.Read("app: {name: Shop, port: 8080}\n", "app.yaml"));
/// config.Set("app.debug", "true");
/// Console.WriteLine($"{config.Get&lt;string&gt;("app.name")} on {config.Get("app.port", 80)}, {config.Boolean("app.debug")}");
/// </code></example>
public sealed partial class ConfigRepository
{
    private readonly ConfigState _state;
    private readonly string? _prefix;

    /// <summary>Makes a repository of a tree.</summary>
    /// <param name="root">The tree; null for an empty one.</param>
    /// <param name="secrets">Decrypts encrypted values; null for a repository that cannot.</param>
    public ConfigRepository(ConfigValue? root = null, ConfigSecrets? secrets = null) => _state = new ConfigState(root ?? ConfigValue.EmptyMap, secrets, sources: null);

    private ConfigRepository(ConfigState state, string? prefix)
    {
        _state = state;
        _prefix = prefix;
    }

    /// <summary>What the whole is at this moment; for a section, what the section is. Unchangeable.</summary>
    public ConfigValue Root => _prefix is null ? _state.Root : ConfigTree.Get(_state.Root, _prefix) ?? ConfigValue.EmptyMap;

    /// <summary>The value of a key, or null when it is not there; set to null it becomes nothing, and the key stays.</summary>
    /// <param name="key">The key.</param>
    public ConfigValue? this[string key]
    {
        get => Find(key);
        set => Set(key, value ?? ConfigValue.Null(ConfigOrigin.Code));
    }

    /// <summary>Reads all sources.</summary>
    /// <param name="sources">Where to read.</param>
    /// <exception cref="ConfigException">A source cannot be used, or what they make together does not fit the schema; has all errors.</exception>
    public static ConfigRepository Load(ConfigSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        var diagnostics = new ConfigDiagnostics();
        var root = sources.Read(diagnostics);
        diagnostics.ThrowIfErrors();
        return new ConfigRepository(new ConfigState(root, sources.Secrets, sources), prefix: null);
    }

    /// <summary>Whether the key is there, also when its value is nothing.</summary>
    /// <param name="key">The key.</param>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>The value as it is in its source (an encrypted one stays so), or null when the key is not there.</summary>
    /// <param name="key">The key.</param>
    public ConfigValue? Find(ReadOnlySpan<char> key) => ConfigTree.Get(Root, key);

    /// <summary>The value, or the fallback when the key is not there. A key whose value is nothing is there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">Makes what an absent key means.</param>
    public ConfigValue Find(string key, Func<ConfigValue> fallback)
    {
        ArgumentNullException.ThrowIfNull(fallback);
        return Find(key) ?? fallback();
    }

    /// <summary>The values of a pattern with <c>*</c>, <c>{first}</c>, <c>{last}</c>, as in <c>users.*.name</c>; see <see cref="ConfigTree.Match(ConfigValue, string?)"/>.</summary>
    /// <param name="pattern">The pattern.</param>
    public ConfigValue? Match(string pattern) => ConfigTree.Match(Root, pattern);

    /// <summary>Several values at once, by their keys; null for those that are not there.</summary>
    /// <param name="keys">The keys.</param>
    public IReadOnlyDictionary<string, ConfigValue?> GetMany(params IEnumerable<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var root = Root;
        var values = new Dictionary<string, ConfigValue?>(StringComparer.Ordinal);
        foreach (var key in keys)
            values[key] = ConfigTree.Get(root, key);
        return values;
    }

    /// <summary>Several values at once, each with its fallback.</summary>
    /// <param name="fallbacks">The keys, and what they mean where they are not there.</param>
    public IReadOnlyDictionary<string, ConfigValue?> GetMany(IEnumerable<KeyValuePair<string, ConfigValue?>> fallbacks)
    {
        ArgumentNullException.ThrowIfNull(fallbacks);
        var root = Root;
        var values = new Dictionary<string, ConfigValue?>(StringComparer.Ordinal);
        foreach (var (key, fallback) in fallbacks)
            values[key] = ConfigTree.Get(root, key) ?? fallback;
        return values;
    }

    /// <summary>The values of a list, or of a map in its order. Empty when there is none.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ConfigException">The value is a text.</exception>
    public IReadOnlyList<ConfigValue> GetList(string key) => Find(key) is null or { Kind: ConfigKind.Null } ? [] : Collection(key);

    /// <summary>What lies below a key, as a repository of its own: its keys begin there, and changes on either side are seen on the other.</summary>
    /// <param name="prefix">The key.</param>
    public ConfigRepository Section(string prefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        return new ConfigRepository(_state, Full(prefix));
    }

    /// <summary>Every value that is no list or map with something in it, by its key in dot notation.</summary>
    public IEnumerable<KeyValuePair<string, ConfigValue>> All() =>
        ConfigTree.Dot(Root).Select(entry => new KeyValuePair<string, ConfigValue>(entry.Key, entry.Value));

    /// <summary>Sets a value in memory; nothing is written to a file. A text in the way becomes a map.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public void Set(string key, ConfigValue value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        Change(root => ConfigTree.Set(root, Full(key), value));
    }

    /// <summary>Sets a text in memory. <c>true</c>, <c>5</c> and <c>0.5</c> are a boolean and numbers.</summary>
    /// <param name="key">The key.</param>
    /// <param name="text">The text.</param>
    public void Set(string key, string text) => Set(key, ConfigValue.FromText(text, ConfigOrigin.Code));

    /// <summary>Sets several values, seen by readers at once.</summary>
    /// <param name="values">The keys and their values.</param>
    public void Set(IEnumerable<KeyValuePair<string, ConfigValue>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var all = values.ToArray();
        Change(root => all.Aggregate(root, (tree, pair) => ConfigTree.Set(tree, Full(pair.Key), pair.Value)));
    }

    /// <summary>Puts a value before the others of a list; without one it makes it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ConfigException">The value of the key is a text.</exception>
    public void Prepend(string key, ConfigValue value) => Change(root =>
    {
        var existing = ListAt(root, Full(key));
        if (existing.Kind == ConfigKind.List)
            return ConfigTree.Set(root, Full(key), ConfigValue.FromList(existing.Items.Prepend(value), existing.Origin));
        // The indexes of a map are counted anew, its names stay.
        var index = 1;
        var moved = existing.Entries.Select(entry => ConfigValue.TryGetIndex(entry.Key, out _) ? entry with { Key = ConfigTree.Name(index++) } : entry);
        return ConfigTree.Set(root, Full(key), ConfigValue.FromMap(moved.Prepend(new ConfigEntry("0", value.Origin, value)), existing.Origin));
    });

    /// <summary>Puts a value behind the others of a list; without one it makes it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ConfigException">The value of the key is a text.</exception>
    public void Push(string key, ConfigValue value) => Change(root =>
    {
        var existing = ListAt(root, Full(key));
        var next = existing.Kind == ConfigKind.List
            ? existing.Items.Count
            : existing.Entries.Select(entry => ConfigValue.TryGetIndex(entry.Key, out var index) ? index + 1 : 0).DefaultIfEmpty().Max();
        return ConfigTree.Set(root, Full(key), ConfigTree.With(existing, ConfigTree.Name(next), value));
    });

    /// <summary>Makes the value of a key nothing; the key stays, as it does in Laravel. <see cref="ConfigTree.Forget(ConfigValue, ReadOnlySpan{string})"/> removes one.</summary>
    /// <param name="key">The key.</param>
    public void Unset(string key) => Set(key, ConfigValue.Null(ConfigOrigin.Code));

    /// <summary>
    /// Calls back when something at or below a key has another value than before, after <see cref="Set(string, ConfigValue)"/> and its like and after a
    /// reload. Calls come one after the other, on the thread that made the change.
    /// </summary>
    /// <param name="prefix">The key; empty for everything.</param>
    /// <param name="changed">Is given the repository that it was registered with.</param>
    /// <returns>Ends it when disposed.</returns>
    public IDisposable OnChange(string prefix, Action<ConfigRepository> changed)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(changed);
        return _state.Subscribe(prefix.Length == 0 ? _prefix ?? "" : Full(prefix), () => changed(this));
    }

    /// <summary>Reads the sources again. When one cannot be used everything stays as it was.</summary>
    /// <returns>What was wrong; without errors the new values count.</returns>
    /// <exception cref="InvalidOperationException">The repository was not made by <see cref="Load"/>.</exception>
    public ConfigDiagnostics Reload()
    {
        var sources = _state.Sources ?? throw new InvalidOperationException("The repository has no sources to read again; make it with ConfigRepository.Load.");
        var diagnostics = new ConfigDiagnostics();
        var root = sources.Read(diagnostics);
        if (!diagnostics.HasErrors)
            _state.Change(_ => root);
        return diagnostics;
    }

    internal ConfigSources? Sources => _state.Sources;

    private static ConfigValue ListAt(ConfigValue root, string key) => ConfigTree.Get(root, key) switch
    {
        null or { Kind: ConfigKind.Null } => ConfigValue.FromList([], ConfigOrigin.Code),
        { Kind: ConfigKind.Text } text => throw new ConfigException(text.Origin, $"[{key}] must be a list to take another value, not {text.Describe()}"),
        var container => container,
    };

    private string Full(string key) => _prefix is null ? key : _prefix + "." + key;

    private void Change(Func<ConfigValue, ConfigValue> change) => _state.Change(change);
}
