using Securely.Http;

namespace Securely.Proxy;

/// <summary>Header edits as checked names and bytes. Immutable; applying allocates nothing of its own.</summary>
internal sealed class PreparedEdits
{
    private readonly HeaderName[] _removals;
    private readonly KeyValuePair<HeaderName, byte[]>[] _fields;

    public PreparedEdits(IEnumerable<HeaderName> removals, IEnumerable<KeyValuePair<HeaderName, byte[]>> fields)
    {
        _removals = [.. removals];
        _fields = [.. fields];
    }

    public static PreparedEdits None { get; } = new([], []);

    public bool IsEmpty => _removals.Length == 0 && _fields.Length == 0;

    /// <summary>Removes, then sets.</summary>
    public void Apply(HeaderMap headers)
    {
        foreach (var name in _removals)
        {
            headers.Remove(name);
        }

        foreach (var field in _fields)
        {
            headers.Set(field.Key, field.Value);
        }
    }
}
