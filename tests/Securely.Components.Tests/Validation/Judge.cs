using Securely.Testing;
using Securely.Validation;

namespace Securely.Components.Tests.Validation;

/// <summary>Runs one validation of the field <c>field</c> at noon of 2025-03-15.</summary>
internal static class Judge
{
    public static ValidatorOptions Options { get; } = new()
    {
        Time = new ManualTimeProvider(new DateTimeOffset(2025, 3, 15, 12, 0, 0, TimeSpan.Zero)),
    };

    public static ValueTask<bool> PassesAsync(RuleList rules, FieldValue value) =>
        Of(rules, value).PassesAsync(TestContext.Current.CancellationToken);

    public static Validator Of(RuleList rules, FieldValue value, ValidatorOptions? options = null) =>
        new(Form(("field", value)), new RuleSet { ["field"] = rules }, options ?? Options);

    public static FieldValue Form(params (string Name, FieldValue Value)[] fields) =>
        FieldValue.Map(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
}
