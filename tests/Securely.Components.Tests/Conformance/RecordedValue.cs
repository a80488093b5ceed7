using System.Text.Json;
using Securely.Config;

namespace Securely.Components.Tests.Conformance;

/// <summary>Values of recorded cases as values of a configuration, and whether one of ours is what was recorded.</summary>
internal static class RecordedValue
{
    public static ConfigValue Read(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object when json.TryGetProperty("$default_closure", out var made) => Read(made),
        JsonValueKind.Object => ConfigValue.FromMap(json.EnumerateObject().Select(property => new ConfigEntry(property.Name, ConfigOrigin.Code, Read(property.Value))), ConfigOrigin.Code),
        JsonValueKind.Array => ConfigValue.FromList(json.EnumerateArray().Select(Read), ConfigOrigin.Code),
        JsonValueKind.String => ConfigValue.FromText(json.GetString()!, ConfigOrigin.Code, quoted: true),
        JsonValueKind.Null => ConfigValue.Null(ConfigOrigin.Code),
        _ => ConfigValue.FromText(json.GetRawText(), ConfigOrigin.Code),
    };

    /// <summary>PHP has one type for lists and maps, so the names 0, 1, 2 in order are a list, and empty ones are equal.</summary>
    public static bool Matches(JsonElement recorded, ConfigValue? actual)
    {
        if (recorded.ValueKind == JsonValueKind.Object && recorded.TryGetProperty("$class", out _))
            recorded = recorded.GetProperty("items");
        return recorded.ValueKind switch
        {
            JsonValueKind.Null => actual is null or { Kind: ConfigKind.Null },
            JsonValueKind.Object or JsonValueKind.Array => actual is { Kind: ConfigKind.List or ConfigKind.Map } && Pairs(recorded).SequenceEqual(Pairs(actual), new PairComparer()),
            JsonValueKind.String => actual is { Kind: ConfigKind.Text } && actual.Text == recorded.GetString() && (actual.IsQuoted || !actual.TryGetBoolean(out _)),
            _ => actual is { Kind: ConfigKind.Text, IsQuoted: false } && actual.Text == recorded.GetRawText(),
        };
    }

    private static IEnumerable<(string Key, JsonElement? Recorded, ConfigValue? Actual)> Pairs(JsonElement recorded) => recorded.ValueKind == JsonValueKind.Array
        ? recorded.EnumerateArray().Select((item, at) => ($"{at}", (JsonElement?)item, (ConfigValue?)null))
        : recorded.EnumerateObject().Select(property => (property.Name, (JsonElement?)property.Value, (ConfigValue?)null));

    private static IEnumerable<(string Key, JsonElement? Recorded, ConfigValue? Actual)> Pairs(ConfigValue actual) => actual.Kind == ConfigKind.List
        ? actual.Items.Select((item, at) => ($"{at}", (JsonElement?)null, (ConfigValue?)item))
        : actual.Entries.Select(entry => (entry.Key, (JsonElement?)null, (ConfigValue?)entry.Value));

    private sealed class PairComparer : IEqualityComparer<(string Key, JsonElement? Recorded, ConfigValue? Actual)>
    {
        public bool Equals((string Key, JsonElement? Recorded, ConfigValue? Actual) x, (string Key, JsonElement? Recorded, ConfigValue? Actual) y) =>
            x.Key == y.Key && Matches(x.Recorded ?? y.Recorded!.Value, x.Actual ?? y.Actual);

        public int GetHashCode((string Key, JsonElement? Recorded, ConfigValue? Actual) obj) => obj.Key.GetHashCode(StringComparison.Ordinal);
    }
}
