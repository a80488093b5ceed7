using Securely.Config;
using Securely.Validation;

namespace Securely.Settings;

/// <summary>Judges a file of settings before it is written: by a schema, and by rules of validation.</summary>
internal static class SettingsRules
{
    /// <exception cref="ConfigException">Something does not fit; has all of it, with places, and no value.</exception>
    public static async Task CheckAsync(SettingsFile file, SettingsOptions options, Func<Setting, string> reveal, CancellationToken cancellationToken)
    {
        var diagnostics = new ConfigDiagnostics();
        if (options.Schema is { } schema)
            schema.Check(ConfigValue.FromMap(Entries(file, setting => setting.Stored), Start(options)), diagnostics);
        if (options.Rules is { } rules)
            await JudgeAsync(rules, file, options, reveal, diagnostics, cancellationToken);
        diagnostics.ThrowIfErrors();
    }

    private static async Task JudgeAsync(
        RuleSet rules, SettingsFile file, SettingsOptions options, Func<Setting, string> reveal, ConfigDiagnostics diagnostics, CancellationToken cancellationToken)
    {
        var ruled = rules.ToHashSet(StringComparer.Ordinal);
        // A secret that no rule is about is not decrypted for it.
        var values = Entries(file, setting => ruled.Contains(FieldOf(setting.Name)) ? reveal(setting) : setting.Stored);
        var fields = values.Select(entry => KeyValuePair.Create(entry.Key, ToField(entry.Value)));
        var names = ruled.ToDictionary(field => field, field => $"[{NameOf(field)}]", StringComparer.Ordinal);
        var validator = new Validator(FieldValue.Map(fields), rules, new ValidatorOptions { Attributes = names, Time = options.Time });
        if (await validator.PassesAsync(cancellationToken))
            return;
        foreach (var field in validator.Errors.Keys)
        {
            var origin = file.Find(NameOf(field))?.Origin ?? Start(options);
            foreach (var message in validator.Errors.Get(field))
                diagnostics.Error(origin, message.Contains(names.GetValueOrDefault(field, field), StringComparison.Ordinal) ? message : $"[{NameOf(field)}]: {message}");
        }
    }

    /// <summary>How the rules of a setting are named in a <see cref="RuleSet"/>: a dot of the name is no path.</summary>
    public static string FieldOf(string name) => name.Replace(".", "\\.", StringComparison.Ordinal);

    private static string NameOf(string field) => field.Replace("\\.", ".", StringComparison.Ordinal);

    private static FieldValue ToField(ConfigValue value) => value.Kind == ConfigKind.Null ? default(FieldValue)
        : !value.IsQuoted && value.Text is "true" or "false" ? value.Text == "true"
        : value.Text;

    private static IEnumerable<ConfigEntry> Entries(SettingsFile file, Func<Setting, string> value) =>
        file.Settings.Select(setting => new ConfigEntry(setting.Name, setting.Origin, EnvironmentText.ToValue(value(setting), setting.Origin)));

    private static ConfigOrigin Start(SettingsOptions options) => new(options.Path, 1, 1);
}
