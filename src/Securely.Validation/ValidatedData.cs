using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Securely.Validation;

/// <summary>The values of the fields that have rules and passed. Immutable; as a dictionary it gives plain .NET values.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "It is data first and can be read as a dictionary too.")]
public sealed class ValidatedData : IReadOnlyDictionary<string, object?>
{
    /// <summary>Data that is known to be valid.</summary>
    public ValidatedData(FieldValue value) => Value = value;

    /// <summary>All of it.</summary>
    public FieldValue Value { get; }

    /// <inheritdoc/>
    public IEnumerable<string> Keys => Value.Entries().Select(entry => entry.Key);

    /// <inheritdoc/>
    public IEnumerable<object?> Values => Value.Entries().Select(entry => entry.Value.ToObject());

    /// <inheritdoc/>
    public int Count => Value.Count;

    /// <summary>A value as plain .NET.</summary>
    /// <exception cref="KeyNotFoundException">The field is not there.</exception>
    public object? this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"Field [{key}] is not in the validated data");

    /// <summary>The value of a field, by its path; nothing when it is absent.</summary>
    public FieldValue Get(FieldPath field) => Value.Get(field);

    /// <summary>Only these fields, by their paths.</summary>
    public ValidatedData Only(params ReadOnlySpan<string> fields)
    {
        var result = FieldValue.Map();
        foreach (var field in fields)
        {
            FieldPath path = field;
            if (Value.TryGet(path, out var value))
                result = result.With(path, value);
        }

        return new ValidatedData(result);
    }

    /// <summary>All but these fields, by their paths.</summary>
    public ValidatedData Except(params ReadOnlySpan<string> fields)
    {
        var result = Value;
        foreach (var field in fields)
            result = result.Without(field);
        return new ValidatedData(result);
    }

    /// <summary>With more values; a name that is there gets the new value.</summary>
    public ValidatedData Merge(params IEnumerable<KeyValuePair<string, FieldValue>> values) =>
        new(FieldValue.Map(Value.Entries().Concat(values)));

    /// <inheritdoc/>
    public bool ContainsKey(string key) => Value.TryGet(key, out _);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object? value)
    {
        var isThere = Value.TryGet(key, out var found);
        value = isThere ? found.ToObject() : null;
        return isThere;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() =>
        Value.Entries().Select(entry => KeyValuePair.Create(entry.Key, entry.Value.ToObject())).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
