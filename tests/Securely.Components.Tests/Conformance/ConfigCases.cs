using System.Text.Json;
using Securely.Config;

namespace Securely.Components.Tests.Conformance;

/// <summary>Runs the recorded calls of Laravel's repository, <c>Arr</c> and <c>data_*</c> on ours.</summary>
internal static class ConfigCases
{
    /// <summary>Whether a case ends as it was recorded.</summary>
    public static bool Run(JsonElement test, JsonElement baseTree) =>
        test.TryGetProperty("steps", out var steps) ? RunSteps(test, steps, baseTree) : RunFunction(test, baseTree);

    private static bool RunSteps(JsonElement test, JsonElement steps, JsonElement baseTree)
    {
        var start = Start(test.GetProperty("start"), baseTree);
        var repository = new ConfigRepository(start);
        foreach (var step in steps.EnumerateArray())
        {
            if (!RunStep(step, repository))
                return false;
        }

        var all = test.GetProperty("all");
        return RecordedValue.Matches(all.ValueKind == JsonValueKind.String ? baseTree : all, repository.Root);
    }

    private static ConfigValue Start(JsonElement start, JsonElement baseTree) =>
        RecordedValue.Read(start.ValueKind == JsonValueKind.String && start.GetString() == "$base" ? baseTree : start);

    private static bool RunStep(JsonElement step, ConfigRepository repository)
    {
        var arguments = step.GetProperty("args").EnumerateArray().ToArray();
        try
        {
            var value = Call(step.GetProperty("call").GetString()!, arguments, repository);
            return step.TryGetProperty("value", out var recorded) && RecordedValue.Matches(recorded, value);
        }
        catch (ConfigException)
        {
            return step.TryGetProperty("throws", out _);
        }
    }

    private static ConfigValue? Call(string call, JsonElement[] arguments, ConfigRepository repository)
    {
        var fallback = arguments.Length > 1 ? RecordedValue.Read(arguments[1]) : null;
        return call switch
        {
            "all" => repository.Root,
            "get" or "offsetGet" when arguments[0].ValueKind is JsonValueKind.Array or JsonValueKind.Object => GetMany(arguments[0], repository),
            "getMany" => GetMany(arguments[0], repository),
            "get" or "offsetGet" => fallback is null ? repository[Key(arguments[0])] : repository.Find(Key(arguments[0]), () => fallback),
            "has" or "offsetExists" => Truth(repository.Has(Key(arguments[0]))),
            "set" or "offsetSet" when arguments[0].ValueKind == JsonValueKind.Object => Done(() => repository.Set(
                arguments[0].EnumerateObject().Select(property => KeyValuePair.Create(property.Name, RecordedValue.Read(property.Value))))),
            "set" or "offsetSet" => Done(() => repository.Set(Key(arguments[0]), fallback ?? ConfigValue.Null(ConfigOrigin.Code))),
            "push" => Done(() => repository.Push(Key(arguments[0]), fallback!)),
            "prepend" => Done(() => repository.Prepend(Key(arguments[0]), fallback!)),
            "offsetUnset" => Done(() => repository.Unset(Key(arguments[0]))),
            _ => CallTyped(call, Key(arguments[0]), fallback, repository),
        };
    }

    /// <summary>A fallback of another type than the getter's cannot be given here; it counts as none, which throws as well.</summary>
    private static ConfigValue CallTyped(string call, string key, ConfigValue? fallback, ConfigRepository repository) => call switch
    {
        "string" => ConfigValue.FromText(repository.String(key, fallback is { Kind: ConfigKind.Text, IsQuoted: true } ? fallback.Text : null), ConfigOrigin.Code, quoted: true),
        "integer" => Number(repository.Integer(key, fallback is not null && fallback.TryGetInteger(out var whole) ? whole : null)),
        "float" => Number(repository.Float(key, fallback is not null && fallback.TryGetNumber(out var number) ? number : null)),
        "boolean" => Truth(repository.Boolean(key, fallback is not null && fallback.TryGetBoolean(out var truth) ? truth : null)),
        "array" => repository.Array(key, fallback),
        "collection" => Collect(key, fallback, repository),
        _ => throw new InvalidOperationException($"Call [{call}] is not known."),
    };

    private static ConfigValue Collect(string key, ConfigValue? fallback, ConfigRepository repository)
    {
        var array = repository.Array(key, fallback);
        var items = repository.Collection(key, fallback);
        var names = array.Kind == ConfigKind.List ? items.Select((_, at) => $"{at}") : array.Entries.Select(entry => entry.Key);
        return ConfigValue.FromMap(names.Zip(items, (name, item) => new ConfigEntry(name, item.Origin, item)), array.Origin);
    }

    private static ConfigValue GetMany(JsonElement keys, ConfigRepository repository)
    {
        var wanted = keys.ValueKind == JsonValueKind.Array
            ? repository.GetMany(keys.EnumerateArray().Select(key => key.GetString()!))
            : repository.GetMany(keys.EnumerateObject().Select(property => int.TryParse(property.Name, out _)
                ? KeyValuePair.Create(property.Value.GetString()!, (ConfigValue?)null)
                : KeyValuePair.Create(property.Name, (ConfigValue?)RecordedValue.Read(property.Value))));
        return ConfigValue.FromMap(wanted.Select(pair => new ConfigEntry(pair.Key, ConfigOrigin.Code, pair.Value ?? ConfigValue.Null(ConfigOrigin.Code))), ConfigOrigin.Code);
    }

    private static bool RunFunction(JsonElement test, JsonElement baseTree)
    {
        var arguments = test.GetProperty("args").EnumerateArray().ToArray();
        var root = Start(arguments[0], baseTree);
        var after = root;
        var name = test.GetProperty("name").GetString()!;
        var value = name switch
        {
            "data_get" => ConfigTree.Match(root, Text(arguments[1])) ?? Fallback(arguments),
            "data_has" => Truth(ConfigTree.Match(root, Text(arguments[1])) is not null),
            "data_set" => DoneTree(out after, ConfigTree.SetMatches(root, Text(arguments[1])!, RecordedValue.Read(arguments[2]), arguments.Length < 4 || arguments[3].GetBoolean())),
            "data_fill" => DoneTree(out after, ConfigTree.SetMatches(root, Text(arguments[1])!, RecordedValue.Read(arguments[2]), overwrite: false)),
            "data_forget" => DoneTree(out after, ConfigTree.ForgetMatches(root, Text(arguments[1])!)),
            _ => Arr(name, root, arguments, out after),
        };
        return RecordedValue.Matches(test.GetProperty("value"), value) && (!test.TryGetProperty("after", out var recorded) || RecordedValue.Matches(recorded, after));
    }

    private static ConfigValue? Arr(string name, ConfigValue root, JsonElement[] arguments, out ConfigValue after)
    {
        var keys = arguments.Length > 1 ? Keys(arguments[1]) : [];
        after = root;
        switch (name)
        {
            case "Arr::forget":
                after = ConfigTree.Forget(root, keys);
                return null;
            case "Arr::pull":
                after = ConfigTree.Pull(root, keys[0], out var pulled);
                return pulled ?? Fallback(arguments);
            case "Arr::set":
                return after = ConfigTree.Set(root, keys[0], RecordedValue.Read(arguments[2]));
            default:
                return Arr(name, root, arguments, keys);
        }
    }

    private static ConfigValue? Arr(string name, ConfigValue root, JsonElement[] arguments, string[] keys) => name switch
    {
        "Arr::dot" => ConfigValue.FromMap(ConfigTree.Dot(root, arguments.Length > 1 ? Text(arguments[1])! : ""), root.Origin),
        "Arr::undot" => ConfigTree.Undot(root.Entries),
        "Arr::get" => ConfigTree.Get(root, keys[0]) ?? Fallback(arguments),
        "Arr::exists" => Truth(root.Child(keys[0]) is not null),
        "Arr::has" or "Arr::hasAll" => Truth(ConfigTree.Has(root, keys)),
        "Arr::hasAny" => Truth(ConfigTree.HasAny(root, keys)),
        "Arr::only" => ConfigTree.Only(root, keys),
        "Arr::except" => ConfigTree.Forget(root, keys),
        "Arr::add" => ConfigTree.Add(root, keys[0], RecordedValue.Read(arguments[2])),
        "Arr::isList" => Truth(ConfigTree.IsList(root)),
        "Arr::isAssoc" => Truth(!ConfigTree.IsList(root)),
        "Arr::sortRecursive" => ConfigTree.Sort(root),
        "Arr::sortRecursiveDesc" => ConfigTree.Sort(root, descending: true),
        "Arr::wrap" => ConfigTree.Wrap(root),
        _ => throw new InvalidOperationException($"Function [{name}] is not known."),
    };

    private static ConfigValue? DoneTree(out ConfigValue after, ConfigValue changed)
    {
        after = changed;
        return Truth(true);
    }

    private static ConfigValue? Done(Action action)
    {
        action();
        return null;
    }

    private static ConfigValue? Fallback(JsonElement[] arguments) => arguments.Length > 2 ? RecordedValue.Read(arguments[2]) : null;

    private static string[] Keys(JsonElement keys) => keys.ValueKind switch
    {
        JsonValueKind.Array => [.. keys.EnumerateArray().Select(Key)],
        JsonValueKind.Null => [],
        _ => [Key(keys)],
    };

    private static string Key(JsonElement key) => key.ValueKind == JsonValueKind.Null ? "" : key.ToString();

    private static string? Text(JsonElement text) => text.ValueKind == JsonValueKind.Null ? null : text.ToString();

    private static ConfigValue Truth(bool truth) => ConfigValue.FromText(truth ? "true" : "false", ConfigOrigin.Code);

    private static ConfigValue Number(double number) => ConfigValue.FromText(number.ToString(System.Globalization.CultureInfo.InvariantCulture), ConfigOrigin.Code);
}
