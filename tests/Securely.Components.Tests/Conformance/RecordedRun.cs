using System.Text;
using System.Text.Json;
using Securely.Encrypt;

namespace Securely.Components.Tests.Conformance;

/// <summary>Replays a whole file of recorded cases, goes on after a wrong one, and reports the rate.</summary>
internal static class RecordedRun
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Runs each case; fails below 95 % with the first wrong ones.</summary>
    public static void All(string file, Func<JsonElement, bool> isRight)
    {
        using var document = RecordedCases.Laravel(file);
        var rows = document.RootElement.GetProperty("cases").EnumerateArray().ToList();
        var wrong = new List<string>();
        foreach (var row in rows)
        {
            if (Problem(row, isRight) is { } problem)
                wrong.Add(problem);
        }

        var right = rows.Count - wrong.Count;
        RecordedCases.Report(file, right, rows.Count);
        Assert.True(right * 100 >= rows.Count * 95, $"{file} {right}/{rows.Count}, for instance\n{string.Join('\n', wrong.Take(10))}");
    }

    /// <summary>A value of PHP as the recorded files write it: bytes that are not UTF-8 as <c>{"$base64": ...}</c>.</summary>
    public static void Write(Utf8JsonWriter writer, PhpValue value)
    {
        switch (value.Kind)
        {
            case PhpKind.Null:
                writer.WriteNullValue();
                break;
            case PhpKind.Boolean:
                writer.WriteBooleanValue(value.AsBoolean());
                break;
            case PhpKind.WholeNumber:
                writer.WriteNumberValue(value.AsInteger());
                break;
            case PhpKind.FloatingNumber:
                WriteDouble(writer, value.AsDouble());
                break;
            case PhpKind.Text:
                WriteText(writer, value.AsBytes());
                break;
            default:
                WriteArray(writer, value);
                break;
        }
    }

    private static string? Problem(JsonElement row, Func<JsonElement, bool> isRight)
    {
        try
        {
            return isRight(row) ? null : Short(row);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return $"{Short(row)}: {error.GetType().Name} {error.Message}";
        }
    }

    private static string Short(JsonElement row) => row.GetRawText() is { Length: > 300 } text ? text[..300] + "..." : row.GetRawText();

    private static void WriteDouble(Utf8JsonWriter writer, double number)
    {
        if (double.IsFinite(number))
        {
            writer.WriteNumberValue(number);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("$float", double.IsNaN(number) ? "NAN" : number > 0 ? "INF" : "-INF");
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> bytes)
    {
        try
        {
            writer.WriteStringValue(Strict.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            writer.WriteStartObject();
            writer.WriteBase64String("$base64", bytes);
            writer.WriteEndObject();
        }
    }

    private static void WriteArray(Utf8JsonWriter writer, PhpValue array)
    {
        if (array.IsList)
        {
            writer.WriteStartArray();
            foreach (var (_, item) in array.Items)
                Write(writer, item);
            writer.WriteEndArray();
            return;
        }

        writer.WriteStartObject();
        foreach (var (key, item) in array.Items)
        {
            writer.WritePropertyName(key.Kind == PhpKind.WholeNumber ? key.AsInteger().ToString(System.Globalization.CultureInfo.InvariantCulture) : key.AsText());
            Write(writer, item);
        }

        writer.WriteEndObject();
    }
}
