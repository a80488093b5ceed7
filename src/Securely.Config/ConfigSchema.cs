using System.Diagnostics.CodeAnalysis;

namespace Securely.Config;

/// <summary>What a value has to be.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "A configuration knows whole numbers, not the integer types of a language.")]
public enum ConfigType
{
    /// <summary>Anything.</summary>
    Any,

    /// <summary>Any one word or text, numbers and booleans included.</summary>
    Text,

    /// <summary>A whole number, with or without quotes.</summary>
    Integer,

    /// <summary>A number, whole or not, with or without quotes.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>A duration such as <c>5m</c>.</summary>
    Duration,

    /// <summary>A size such as <c>64KiB</c>.</summary>
    Size,

    /// <summary>A list.</summary>
    List,

    /// <summary>A map.</summary>
    Map,
}

/// <summary>What one key has to be.</summary>
public sealed record ConfigRule
{
    /// <summary>The type; anything by default.</summary>
    public ConfigType Type { get; init; }

    /// <summary>Whether the key must be there with a value.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The smallest number, or the shortest text or list; null for no bound.</summary>
    public double? Minimum { get; init; }

    /// <summary>The largest number, or the longest text or list; null for no bound.</summary>
    public double? Maximum { get; init; }

    /// <summary>The only texts that are allowed; none for all.</summary>
    public IReadOnlyList<string> OneOf { get; init; } = [];
}

/// <summary>
/// What a configuration has to look like: rules for keys in dot notation, <c>*</c> for every child. Checking reports all errors at once, each at the
/// place of its value. Not thread-safe while rules are added.
/// </summary>
public sealed class ConfigSchema
{
    private readonly List<(string Key, ConfigRule Rule)> _rules = [];

    /// <summary>Reads a schema from a map: <c>app.port: {type: integer, required: true, min: 1, max: 65535}</c>, and <c>in: [a, b]</c>.</summary>
    /// <param name="schema">The map.</param>
    /// <param name="diagnostics">Takes what is wrong with the schema itself.</param>
    public static ConfigSchema Read(ConfigValue schema, ConfigDiagnostics diagnostics)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var read = new ConfigSchema();
        var types = Enum.GetValues<ConfigType>().ToDictionary(type => type.ToString().ToLowerInvariant(), type => type, StringComparer.Ordinal);
        foreach (var entry in schema.Entries)
        {
            var section = new SectionReader(entry.Value, entry.Key, diagnostics, entry.KeyOrigin);
            read.Key(entry.Key, new ConfigRule
            {
                Type = section.OneOf("type", ConfigType.Any, types),
                IsRequired = section.Boolean("required", false),
                Minimum = section.IntegerOrNull("min", int.MinValue),
                Maximum = section.IntegerOrNull("max", int.MinValue),
                OneOf = section.Texts("in"),
            });
            section.Finish();
        }

        return read;
    }

    /// <summary>Adds a rule.</summary>
    /// <param name="key">The key, in which <c>*</c> is every child.</param>
    /// <param name="rule">The rule.</param>
    public ConfigSchema Key(string key, ConfigRule rule)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(rule);
        _rules.Add((key, rule));
        return this;
    }

    /// <summary>Reports every value that does not fit.</summary>
    /// <param name="root">The configuration.</param>
    /// <param name="diagnostics">Takes the errors.</param>
    public void Check(ConfigValue root, ConfigDiagnostics diagnostics)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(diagnostics);
        foreach (var (key, rule) in _rules)
        {
            foreach (var (name, value, parent) in Expand(root, key))
                Check(name, value, parent, rule, diagnostics);
        }
    }

    private static IEnumerable<(string Name, ConfigValue? Value, ConfigValue Parent)> Expand(ConfigValue root, string key)
    {
        IEnumerable<(string Name, ConfigValue? Value, ConfigValue Parent)> found = [("", root, root)];
        if (!key.Contains('*', StringComparison.Ordinal))
            return [(key, ConfigTree.Get(root, key), root)];
        foreach (var part in key.Split('.'))
        {
            found = part == "*"
                ? found.Where(one => one.Value is not null).SelectMany(one => ConfigTree.Children(one.Value!).Select(child => (one.Name + "." + child.Key, (ConfigValue?)child.Value, one.Value!)))
                : found.Where(one => one.Value is not null).Select(one => (one.Name + "." + part, one.Value!.Child(part), one.Value!));
        }

        return found.Select(one => (one.Name.TrimStart('.'), one.Value, one.Parent));
    }

    private static void Check(string key, ConfigValue? value, ConfigValue parent, ConfigRule rule, ConfigDiagnostics diagnostics)
    {
        if (value is null or { Kind: ConfigKind.Null })
        {
            if (rule.IsRequired)
                diagnostics.Error((value ?? parent).Origin, $"[{key}] is missing");
            return;
        }

        // What an encrypted value says is known to nobody here, only that it is a text.
        if (ConfigSecrets.IsEncrypted(value))
        {
            if (rule.Type is ConfigType.List or ConfigType.Map)
                diagnostics.Error(value.Origin, $"[{key}] must be {Describe(rule.Type)}, not {value.Describe()}");
            return;
        }

        if (!Fits(value, rule.Type, out var measure))
            diagnostics.Error(value.Origin, $"[{key}] must be {Describe(rule.Type)}, not {value.Describe()}");
        else if (rule.Minimum > measure)
            diagnostics.Error(value.Origin, string.Create(null, $"[{key}] must be at least [{rule.Minimum}]{Unit(rule.Type)}, not [{measure}]"));
        else if (rule.Maximum < measure)
            diagnostics.Error(value.Origin, string.Create(null, $"[{key}] must be at most [{rule.Maximum}]{Unit(rule.Type)}, not [{measure}]"));
        else if (rule.OneOf.Count > 0 && value.TryGetText(out var text) && !rule.OneOf.Contains(text, StringComparer.Ordinal))
            diagnostics.Error(value.Origin, $"[{key}] must be one of {string.Join(", ", rule.OneOf.Select(one => $"[{one}]"))}, not {value.Describe()}{NearestName.Suggestion(text, rule.OneOf)}");
    }

    private static bool Fits(ConfigValue value, ConfigType type, out double measure)
    {
        measure = value.Kind switch
        {
            ConfigKind.Text => value.Text.Length,
            ConfigKind.List => value.Items.Count,
            _ => value.Entries.Count,
        };
        if (type is ConfigType.Any)
            return true;
        if (type is ConfigType.List or ConfigType.Map)
            return value.Kind == (type == ConfigType.List ? ConfigKind.List : ConfigKind.Map);
        if (!value.TryGetText(out var text))
            return false;
        var plain = ConfigValue.FromText(text, value.Origin);
        switch (type)
        {
            case ConfigType.Integer:
                var isWhole = plain.TryGetInteger(out var whole);
                measure = whole;
                return isWhole;
            case ConfigType.Number:
                return plain.TryGetNumber(out measure);
            case ConfigType.Boolean:
                return plain.TryGetBoolean(out _);
            case ConfigType.Duration:
                var isDuration = DurationText.TryParse(text, out var duration, out _);
                measure = duration.TotalSeconds;
                return isDuration;
            case ConfigType.Size:
                var isSize = SizeText.TryParse(text, out var size, out _);
                measure = size;
                return isSize;
            default:
                return true;
        }
    }

    private static string Unit(ConfigType type) => type switch
    {
        ConfigType.Text or ConfigType.Any => " characters",
        ConfigType.List or ConfigType.Map => " values",
        ConfigType.Duration => " seconds",
        ConfigType.Size => " bytes",
        _ => "",
    };

    private static string Describe(ConfigType type) => type switch
    {
        ConfigType.Text => "a text",
        ConfigType.Integer => "a whole number",
        ConfigType.Number => "a number",
        ConfigType.Boolean => "[true] or [false]",
        ConfigType.Duration => "a duration such as [5m]",
        ConfigType.Size => "a size such as [64KiB]",
        ConfigType.List => "a list",
        _ => "a map",
    };
}
