using System.Text.Json;
using System.Text.RegularExpressions;
using Securely.Testing;
using Securely.Validation;

namespace Securely.Components.Tests.Conformance.Validation;

/// <summary>One recorded validation: what it is given, and whether ours comes to the same end.</summary>
internal static partial class ValidationCase
{
    private static readonly ManualTimeProvider Frozen = new(new DateTimeOffset(2025, 3, 15, 12, 34, 56, TimeSpan.Zero));

    /// <summary>What is different; null when nothing is.</summary>
    public static async Task<string?> CompareAsync(JsonElement recorded, CancellationToken cancellationToken)
    {
        Validator validator;
        bool passes;
        try
        {
            validator = Prepare(recorded);
            passes = await validator.PassesAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is RuleException or InvalidOperationException)
        {
            return recorded.TryGetProperty("throws", out _) ? null : "threw " + failure.Message;
        }

        if (recorded.TryGetProperty("throws", out _))
            return "did not throw";
        if (passes != recorded.GetProperty("passes").GetBoolean())
            return $"passes is {passes}";
        return CompareErrors(validator, recorded.GetProperty("errors"))
            ?? CompareFailures(validator, recorded.GetProperty("failed"))
            ?? (passes ? CompareData(validator.Validated().Value, recorded.GetProperty("validated")) : CompareKeys(validator, recorded.GetProperty("valid_keys")));
    }

    private static Validator Prepare(JsonElement recorded)
    {
        var settings = recorded.TryGetProperty("prepare", out var prepare) ? ValidationSettings.Read(prepare.GetString()!) : new ValidationSettings();
        var options = new ValidatorOptions
        {
            Messages = Messages(recorded),
            Attributes = recorded.TryGetProperty("attributes", out var attributes)
                ? attributes.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!)
                : settings.Attributes,
            Values = settings.Values,
            ImplicitAttributes = settings.ImplicitAttributes,
            StopOnFirstFailure = settings.StopsOnFirstFailure,
            Presence = new UserTable(),
            Time = Frozen,
        };
        var validator = new Validator(RecordedData.Read(recorded.GetProperty("data")), Rules(recorded.GetProperty("rules")), options);
        foreach (var apply in settings.Steps)
            apply(validator);
        return validator;
    }

    private static Dictionary<string, string> Messages(JsonElement recorded)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!recorded.TryGetProperty("messages", out var messages) || messages.ValueKind != JsonValueKind.Object)
            return result;
        foreach (var message in messages.EnumerateObject())
        {
            if (message.Value.ValueKind == JsonValueKind.String)
                result[message.Name] = message.Value.GetString()!;
            else
                foreach (var inner in message.Value.EnumerateObject())
                    result[message.Name + "." + inner.Name] = inner.Value.GetString()!;
        }

        return result;
    }

    private static RuleSet Rules(JsonElement rules)
    {
        var set = new RuleSet();
        if (rules.ValueKind != JsonValueKind.Object)
            return set;
        foreach (var field in rules.EnumerateObject())
        {
            if (field.Value.ValueKind == JsonValueKind.Array)
                set[field.Name] = [.. field.Value.EnumerateArray().Select(Entry)];
            else if (field.Value.GetString() is { } text && !text.StartsWith("php:", StringComparison.Ordinal))
                set[field.Name] = text;
            else
                set[field.Name] = Entry(field.Value);
        }

        return set;
    }

    private static RuleEntry Entry(JsonElement rule)
    {
        if (rule.ValueKind == JsonValueKind.Array)
            return PhpRules.ArrayForm(rule.EnumerateArray().Select(part => FieldValue.FromJson(part).ToString()));
        var text = rule.GetString()!;
        return text.StartsWith("php:", StringComparison.Ordinal) ? PhpRules.Read(text[4..]) : text;
    }

    private static string? CompareErrors(Validator validator, JsonElement expected)
    {
        var count = 0;
        foreach (var field in Members(expected))
        {
            count++;
            var messages = validator.Errors.Get(field.Name);
            if (field.Value.ValueKind == JsonValueKind.Number
                ? messages.Count != field.Value.GetInt32()
                : !messages.SequenceEqual(field.Value.EnumerateArray().Select(message => message.GetString()!)))
                return $"errors of {field.Name} are [{string.Join(" | ", messages)}]";
        }

        return count == validator.Errors.Keys.Count ? null : $"errors are of [{string.Join(", ", validator.Errors.Keys)}]";
    }

    internal static string? CompareFailures(Validator validator, JsonElement expected)
    {
        var failures = validator.Failures;
        var count = 0;
        foreach (var field in Members(expected))
        {
            count++;
            var ours = failures.GetValueOrDefault(field.Name)?.Select(failure => $"{failure.Name}({string.Join("|", failure.Parameters)})").Order(StringComparer.Ordinal).ToArray() ?? [];
            var theirs = Members(field.Value).Select(rule => $"{Snake(rule.Name)}({string.Join("|", Parameters(rule.Value))})").Order(StringComparer.Ordinal).ToArray();
            if (!ours.SequenceEqual(theirs.Select(rule => Object().IsMatch(rule) ? ours.FirstOrDefault(own => own.StartsWith(rule[..rule.IndexOf('(', StringComparison.Ordinal)], StringComparison.Ordinal)) ?? rule : rule)))
                return $"failed rules of {field.Name} are [{string.Join(", ", ours)}]";
        }

        return count == failures.Count ? null : $"failed fields are [{string.Join(", ", failures.Keys)}]";
    }

    internal static string? CompareData(FieldValue ours, JsonElement expected)
    {
        var theirs = RecordedData.Read(expected);
        return RecordedData.IsSame(ours, theirs) ? null : $"validated is {RecordedData.Write(ours)}";
    }

    private static string? CompareKeys(Validator validator, JsonElement expected)
    {
        var ours = validator.Valid().Entries().Select(entry => entry.Key).ToArray();
        return ours.SequenceEqual(expected.EnumerateArray().Select(key => key.ToString())) ? null : $"valid keys are [{string.Join(", ", ours)}]";
    }

    private static IEnumerable<JsonProperty> Members(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            yield break;
        foreach (var member in element.EnumerateObject())
            yield return member;
    }

    private static IEnumerable<string?> Parameters(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Null ? null : FieldValue.FromJson(item).ToString()) : [];

    /// <summary><c>RequiredIf</c> becomes <c>required_if</c>, the class of a rule object its own name, a function <c>custom</c>.</summary>
    private static string Snake(string name)
    {
        var last = name[(name.LastIndexOf('\\') + 1)..];
        return last.StartsWith("Closure", StringComparison.Ordinal) ? "custom" : Capital().Replace(last, "_$0").TrimStart('_').ToLowerInvariant();
    }

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();

    /// <summary>Rule objects report no parameters; ours may.</summary>
    [GeneratedRegex(@"^(enum|password|any_of|email|file|custom)\(\)$")]
    private static partial Regex Object();
}
