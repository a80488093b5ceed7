using System.Collections;

namespace Securely.Log;

/// <summary>Takes secrets out of contexts by the names of their keys, at any depth; copies only what has some.</summary>
internal sealed class Redaction(IReadOnlyList<string> names)
{
    private const string Instead = "[redacted]";
    private const int MostLevels = 9;

    private readonly HashSet<string> _names = new(names, StringComparer.OrdinalIgnoreCase);

    // A bit for each length that a name has: most keys are no name's length, and need not be looked up.
    private readonly ulong _lengths = names.Aggregate(0UL, static (lengths, name) => lengths | Bit(name));

    public IReadOnlyList<KeyValuePair<string, object?>> Apply(IReadOnlyList<KeyValuePair<string, object?>> values) => Apply(values, 0);

    private IReadOnlyList<KeyValuePair<string, object?>> Apply(IReadOnlyList<KeyValuePair<string, object?>> values, int level)
    {
        KeyValuePair<string, object?>[]? changed = null;
        for (var i = 0; i < values.Count; i++)
        {
            var (key, value) = values[i];
            var safe = IsSecret(key) ? Instead : Value(value, level);
            if (ReferenceEquals(safe, value))
                continue;
            changed ??= [.. values];
            changed[i] = new KeyValuePair<string, object?>(key, safe);
        }

        return changed ?? values;
    }

    private bool IsSecret(string key) => (_lengths & Bit(key)) != 0 && _names.Contains(key);

    private static ulong Bit(string name) => 1UL << Math.Min(name.Length, 63);

    private object? Value(object? value, int level) => value switch
    {
        null or string or ValueType => value,
        _ when level >= MostLevels => value,
        LogObject item => Apply(item.Fields, level + 1) is var fields && ReferenceEquals(fields, item.Fields) ? item : item with { Fields = fields },
        IReadOnlyList<KeyValuePair<string, object?>> list => Apply(list, level + 1),
        IEnumerable<KeyValuePair<string, object?>> map => Apply([.. map], level + 1),
        IList items => Items(items, level),
        _ => value,
    };

    private object Items(IList items, int level)
    {
        object?[]? changed = null;
        for (var i = 0; i < items.Count; i++)
        {
            var safe = Value(items[i], level + 1);
            if (ReferenceEquals(safe, items[i]) || items[i] is ValueType)
                continue;
            changed ??= [.. items.Cast<object?>()];
            changed[i] = safe;
        }

        return changed ?? (object)items;
    }
}
