using System.Text.Json;

namespace Securely.Validation;

/// <summary>Messages by field, in the order in which fields failed: Laravel's message bag. Not thread-safe.</summary>
public sealed class ErrorBag
{
    private readonly Dictionary<string, List<string>> _messages = new(StringComparer.Ordinal);
    private readonly List<string> _keys = [];

    /// <summary>The fields that have messages, in order.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <summary>How many messages there are.</summary>
    public int Count => _messages.Values.Sum(messages => messages.Count);

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _keys.Count == 0;

    /// <summary>Whether there is one.</summary>
    public bool Any => _keys.Count > 0;

    /// <summary>How messages are written by methods that take a format: <c>:message</c> (the default) and <c>:key</c> are replaced.</summary>
    public string Format { get; set; } = ":message";

    /// <summary>Adds a message, once.</summary>
    public ErrorBag Add(string field, string message)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(message);
        if (!_messages.TryGetValue(field, out var messages))
        {
            _messages[field] = messages = [];
            _keys.Add(field);
        }

        if (!messages.Contains(message))
            messages.Add(message);
        return this;
    }

    /// <summary>Adds a message when a condition holds.</summary>
    public ErrorBag AddIf(bool condition, string field, string message) => condition ? Add(field, message) : this;

    /// <summary>Adds all messages of another bag.</summary>
    public ErrorBag Merge(ErrorBag other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var field in other.Keys)
        {
            foreach (var message in other._messages[field])
                Add(field, message);
        }

        return this;
    }

    /// <summary>Whether each of these fields has a message; <c>*</c> stands for any text.</summary>
    public bool Has(params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (Get(field).Count == 0)
                return false;
        }

        return Any;
    }

    /// <summary>Whether one of these fields has a message.</summary>
    public bool HasAny(params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (Get(field).Count > 0)
                return true;
        }

        return false;
    }

    /// <summary>Whether none of these fields has a message.</summary>
    public bool Missing(params ReadOnlySpan<string> fields) => !HasAny(fields);

    /// <summary>The first message of a field, or of all when it is null; empty when there is none.</summary>
    public string First(string? field = null, string? format = null)
    {
        var messages = field is null ? All(format) : Get(field, format);
        return messages.Count == 0 ? "" : messages[0];
    }

    /// <summary>The messages of a field; with <c>*</c> in it those of all fields that match.</summary>
    public IReadOnlyList<string> Get(string field, string? format = null)
    {
        ArgumentNullException.ThrowIfNull(field);
        if (_messages.TryGetValue(field, out var messages))
            return [.. messages.Select(message => Write(field, message, format))];
        if (!field.Contains('*', StringComparison.Ordinal))
            return [];
        return [.. _keys.Where(key => StarPattern.IsMatch(field, key)).SelectMany(key => _messages[key].Select(message => Write(key, message, format)))];
    }

    /// <summary>All messages.</summary>
    public IReadOnlyList<string> All(string? format = null) =>
        [.. _keys.SelectMany(key => _messages[key].Select(message => Write(key, message, format)))];

    /// <summary>All messages, each once.</summary>
    public IReadOnlyList<string> Unique(string? format = null) => [.. All(format).Distinct(StringComparer.Ordinal)];

    /// <summary>Forgets the messages of a field.</summary>
    public ErrorBag Forget(string field)
    {
        ArgumentNullException.ThrowIfNull(field);
        if (_messages.Remove(field))
            _keys.Remove(field);
        return this;
    }

    /// <summary>Messages by field.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ToDictionary() =>
        _keys.ToDictionary(key => key, key => (IReadOnlyList<string>)[.. _messages[key]], StringComparer.Ordinal);

    /// <summary>Writes an object of field to list of messages.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        foreach (var key in _keys)
        {
            writer.WriteStartArray(key);
            foreach (var message in _messages[key])
                writer.WriteStringValue(message);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>The JSON that <see cref="WriteTo"/> writes.</summary>
    public string ToJson(bool indented = false) => JsonText.Write(WriteTo, indented);

    /// <summary>All messages, one a line.</summary>
    public override string ToString() => string.Join('\n', All());

    /// <summary>The number of messages of one field, without copying them.</summary>
    internal int CountOf(string field) => _messages.TryGetValue(field, out var messages) ? messages.Count : 0;

    private string Write(string key, string message, string? format)
    {
        var chosen = format ?? Format;
        return chosen == ":message"
            ? message
            : chosen.Replace(":message", message, StringComparison.Ordinal).Replace(":key", key, StringComparison.Ordinal);
    }
}
