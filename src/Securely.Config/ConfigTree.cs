namespace Securely.Config;

/// <summary>
/// Reading and changing trees of values by keys in dot notation, as in <c>app.servers.0.port</c>. Values are immutable: what changes one
/// returns another, which shares all that stayed. A list is addressed by its indexes; one that loses an item in the middle, or gets one
/// behind its end, becomes a map with its indexes as names. Row 1.1 of the map of Laravel, where this is <c>Arr</c>.
/// </summary>
public static partial class ConfigTree
{
    /// <summary>The value of a key, or null when there is none. A name with dots at the top wins over nesting. Allocates nothing.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="key">The key.</param>
    public static ConfigValue? Get(ConfigValue root, ReadOnlySpan<char> key)
    {
        ArgumentNullException.ThrowIfNull(root);
        if (root.Child(key) is { } direct)
            return direct;
        var current = root;
        if (!key.Contains('.'))
            return null;
        foreach (var part in key.Split('.'))
        {
            if (current.Child(key[part]) is not { } next)
                return null;
            current = next;
        }

        return current;
    }

    /// <summary>Whether all of these keys are there, with or without a value. None at all is false.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="keys">The keys.</param>
    public static bool Has(ConfigValue root, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (Get(root, key) is null)
                return false;
        }

        return keys.Length > 0;
    }

    /// <summary>Whether one of these keys is there, with or without a value.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="keys">The keys.</param>
    public static bool HasAny(ConfigValue root, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (Get(root, key) is not null)
                return true;
        }

        return false;
    }

    /// <summary>
    /// The tree with a value at a key. Always nested, also where a name with dots stands at the top; a text in the way becomes a map.
    /// </summary>
    /// <param name="root">The tree.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public static ConfigValue Set(ConfigValue root, string key, ConfigValue value)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        return SetPath(root, key.Split('.'), value);
    }

    /// <summary>The tree with a value at a key where there is none yet, or nothing (<c>null</c>).</summary>
    /// <param name="root">The tree.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public static ConfigValue Add(ConfigValue root, string key, ConfigValue value) =>
        Get(root, key) is null or { Kind: ConfigKind.Null } ? Set(root, key, value) : root;

    /// <summary>The tree without these keys; a key that is not there is no error.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="keys">The keys.</param>
    public static ConfigValue Forget(ConfigValue root, params ReadOnlySpan<string> keys)
    {
        ArgumentNullException.ThrowIfNull(root);
        foreach (var key in keys)
            root = root.Child(key) is not null ? Without(root, key) : ForgetPath(root, key.Split('.'));
        return root;
    }

    /// <summary>The tree without a key, and the value that it had.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; null when there was none.</param>
    public static ConfigValue Pull(ConfigValue root, string key, out ConfigValue? value)
    {
        value = Get(root, key);
        return Forget(root, key);
    }

    /// <summary>Only these entries of the top level. Their names are taken as they are: a dot is no path here.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="names">The names.</param>
    public static ConfigValue Only(ConfigValue root, params ReadOnlySpan<string> names)
    {
        ArgumentNullException.ThrowIfNull(root);
        var kept = new List<ConfigEntry>();
        foreach (var entry in Children(root))
        {
            if (names.Contains(entry.Key))
                kept.Add(entry);
        }

        return Container(kept, root.Origin);
    }

    /// <summary>
    /// One level: every value by its key in dot notation. Empty lists and maps stay, as values. Where a name with dots and a nested one are the same key,
    /// the later one counts.
    /// </summary>
    /// <param name="root">The tree.</param>
    /// <param name="prefix">What stands before every key.</param>
    public static IReadOnlyList<ConfigEntry> Dot(ConfigValue root, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(root);
        var flat = new OrderedDictionary<string, ConfigEntry>(StringComparer.Ordinal);
        Flatten(root, prefix, flat);
        return [.. flat.Values];
    }

    /// <summary>The tree of values that are named in dot notation; a later one wins.</summary>
    /// <param name="entries">The values.</param>
    public static ConfigValue Undot(IEnumerable<ConfigEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return entries.Aggregate(ConfigValue.EmptyMap, (tree, entry) => Set(tree, entry.Key, entry.Value));
    }

    /// <summary>Whether the names are the indexes from 0 in order, as those of a list and of an empty map are.</summary>
    /// <param name="value">The value.</param>
    public static bool IsList(ConfigValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Kind == ConfigKind.List
            || (value.Kind == ConfigKind.Map && value.Entries.Select((entry, at) => ConfigValue.TryGetIndex(entry.Key, out var index) && index == at).All(fits => fits));
    }

    /// <summary>A list or map as it is, nothing as an empty list, a text as a list of it.</summary>
    /// <param name="value">The value.</param>
    public static ConfigValue Wrap(ConfigValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Kind switch
        {
            ConfigKind.Null => ConfigValue.FromList([], value.Origin),
            ConfigKind.Text => ConfigValue.FromList([value], value.Origin),
            _ => value,
        };
    }

    /// <summary>One tree over another: maps are merged entry by entry, everything else replaces what was there.</summary>
    /// <param name="below">The tree with the weaker values.</param>
    /// <param name="above">The tree whose values win.</param>
    public static ConfigValue Merge(ConfigValue below, ConfigValue above)
    {
        ArgumentNullException.ThrowIfNull(below);
        ArgumentNullException.ThrowIfNull(above);
        if (below.Kind != ConfigKind.Map || above.Kind != ConfigKind.Map)
            return above;
        var entries = below.Entries.ToList();
        var places = entries.Select((entry, at) => (entry.Key, at)).ToDictionary(pair => pair.Key, pair => pair.at, StringComparer.Ordinal);
        foreach (var entry in above.Entries)
        {
            if (places.TryGetValue(entry.Key, out var at))
                entries[at] = entry with { Value = Merge(entries[at].Value, entry.Value) };
            else
                entries.Add(entry);
        }

        return ConfigValue.FromMap(entries, above.Origin);
    }

    /// <summary>What a list or a map holds, a list with its indexes as names.</summary>
    internal static IEnumerable<ConfigEntry> Children(ConfigValue value) => value.Kind == ConfigKind.List
        ? value.Items.Select((item, at) => new ConfigEntry(Name(at), item.Origin, item))
        : value.Entries;

    /// <summary>A list or a map with one child set.</summary>
    internal static ConfigValue With(ConfigValue container, string name, ConfigValue child)
    {
        var isEmpty = container.Kind is not (ConfigKind.List or ConfigKind.Map) || (container.Items.Count == 0 && container.Entries.Count == 0);
        var origin = isEmpty && container.Kind is not (ConfigKind.List or ConfigKind.Map) ? child.Origin : container.Origin;
        if ((isEmpty || container.Kind == ConfigKind.List) && ConfigValue.TryGetIndex(name, out var index) && index <= container.Items.Count)
        {
            var items = container.Items.ToList();
            if (index == items.Count)
                items.Add(child);
            else
                items[index] = child;
            return ConfigValue.FromList(items, origin);
        }

        var entries = isEmpty ? [] : Children(container).ToList();
        var at = entries.FindIndex(entry => string.Equals(entry.Key, name, StringComparison.Ordinal));
        if (at < 0)
            entries.Add(new ConfigEntry(name, child.Origin, child));
        else
            entries[at] = entries[at] with { Value = child };
        return ConfigValue.FromMap(entries, origin);
    }

    /// <summary>A list or a map without one child.</summary>
    internal static ConfigValue Without(ConfigValue container, string name)
    {
        if (container.Child(name) is null)
            return container;
        if (container.Kind == ConfigKind.List && name == Name(container.Items.Count - 1))
            return ConfigValue.FromList(container.Items.SkipLast(1), container.Origin);
        return ConfigValue.FromMap(Children(container).Where(entry => !string.Equals(entry.Key, name, StringComparison.Ordinal)), container.Origin);
    }

    internal static string Name(int index) => index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A list where the names are the indexes from 0, else a map.</summary>
    private static ConfigValue Container(List<ConfigEntry> entries, ConfigOrigin origin)
    {
        var map = ConfigValue.FromMap(entries, origin);
        return entries.Count > 0 && IsList(map) ? ConfigValue.FromList(entries.Select(entry => entry.Value), origin) : map;
    }

    private static ConfigValue SetPath(ConfigValue target, ReadOnlySpan<string> path, ConfigValue value) => path.Length == 1
        ? With(target, path[0], value)
        : With(target, path[0], SetPath(Nested(target, path[0]), path[1..], value));

    private static ConfigValue Nested(ConfigValue target, string name) =>
        target.Child(name) is { Kind: ConfigKind.List or ConfigKind.Map } child ? child : ConfigValue.EmptyMap;

    private static ConfigValue ForgetPath(ConfigValue target, ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
            return Without(target, path[0]);
        return target.Child(path[0]) is { Kind: ConfigKind.List or ConfigKind.Map } child ? With(target, path[0], ForgetPath(child, path[1..])) : target;
    }

    private static void Flatten(ConfigValue value, string prefix, OrderedDictionary<string, ConfigEntry> flat)
    {
        foreach (var entry in Children(value))
        {
            if (entry.Value.Items.Count > 0 || entry.Value.Entries.Count > 0)
                Flatten(entry.Value, prefix + entry.Key + ".", flat);
            else
                flat[prefix + entry.Key] = entry with { Key = prefix + entry.Key };
        }
    }
}
