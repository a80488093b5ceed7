namespace Securely.Config;

public sealed partial class SectionReader
{
    /// <summary>
    /// The value of a key as it is, for keys that allow several forms; null when there is none. Read maps in it with
    /// <see cref="Section"/>, so that <see cref="Finish"/> looks after them too.
    /// </summary>
    /// <param name="key">The key.</param>
    public ConfigValue? Value(string key)
    {
        // Whoever knows several forms says himself what is written where nothing is; Finish says it for those who do not.
        Know(key);
        return _map[key] is { Kind: not ConfigKind.Null } value ? value : null;
    }

    /// <summary>The map of a key, or null when the key is not there. A key without a value is an empty map, or none where it needs a value.</summary>
    /// <param name="key">The key.</param>
    public SectionReader? Map(string key)
    {
        Know(key);
        if (NeedsValues && Find(key, mayBeEmpty: false) is null)
            return null;
        return _map.TryGetEntry(key, out var entry) ? Section(entry.Value, key, entry.KeyOrigin) : null;
    }

    /// <summary>The maps of a map whose keys are the user's own names, as in <c>upstreams</c>; <see cref="Key"/> is the name.</summary>
    /// <param name="key">The key.</param>
    public IReadOnlyList<SectionReader> NamedMaps(string key)
    {
        if (Entries(key) is not { Count: > 0 } entries)
            return [];
        var maps = new List<SectionReader>(entries.Count);
        foreach (var entry in entries)
            maps.Add(Adopt(new SectionReader(entry.Value, Child($"{key}.{entry.Key}"), Diagnostics, entry.KeyOrigin) { Key = entry.Key, Secrets = Secrets, NeedsValues = NeedsValues }));
        return maps;
    }

    /// <summary>The maps of a list, as in <c>listeners</c>.</summary>
    /// <param name="key">The key.</param>
    public IReadOnlyList<SectionReader> Maps(string key)
    {
        var items = List(key);
        var maps = new List<SectionReader>(items.Count);
        for (var i = 0; i < items.Count; i++)
            maps.Add(Section(items[i], string.Create(null, $"{key}.{i}")));
        return maps;
    }

    /// <summary>Reads a map that was found in a value of this section.</summary>
    /// <param name="value">The map.</param>
    /// <param name="key">What errors call it below this section, as in <c>servers.1</c>.</param>
    /// <param name="origin">Where errors about it as a whole point to; else where it starts.</param>
    public SectionReader Section(ConfigValue value, string key, ConfigOrigin? origin = null) =>
        Adopt(new SectionReader(value, Child(key), Diagnostics, origin) { Secrets = Secrets, NeedsValues = NeedsValues });

    /// <summary>The values of a list; empty when the key is not there. Any other kind of value is an error.</summary>
    /// <param name="key">The key.</param>
    public IReadOnlyList<ConfigValue> List(string key)
    {
        if (Find(key, mayBeEmpty: false) is not { } value)
            return [];
        if (value.Kind == ConfigKind.List)
            return value.Items;
        Diagnostics.Error(value.Origin, $"[{key}] must be a list, not {value.Describe()}; write it as [a, b], or with [- ] before each item");
        return [];
    }

    /// <summary>The texts of a list; a single text is a list of one. Empty when the key is not there.</summary>
    /// <param name="key">The key.</param>
    public IReadOnlyList<string> Texts(string key) => Items(key).Select(value => Secrets is null ? value.Text : ReadText(value, key, mayBeEmpty: false)!).ToArray();

    /// <summary>As <see cref="Texts"/>, with the place of each text.</summary>
    /// <param name="key">The key.</param>
    public IReadOnlyList<ConfigValue> Items(string key)
    {
        if (Find(key, mayBeEmpty: false) is not { } value)
            return [];
        var items = value.Kind == ConfigKind.List ? value.Items : [value];
        var texts = new List<ConfigValue>(items.Count);
        foreach (var item in items)
        {
            if (ReadText(item, key, mayBeEmpty: false) is not null)
                texts.Add(item);
        }

        return texts;
    }

    /// <summary>The entries of a map whose keys are the user's own; empty when the key is not there.</summary>
    /// <param name="key">The key.</param>
    public IReadOnlyList<ConfigEntry> Entries(string key)
    {
        if (Find(key, mayBeEmpty: true) is not { } value)
            return [];
        if (value.Kind == ConfigKind.Map)
            return value.Entries;
        Diagnostics.Error(value.Origin, $"[{key}] must be a map of keys and values, not {value.Describe()}");
        return [];
    }

    /// <summary>The names and texts of a map whose keys are the user's own, as header names and values, in order.</summary>
    /// <param name="key">The key.</param>
    /// <param name="mayBeEmpty">Whether <c>""</c> is a value; an error otherwise.</param>
    public IReadOnlyList<KeyValuePair<string, string>> TextMap(string key, bool mayBeEmpty = false)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var entry in Entries(key))
        {
            if (entry.Value.Kind == ConfigKind.Null)
                Diagnostics.Error(entry.KeyOrigin, $"[{entry.Key}] has no value");
            else if (ReadText(entry.Value, entry.Key, mayBeEmpty) is { } text)
                pairs.Add(new(entry.Key, text));
        }

        return pairs;
    }

    private SectionReader Adopt(SectionReader section)
    {
        _children.Add(section);
        if (NeedsValues && section._map.Kind == ConfigKind.Null)
        {
            Diagnostics.Error(section.Origin, WithoutValue(section.Name));
            section.IsUnreadable = true;
        }

        return section;
    }
}
