using System.Text;
using System.Text.Json;
using Securely.Components.Tests.Conformance.Validation;
using Securely.Testing;
using Securely.Validation;

namespace Securely.Components.Tests.Oracle;

/// <summary>Random forms, judged by us and by the Laravel of Debian: whether they pass, which rules fail, and what is validated.</summary>
public sealed class ValidationOracleTests
{
    private const int Shown = 20;

    /// <summary>
    /// That Laravel is version 8, and we follow 13. What the two judge differently is not drawn; each line says what it is and why. The recorded cases of
    /// version 13 have all of it.
    /// </summary>
    private static readonly (string Reason, Func<RandomForm, bool> Matches)[] Exclusions =
    [
        ("A list or a map in a rule about text: 8 ends with a TypeError, 13 fails the rule",
            form => form.Uses.Any(use => use.Value.IsArray && use.Rule is ("digits" or "digits_between" or "starts_with" or "ends_with" or "mac_address"))),
        ("A comparison of sizes and another one, or a size in the same field: in 8 it makes fields numbers for all rules behind it, in 13 for itself",
            form => form.Uses.Count(use => use.Rule is "gt" or "lte") > 1
                || form.Rules.Any(field => field.Rules.Any(rule => rule.StartsWith("gt:", StringComparison.Ordinal) || rule.StartsWith("lte:", StringComparison.Ordinal))
                    && field.Rules.Any(rule => rule.Split(':')[0] is "min" or "max" or "size" or "between"))),
        ("The text 0 in a comparison of dates: 8 takes it for a date of its own, 13 for none",
            form => form.Uses.Any(use => use.Value == "0" && use.Rule is ("after" or "before" or "date_equals"))),
        ("A boolean or null in a rule of digits: 8 counts the digits that PHP prints for it, 13 fails it",
            form => form.Uses.Any(use => (use.Value.IsNull || use.Value.AsBoolean is not null) && use.Rule is ("digits" or "digits_between"))),
        ("A field that is left out and that another rule names: 8 takes it away at once, 13 when all rules have run",
            form => form.Rules.Any(field => field.Rules.Any(rule => rule.StartsWith("exclude_", StringComparison.Ordinal))
                && form.Uses.Any(use => use.Rule != "in" && use.Parameters.Split(',', '.')[0] == field.Field.Split('.')[0]))),
        ("1e3 in multiple_of: 8 ends with a ValueError, 13 counts it out",
            form => form.Uses.Any(use => use.Value == "1e3" && use.Rule == "multiple_of")),
    ];

    [Fact]
    public Task Random_forms_are_judged_alike() => CompareAsync(20250315, 2000);

    [Fact]
    [Trait("Category", "Long")]
    public Task Many_random_forms_are_judged_alike() => CompareAsync(13, 50_000);

    private static async Task CompareAsync(int seed, int total)
    {
        var random = new Random(seed);
        var forms = Enumerable.Range(0, total).Select(_ => RandomForms.Next(random, IsExcluded)).ToArray();
        using var answers = await LaravelOracle.AskAsync("validation", total, writer =>
        {
            foreach (var form in forms)
                Write(writer, form);
        });

        var wrong = new StringBuilder();
        var count = 0;
        foreach (var (form, answer) in forms.Zip(answers.RootElement.EnumerateArray()))
        {
            if (await DifferenceAsync(form, answer) is { } difference && ++count <= Shown)
                wrong.Append('\n').Append(Describe(form)).Append('\n').Append("    Laravel: ").Append(answer.GetRawText()).Append('\n').Append("    we: ").Append(difference);
        }

        Assert.True(count == 0, $"{count} of {total} forms (seed {seed}) are judged differently:{wrong}");
        // A generator whose forms all fail, or all pass, would show little.
        Assert.InRange(answers.RootElement.EnumerateArray().Count(answer => answer.GetProperty("passes").GetBoolean()), total / 20, total / 2);
    }

    private static bool IsExcluded(RandomForm form) => Exclusions.Any(exclusion => exclusion.Matches(form));

    private static async Task<string?> DifferenceAsync(RandomForm form, JsonElement theirs)
    {
        var rules = new RuleSet();
        foreach (var (field, texts) in form.Rules)
            rules[field] = [.. texts.Select(text => (RuleEntry)text)];
        var options = new ValidatorOptions { Time = new ManualTimeProvider(new DateTimeOffset(2025, 3, 15, 12, 34, 56, TimeSpan.Zero)) };
        var validator = new Validator(form.Data, rules, options);
        var passes = await validator.PassesAsync(TestContext.Current.CancellationToken);
        if (theirs.TryGetProperty("throws", out _))
            return $"passes is {passes}";
        if (passes != theirs.GetProperty("passes").GetBoolean())
            return $"passes is {passes}, failed are {string.Join("; ", validator.Failures.Select(field => $"{field.Key}: {string.Join(", ", field.Value.Select(failure => failure.Name))}"))}";
        return ValidationCase.CompareFailures(validator, theirs.GetProperty("failed"))
            ?? (passes ? ValidationCase.CompareData(validator.Validated().Value, theirs.GetProperty("validated")) : null);
    }

    private static void Write(Utf8JsonWriter writer, RandomForm form)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("data");
        form.Data.WriteTo(writer);
        writer.WriteStartObject("rules");
        foreach (var (field, rules) in form.Rules)
        {
            writer.WriteStartArray(field);
            foreach (var rule in rules)
                writer.WriteStringValue(rule);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string Describe(RandomForm form)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(writer, form);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
