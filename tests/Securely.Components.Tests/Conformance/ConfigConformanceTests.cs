using System.Text.Json;
using Securely.Config;

namespace Securely.Components.Tests.Conformance;

/// <summary>What the real Laravel and phpdotenv did with the same calls and texts.</summary>
[Trait("Category", "Conformance")]
public sealed class ConfigConformanceTests
{
    private const double Wanted = 0.95;

    [Fact]
    public void Config_does_what_Laravel_does() => Replay("config.json", (test, meta) => ConfigCases.Run(test, meta.GetProperty("base")));

    [Fact]
    public void Dotenv_texts_read_as_phpdotenv_reads_them() => Replay("dotenv.json", (test, _) => RunDotEnv(test));

    private static bool RunDotEnv(JsonElement test)
    {
        IReadOnlyDictionary<string, string?> values;
        try
        {
            values = DotEnvReader.Parse(test.GetProperty("file").GetString()!);
        }
        catch (ConfigException)
        {
            return test.GetProperty("parsed").TryGetProperty("throws", out _);
        }

        if (!test.GetProperty("parsed").TryGetProperty("value", out var parsed))
            return false;
        var map = ConfigValue.FromMap(values.Select(pair => new ConfigEntry(pair.Key, ConfigOrigin.Code, Text(pair.Value))), ConfigOrigin.Code);
        return RecordedValue.Matches(parsed, map) && (test.GetProperty("env") is not { ValueKind: JsonValueKind.Object } means || means.EnumerateObject().All(one => MeansTheSame(one, values)));
    }

    private static bool MeansTheSame(JsonProperty recorded, IReadOnlyDictionary<string, string?> values)
    {
        var actual = values[recorded.Name] is { } text ? EnvironmentText.ToValue(text, ConfigOrigin.Code) : null;
        var value = recorded.Value.GetProperty("value");
        return value.ValueKind == JsonValueKind.String ? actual is { Kind: ConfigKind.Text } && actual.Text == value.GetString() : RecordedValue.Matches(value, actual);
    }

    private static ConfigValue Text(string? text) => text is null ? ConfigValue.Null(ConfigOrigin.Code) : ConfigValue.FromText(text, ConfigOrigin.Code, quoted: true);

    private static void Replay(string file, Func<JsonElement, JsonElement, bool> run)
    {
        using var recorded = RecordedCases.Laravel(file);
        var meta = recorded.RootElement.GetProperty("meta");
        var (right, total, wrong) = (0, 0, new List<string>());
        foreach (var test in recorded.RootElement.GetProperty("cases").EnumerateArray())
        {
            total++;
            if (IsRight(test, meta, run, out var reason))
                right++;
            else
                wrong.Add(reason + test.GetRawText());
        }

        RecordedCases.Report(file, right, total);
        Assert.True(right >= Wanted * total, $"{file} {right}/{total}, wrong are among others\n{string.Join('\n', wrong.Take(10))}");
    }

    private static bool IsRight(JsonElement test, JsonElement meta, Func<JsonElement, JsonElement, bool> run, out string reason)
    {
        reason = "";
        try
        {
            return run(test, meta);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            reason = $"{error.GetType().Name}: {error.Message}: ";
            return false;
        }
    }
}
