using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace Securely.Validation;

public readonly partial struct FieldValue
{
    /// <summary>How deep lists and maps may stand in each other: 64, what JSON readers allow too.</summary>
    public const int MaximumDepth = 64;

    /// <summary>
    /// A value of .NET: null, booleans, numbers, text, moments (as ISO 8601 text), <see cref="Upload"/>, <see cref="FieldValue"/>,
    /// <see cref="JsonElement"/>, dictionaries by name and sequences of these.
    /// </summary>
    /// <exception cref="ArgumentException">A type that no rule can judge, or more than <see cref="MaximumDepth"/> levels.</exception>
    public static FieldValue From(object? value) => From(value, 0);

    /// <summary>A value of JSON. A number that is no 64-bit integer becomes a float.</summary>
    /// <exception cref="ArgumentException">More than <see cref="MaximumDepth"/> levels.</exception>
    public static FieldValue FromJson(JsonElement element) => FromJson(element, 0);

    /// <summary>Writes the value as JSON; an upload becomes an object with its name and its size.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        switch (Kind)
        {
            case FieldKind.Null: writer.WriteNullValue(); break;
            case FieldKind.Boolean: writer.WriteBooleanValue(_bits != 0); break;
            case FieldKind.Integer: writer.WriteNumberValue(_bits); break;
            case FieldKind.Float when double.IsFinite(AsFloat!.Value): writer.WriteNumberValue(AsFloat.Value); break;
            case FieldKind.List: WriteList(writer); break;
            case FieldKind.Map: WriteMap(writer); break;
            case FieldKind.Upload: WriteUpload(writer, AsUpload!); break;
            default: writer.WriteStringValue(ToString()); break;
        }
    }

    /// <summary>The value as plain .NET: null, bool, long, double, string, <see cref="Upload"/>, a list of objects, or a dictionary by name.</summary>
    public object? ToObject() => Kind switch
    {
        FieldKind.Null => null,
        FieldKind.Boolean => _bits != 0,
        FieldKind.Integer => _bits,
        FieldKind.Float => AsFloat!.Value,
        FieldKind.List => Array.ConvertAll(Items, item => item.ToObject()),
        FieldKind.Map => Entries().ToDictionary(entry => entry.Key, entry => entry.Value.ToObject(), StringComparer.Ordinal),
        _ => _reference,
    };

    private static FieldValue From(object? value, int depth)
    {
        if (depth > MaximumDepth)
            throw TooDeep();
        return value switch
        {
            null => default,
            FieldValue ready => ready,
            string text => text,
            bool flag => flag,
            int or long or short or byte or sbyte or ushort or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
            ulong number => number <= long.MaxValue ? (FieldValue)(long)number : (double)number,
            double or float or decimal => Convert.ToDouble(value, CultureInfo.InvariantCulture),
            Upload upload => upload,
            JsonElement element => FromJson(element, depth),
            DateTimeOffset moment => moment.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture),
            DateTime moment => moment.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffK", CultureInfo.InvariantCulture),
            DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            IEnumerable<KeyValuePair<string, FieldValue>> map => Map(map),
            IEnumerable<KeyValuePair<string, object?>> map => FromMap(map, depth),
            IEnumerable<KeyValuePair<string, string?>> map => Map(map.Select(entry => KeyValuePair.Create(entry.Key, (FieldValue)entry.Value))),
            IEnumerable list => FromList(list, depth),
            _ => throw new ArgumentException($"A value of type [{value.GetType()}] cannot be validated; give text, numbers, lists or dictionaries", nameof(value)),
        };
    }

    private static FieldValue FromMap(IEnumerable<KeyValuePair<string, object?>> map, int depth) =>
        Map(map.Select(entry => KeyValuePair.Create(entry.Key, From(entry.Value, depth + 1))));

    private static FieldValue FromList(IEnumerable list, int depth)
    {
        var items = new List<FieldValue>();
        foreach (var item in list)
            items.Add(From(item, depth + 1));
        return new(FieldKind.List, 0, items.ToArray());
    }

    private static FieldValue FromJson(JsonElement element, int depth)
    {
        if (depth > MaximumDepth)
            throw TooDeep();
        switch (element.ValueKind)
        {
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            case JsonValueKind.String: return element.GetString();
            case JsonValueKind.Number: return element.TryGetInt64(out var whole) && !IsWrittenAsFloat(element) ? (FieldValue)whole : element.GetDouble();
            case JsonValueKind.Array:
                var items = new FieldValue[element.GetArrayLength()];
                var place = 0;
                foreach (var item in element.EnumerateArray())
                    items[place++] = FromJson(item, depth + 1);
                return new(FieldKind.List, 0, items);
            case JsonValueKind.Object:
                return Map(element.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, FromJson(member.Value, depth + 1))));
            default: return default;
        }
    }

    /// <summary>1.0 and 1e3 are floats, although they fit in a whole number.</summary>
    private static bool IsWrittenAsFloat(JsonElement element) => element.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') >= 0;

    private static ArgumentException TooDeep() => new($"The data is nested more than {MaximumDepth} levels deep");

    private static void WriteUpload(Utf8JsonWriter writer, Upload upload)
    {
        writer.WriteStartObject();
        writer.WriteString("name", upload.Name);
        writer.WriteNumber("size", upload.Length);
        writer.WriteEndObject();
    }

    private void WriteList(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var item in Items)
            item.WriteTo(writer);
        writer.WriteEndArray();
    }

    private void WriteMap(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (key, value) in Entries())
        {
            writer.WritePropertyName(key);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
