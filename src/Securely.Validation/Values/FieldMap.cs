namespace Securely.Validation;

/// <summary>Entries in order, found by name; small maps are searched, larger ones are hashed on their first search.</summary>
internal sealed class FieldMap
{
    private const int HashedFrom = 9;

    private readonly string[] _keys;
    private readonly FieldValue[] _values;
    private Dictionary<string, int>? _places;

    private FieldMap(string[] keys, FieldValue[] values)
    {
        _keys = keys;
        _values = values;
    }

    public int Count => _keys.Length;

    public string KeyAt(int index) => _keys[index];

    public FieldValue ValueAt(int index) => _values[index];

    /// <summary>A name that comes twice keeps its first place and its last value, as in JSON readers.</summary>
    public static FieldMap Of(IEnumerable<KeyValuePair<string, FieldValue>> entries)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var keys = new List<string>();
        var values = new List<FieldValue>();
        foreach (var (key, value) in entries)
        {
            if (places.TryAdd(key, keys.Count))
            {
                keys.Add(key);
                values.Add(value);
            }
            else
            {
                values[places[key]] = value;
            }
        }

        return new FieldMap([.. keys], [.. values]) { _places = keys.Count >= HashedFrom ? places : null };
    }

    public int IndexOf(string key)
    {
        if (_keys.Length < HashedFrom)
            return Array.IndexOf(_keys, key);
        var places = _places;
        if (places is null)
        {
            places = new Dictionary<string, int>(_keys.Length, StringComparer.Ordinal);
            for (var i = 0; i < _keys.Length; i++)
                places[_keys[i]] = i;
            _places = places;
        }

        return places.GetValueOrDefault(key, -1);
    }

    public FieldMap With(string key, FieldValue value)
    {
        var index = IndexOf(key);
        if (index < 0)
            return new FieldMap([.. _keys, key], [.. _values, value]);
        var values = _values.ToArray();
        values[index] = value;
        return new FieldMap(_keys, values);
    }

    public FieldMap Without(int index) => new(
        [.. _keys[..index], .. _keys[(index + 1)..]],
        [.. _values[..index], .. _values[(index + 1)..]]);

    /// <summary>Whether the names are 0, 1, 2 ... in order: what PHP calls a list.</summary>
    public bool HasListShape()
    {
        for (var i = 0; i < _keys.Length; i++)
        {
            if (!FieldValue.TryIndex(_keys[i], out var index) || index != i)
                return false;
        }

        return true;
    }
}
