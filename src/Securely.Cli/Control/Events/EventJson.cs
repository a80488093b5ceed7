using System.Text.Json;
using System.Text.Json.Nodes;

namespace Securely.Cli;

/// <summary>Payloads and responses of events as JSON. What is no JSON value is shown as its text.</summary>
internal static class EventJson
{
    public static JsonNode? Node(object? value) => value switch
    {
        null => null,
        JsonElement element => element.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.Object => JsonObject.Create(element.Clone()),
            JsonValueKind.Array => JsonArray.Create(element.Clone()),
            _ => JsonValue.Create(element.Clone()),
        },
        bool flag => JsonValue.Create(flag),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        double number when double.IsFinite(number) => JsonValue.Create(number),
        _ => JsonValue.Create(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)),
    };

    public static JsonArray List(IEnumerable<object?> values) => new([.. values.Select(Node)]);

    public static JsonElement Element(JsonNode node) => JsonSerializer.SerializeToElement(node, EventNodeJson.Default.JsonNode);
}

/// <summary>Writes nodes without reflection.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(JsonNode))]
internal sealed partial class EventNodeJson : System.Text.Json.Serialization.JsonSerializerContext;
