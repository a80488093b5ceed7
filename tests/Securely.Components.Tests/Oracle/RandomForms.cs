using System.Globalization;
using Securely.Validation;

namespace Securely.Components.Tests.Oracle;

/// <summary>A form and its rules.</summary>
/// <param name="Data">The form.</param>
/// <param name="Rules">Fields to rules, one text each.</param>
internal sealed record RandomForm(FieldValue Data, IReadOnlyList<(string Field, IReadOnlyList<string> Rules)> Rules)
{
    /// <summary>The name and the parameters of every rule, with the value that it judges.</summary>
    public IEnumerable<(string Rule, string Parameters, FieldValue Value)> Uses =>
        from ruled in Rules
        from value in Values(ruled.Field)
        from rule in ruled.Rules
        let colon = rule.IndexOf(':', StringComparison.Ordinal)
        select colon < 0 ? (rule, "", value) : (rule[..colon], rule[(colon + 1)..], value);

    private IEnumerable<FieldValue> Values(string field) => field.EndsWith(".*", StringComparison.Ordinal)
        ? Data.Get(field[..^2]) is { IsArray: true } list ? list.Entries().Select(entry => entry.Value) : []
        : [Data.Get(field)];
}

/// <summary>Makes forms with the rules and values on which the versions 8 and 13 of Laravel agree.</summary>
internal static class RandomForms
{
    private static readonly string[] Fields = ["a", "b", "c", "d"];

    private static readonly FieldValue[] Values =
    [
        default, "", " ", "0", "1", "-1", "7", "12", "1.5", "007", "1e3", "abc", "ABC", "abc1", "a-b_c", "a b", "äöü", "日本", "yes", "on", "no", "off", "true", "false",
        "2025-03-15", "2024-02-29", "2023-02-29", "15.03.2025", "ann@example.com", "ann@", "@example.com", "192.0.2.1", "256.1.1.1", "2001:db8::1", "00:1b:44:11:3a:b7",
        "{\"a\":1}", "[1,2", "550e8400-e29b-41d4-a716-446655440000", "not-a-uuid", "red", "green", "blue", "12345", "123456", "the quick brown fox",
        true, false, 0L, 1L, 2L, 5L, 10L, -3L, 100L, 1.5, -0.25,
        FieldValue.EmptyList, FieldValue.List("red"), FieldValue.List("red", "green", "red"), FieldValue.List(1L, 2L, 3L), FieldValue.List("abc", default, "x"),
        FieldValue.Map([KeyValuePair.Create("x", (FieldValue)1L), KeyValuePair.Create("y", (FieldValue)"two")]),
    ];

    // Each makes the text of a rule; the other field is never the rule's own.
    private static readonly Func<Random, string, string>[] Rules =
    [
        (_, _) => "accepted", (_, _) => "declined", (_, _) => "alpha", (_, _) => "alpha_dash", (_, _) => "alpha_num", (_, _) => "array", (_, _) => "boolean",
        (_, _) => "date", (_, _) => "email", (_, _) => "filled", (_, _) => "integer", (_, _) => "ip", (_, _) => "ipv4", (_, _) => "ipv6", (_, _) => "json",
        (_, _) => "mac_address", (_, _) => "numeric", (_, _) => "present", (_, _) => "required", (_, _) => "string", (_, _) => "uuid",
        (random, _) => Sized(random, "min"), (random, _) => Sized(random, "max"), (random, _) => Sized(random, "size"), (random, _) => Sized(random, "digits"),
        (random, _) => Between(random, "between"), (random, _) => Between(random, "digits_between"), (random, _) => $"multiple_of:{random.Next(1, 6)}",
        (random, _) => $"in:{Words(random)}", (random, _) => $"not_in:{Words(random)}", (random, _) => $"starts_with:{Words(random)}", (random, _) => $"ends_with:{Words(random)}",
        (_, _) => "regex:/^[a-z]+$/", (_, _) => "regex:/[0-9]{2}/", (_, _) => "not_regex:/b/i", (_, _) => "date_format:Y-m-d", (_, _) => "date_format:d.m.Y",
        (_, _) => "after:2024-06-01", (_, _) => "before:2024-06-01", (_, _) => "date_equals:2025-03-15", (_, _) => "array:x,y", (_, _) => "array:x",
        (_, other) => $"same:{other}", (_, other) => $"different:{other}", (_, other) => $"gt:{other}", (_, other) => $"lte:{other}",
        (_, other) => $"required_with:{other}", (_, other) => $"required_without:{other}", (_, other) => $"required_if:{other},red,1", (_, other) => $"required_unless:{other},abc",
        (_, other) => $"accepted_if:{other},red", (_, other) => $"declined_if:{other},red", (_, other) => $"exclude_if:{other},red", (_, other) => $"exclude_unless:{other},abc",
        (_, other) => $"exclude_without:{other}", (_, other) => $"in_array:{other}.*",
    ];

    private static readonly string[] Modifiers = ["nullable", "sometimes", "bail"];

    /// <summary>The next form of a sequence; one that an exclusion is about is drawn again.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="isExcluded">Whether the versions differ in it.</param>
    public static RandomForm Next(Random random, Func<RandomForm, bool> isExcluded)
    {
        while (true)
        {
            var form = Draw(random);
            if (!isExcluded(form))
                return form;
        }
    }

    private static RandomForm Draw(Random random)
    {
        var present = Fields.Where(_ => random.Next(5) > 0).ToArray();
        var data = FieldValue.Map(present.Select(field => KeyValuePair.Create(field, Values[random.Next(Values.Length)])));
        var rules = new List<(string Field, IReadOnlyList<string> Rules)>();
        foreach (var field in Fields.Where(_ => random.Next(4) > 0))
        {
            rules.Add((field, Draw(random, field)));
            if (random.Next(6) == 0)
                rules.Add((field + ".*", [random.Next(3) == 0 ? "distinct" : "string", .. Draw(random, field).Take(1)]));
        }

        return new RandomForm(data, rules);
    }

    private static string[] Draw(Random random, string field)
    {
        var others = Fields.Where(other => other != field).ToArray();
        var modifiers = Modifiers.Where(_ => random.Next(6) == 0);
        return [.. modifiers.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Rules[random.Next(Rules.Length)](random, others[random.Next(others.Length)]))).DistinctBy(rule => rule.Split(':')[0])];
    }

    private static string Sized(Random random, string rule) => string.Create(CultureInfo.InvariantCulture, $"{rule}:{random.Next(0, 13)}");

    private static string Between(Random random, string rule)
    {
        var least = random.Next(0, 8);
        return string.Create(CultureInfo.InvariantCulture, $"{rule}:{least},{least + random.Next(0, 8)}");
    }

    private static string Words(Random random)
    {
        string[] words = ["red", "green", "abc", "yes", "the", "fox", "a", "x"];
        return string.Join(',', Enumerable.Range(0, random.Next(1, 4)).Select(_ => words[random.Next(words.Length)]));
    }
}
