using System.Text;
using System.Text.Json;
using Securely.Validation;

namespace Securely.Components.Tests.Conformance.Validation;

/// <summary>Data of recorded cases, with its marks for what JSON cannot say.</summary>
internal static class RecordedData
{
    public static FieldValue Read(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                return FieldValue.List([.. element.EnumerateArray().Select(Read)]);
            case JsonValueKind.Object when Marked(element) is { } value:
                return value;
            case JsonValueKind.Object:
                return FieldValue.Map(element.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, Read(member.Value))));
            default:
                return FieldValue.FromJson(element);
        }
    }

    /// <summary>Whether two values are the same where an empty list and an empty map are one, and uploads are known by name.</summary>
    public static bool IsSame(FieldValue left, FieldValue right)
    {
        if (left.AsUpload is { } upload)
            return upload.Name == right.AsUpload?.Name;
        if (!left.IsArray || !right.IsArray)
            return left == right || (left.AsFloat is { } a && right.AsFloat is { } b && a == b);
        return left.Count == right.Count
            && left.Entries().Zip(right.Entries()).All(pair => pair.First.Key == pair.Second.Key && IsSame(pair.First.Value, pair.Second.Value));
    }

    public static string Write(FieldValue value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            value.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static FieldValue? Marked(JsonElement element)
    {
        if (element.TryGetProperty("$float", out var number))
            return number.GetString() switch { "NAN" => double.NaN, "INF" => double.PositiveInfinity, _ => double.NegativeInfinity };
        if (element.TryGetProperty("$base64", out var bytes))
            return Encoding.Latin1.GetString(bytes.GetBytesFromBase64());
        return element.TryGetProperty("$upload", out var name) ? Upload(element, name.GetString()!) : (FieldValue?)null;
    }

    private static FieldValue Upload(JsonElement element, string name)
    {
        var content = element.TryGetProperty("content", out var text) ? Encoding.UTF8.GetBytes(text.GetString()!)
            : element.TryGetProperty("content_base64", out var encoded) ? encoded.GetBytesFromBase64()
            : new byte[element.TryGetProperty("bytes", out var length) ? length.GetInt32() : 0];
        var isComplete = !element.TryGetProperty("error", out var error) || error.GetInt32() == 0;
        return new Upload(name, content, element.TryGetProperty("mime", out var mime) ? mime.GetString()! : "") { IsComplete = isComplete };
    }
}
