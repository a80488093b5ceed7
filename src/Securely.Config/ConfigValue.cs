using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Securely.Config;

/// <summary>What a <see cref="ConfigValue"/> is.</summary>
public enum ConfigKind
{
    /// <summary>Nothing: an empty value, <c>~</c> or <c>null</c>.</summary>
    Null,

    /// <summary>A text, a number, a boolean: everything that is written as one word or in quotes.</summary>
    Text,

    /// <summary>Values in an order.</summary>
    List,

    /// <summary>Values with names, in the order of the source.</summary>
    Map,
}

/// <summary>One name and its value in a map.</summary>
/// <param name="Key">The name, never null.</param>
/// <param name="KeyOrigin">Where the name stands; the value has a place of its own.</param>
/// <param name="Value">The value.</param>
public readonly record struct ConfigEntry(string Key, ConfigOrigin KeyOrigin, ConfigValue Value);

/// <summary>
/// One configuration value and where it came from. The tree does not know which kind of source made it, so YAML, dotenv and
/// environment values are the same type. Immutable, so any thread may read it.
/// </summary>
public sealed class ConfigValue
{
    // Short maps are faster to walk than to hash, and nearly all maps of a configuration are short.
    private const int IndexedFrom = 9;

    private readonly string? _text;
    private readonly ConfigValue[] _items = [];
    private readonly ConfigEntry[] _entries = [];
    private readonly Dictionary<string, int>? _index;

    private ConfigValue(ConfigKind kind, ConfigOrigin origin)
    {
        Kind = kind;
        Origin = origin;
    }

    private ConfigValue(string text, bool quoted, ConfigOrigin origin) : this(ConfigKind.Text, origin)
    {
        _text = text;
        IsQuoted = quoted;
    }

    private ConfigValue(ConfigValue[] items, ConfigOrigin origin) : this(ConfigKind.List, origin) => _items = items;

    private ConfigValue(ConfigEntry[] entries, ConfigOrigin origin) : this(ConfigKind.Map, origin)
    {
        _entries = entries;
        if (entries.Length < IndexedFrom)
            return;
        _index = new Dictionary<string, int>(entries.Length, StringComparer.Ordinal);
        for (var i = 0; i < entries.Length; i++)
            _index.TryAdd(entries[i].Key, i);
    }

    /// <summary>A map without entries, made by code.</summary>
    public static ConfigValue EmptyMap { get; } = new(Array.Empty<ConfigEntry>(), ConfigOrigin.Code);

    /// <summary>What the value is.</summary>
    public ConfigKind Kind { get; }

    /// <summary>Where the value starts.</summary>
    public ConfigOrigin Origin { get; }

    /// <summary>Whether a text stood in quotes (or in a block), which means that it is not a number or a boolean.</summary>
    public bool IsQuoted { get; }

    /// <summary>The text as it is after unquoting.</summary>
    /// <exception cref="InvalidOperationException">The value is not a text.</exception>
    public string Text => _text ?? throw new InvalidOperationException($"The value at [{Origin}] is {Describe()}, not a text.");

    /// <summary>The values of a list; empty for everything else.</summary>
    public IReadOnlyList<ConfigValue> Items => _items;

    /// <summary>The entries of a map in the order of the source; empty for everything else.</summary>
    public IReadOnlyList<ConfigEntry> Entries => _entries;

    /// <summary>The value of a name in a map, or null when there is none or this is no map.</summary>
    /// <param name="key">The name; case matters.</param>
    public ConfigValue? this[string key] => TryGetEntry(key, out var entry) ? entry.Value : null;

    /// <summary>Makes a text value.</summary>
    /// <param name="text">The text.</param>
    /// <param name="origin">Where it stands.</param>
    /// <param name="quoted">Whether it stood in quotes.</param>
    public static ConfigValue FromText(string text, ConfigOrigin origin, bool quoted = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new ConfigValue(text, quoted, origin);
    }

    /// <summary>Makes a list.</summary>
    /// <param name="items">The values, copied.</param>
    /// <param name="origin">Where the list starts.</param>
    public static ConfigValue FromList(IEnumerable<ConfigValue> items, ConfigOrigin origin) => new(items.ToArray(), origin);

    /// <summary>Makes a map.</summary>
    /// <param name="entries">The entries in order, copied.</param>
    /// <param name="origin">Where the map starts.</param>
    /// <exception cref="ArgumentException">A name stands twice.</exception>
    public static ConfigValue FromMap(IEnumerable<ConfigEntry> entries, ConfigOrigin origin)
    {
        var copy = entries.ToArray();
        var seen = new HashSet<string>(copy.Length, StringComparer.Ordinal);
        foreach (var entry in copy)
        {
            if (!seen.Add(entry.Key))
                throw new ArgumentException($"The key [{entry.Key}] stands twice.", nameof(entries));
        }

        return new ConfigValue(copy, origin);
    }

    /// <summary>Makes a value that is nothing.</summary>
    /// <param name="origin">Where it stands.</param>
    public static ConfigValue Null(ConfigOrigin origin) => new(ConfigKind.Null, origin);

    /// <summary>Finds an entry of a map.</summary>
    /// <param name="key">The name; case matters.</param>
    /// <param name="entry">The entry with the places of name and value.</param>
    /// <returns>False when there is none or this is no map.</returns>
    public bool TryGetEntry(string key, out ConfigEntry entry)
    {
        if (_index is not null)
        {
            var found = _index.TryGetValue(key, out var position);
            entry = found ? _entries[position] : default;
            return found;
        }

        foreach (var candidate in _entries)
        {
            if (!string.Equals(candidate.Key, key, StringComparison.Ordinal))
                continue;
            entry = candidate;
            return true;
        }

        entry = default;
        return false;
    }

    /// <summary>Reads a text, quoted or not.</summary>
    /// <param name="text">The text.</param>
    public bool TryGetText([NotNullWhen(true)] out string? text)
    {
        text = _text;
        return text is not null;
    }

    /// <summary>
    /// Reads a whole decimal number without quotes. A leading zero, a plus sign, <c>0x10</c> and <c>1_000</c> are refused,
    /// because YAML versions disagree about what they mean.
    /// </summary>
    /// <param name="number">The number.</param>
    public bool TryGetInteger(out long number)
    {
        number = 0;
        if (_text is null || IsQuoted)
            return false;
        var digits = _text.AsSpan(_text.StartsWith('-') ? 1 : 0);
        if (digits.Length > 1 && digits[0] == '0')
            return false;
        return long.TryParse(_text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
            && !_text.StartsWith('+');
    }

    /// <summary>Reads <c>true</c> or <c>false</c> without quotes; no other spelling is a boolean.</summary>
    /// <param name="value">The boolean.</param>
    public bool TryGetBoolean(out bool value)
    {
        value = !IsQuoted && _text is "true";
        return value || (!IsQuoted && _text is "false");
    }

    /// <summary>Reads a number without quotes, whole or not, as in <c>0.5</c> or <c>1e3</c>.</summary>
    /// <param name="number">The number.</param>
    public bool TryGetNumber(out double number)
    {
        number = 0;
        if (_text is not [.., >= '0' and <= '9'] || IsQuoted || _text[0] is not ('-' or (>= '0' and <= '9')))
            return false;
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(_text, Style, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
    }

    /// <summary>
    /// The entry of a map, or the item of a list whose index is written as a whole number without zeros in front; null when there is none.
    /// Allocates nothing.
    /// </summary>
    /// <param name="key">The name or the index.</param>
    public ConfigValue? Child(ReadOnlySpan<char> key)
    {
        if (Kind == ConfigKind.List)
            return TryGetIndex(key, out var position) && position < _items.Length ? _items[position] : null;
        if (_index is not null)
            return _index.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out var found) ? _entries[found].Value : null;
        foreach (var candidate in _entries)
        {
            if (candidate.Key.AsSpan().SequenceEqual(key))
                return candidate.Value;
        }

        return null;
    }

    /// <summary>Whether two values hold the same, wherever they came from. The order of a map's entries does not matter.</summary>
    /// <param name="left">One of them; null for none.</param>
    /// <param name="right">The other.</param>
    public static bool SameContent(ConfigValue? left, ConfigValue? right)
    {
        if (ReferenceEquals(left, right))
            return true;
        if (left is null || right is null || left.Kind != right.Kind)
            return false;
        return left.Kind switch
        {
            ConfigKind.Text => left.IsQuoted == right.IsQuoted && string.Equals(left._text, right._text, StringComparison.Ordinal),
            ConfigKind.List => left._items.Length == right._items.Length && left._items.Zip(right._items).All(pair => SameContent(pair.First, pair.Second)),
            ConfigKind.Map => left._entries.Length == right._entries.Length && left._entries.All(entry => SameContent(entry.Value, right[entry.Key])),
            _ => true,
        };
    }

    /// <summary>Reads an index as it stands in a key: digits without zeros in front.</summary>
    internal static bool TryGetIndex(ReadOnlySpan<char> key, out int index)
    {
        index = 0;
        return key is ['0'] || (key is [>= '1' and <= '9', ..] && int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out index));
    }

    /// <summary>Names kind and text for error messages, as in <c>the text ["5"]</c>. Nothing of an encrypted value is told.</summary>
    internal string Describe() => Kind switch
    {
        ConfigKind.Map => "a map",
        ConfigKind.List => "a list",
        ConfigKind.Text when ConfigSecrets.IsEncrypted(_text) => "an encrypted text",
        ConfigKind.Text when IsQuoted => $"the text [\"{_text}\"]",
        ConfigKind.Text => $"[{_text}]",
        _ => "nothing",
    };
}
