using Securely.Config;
using Securely.Validation;

namespace Securely.Cli;

/// <summary>Rules for a file, with messages and names of fields.</summary>
internal sealed class RulesFile
{
    /// <summary>The rules that a file may name; those that ask a database say that there is none.</summary>
    public static RuleRegistry Registry { get; } = new RuleRegistry().Add(new NoStoreRule("exists")).Add(new NoStoreRule("unique"));

    public RuleSet Rules { get; } = new(Registry);

    public Dictionary<string, string> Messages { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>The rules; null when the file cannot be read. What is wrong in it stands in the diagnostics, all at once.</summary>
    public static RulesFile? Read(string path, ConfigDiagnostics diagnostics)
    {
        if (YamlReader.ReadFile(path, diagnostics) is not { } root)
            return null;
        var file = new RulesFile();
        if (root.Kind != ConfigKind.Map)
            diagnostics.Error(root.Origin, "Rules are a map of fields to rules, as in [email: required|email]");
        else if (root["rules"] is { Kind: ConfigKind.Map } rules)
            file.ReadSections(root, rules, diagnostics);
        else
            file.ReadRules(root, diagnostics);
        return file;
    }

    private void ReadSections(ConfigValue root, ConfigValue rules, ConfigDiagnostics diagnostics)
    {
        foreach (var entry in root.Entries)
        {
            switch (entry.Key)
            {
                case "rules": ReadRules(rules, diagnostics); break;
                case "messages": ReadTexts(entry.Value, Messages, diagnostics); break;
                case "attributes": ReadTexts(entry.Value, Attributes, diagnostics); break;
                default: diagnostics.Error(entry.KeyOrigin, $"[{entry.Key}] is unknown; beside [rules] there may be [messages] and [attributes]"); break;
            }
        }
    }

    /// <summary>Reads the rules of one field, a text or a list of texts, into a set.</summary>
    /// <param name="rules">Takes them.</param>
    /// <param name="field">The field.</param>
    /// <param name="value">The rules as they stand in a file.</param>
    /// <param name="diagnostics">Takes what is wrong with them.</param>
    public static void ReadRule(RuleSet rules, string field, ConfigValue value, ConfigDiagnostics diagnostics)
    {
        try
        {
            if (value.Kind == ConfigKind.List)
                rules[field] = [.. value.Items.Select(Text)];
            else
                rules[field] = value.Kind == ConfigKind.Null ? "" : value.Text;
        }
        catch (RuleException fault)
        {
            diagnostics.Error(value.Origin, fault.Message);
        }
        catch (InvalidOperationException)
        {
            diagnostics.Error(value.Origin, $"The rules of [{field}] are a text or a list of texts, as in [required|max:255]");
        }
    }

    private void ReadRules(ConfigValue rules, ConfigDiagnostics diagnostics)
    {
        foreach (var entry in rules.Entries)
            ReadRule(Rules, entry.Key, entry.Value, diagnostics);
    }

    private static RuleEntry Text(ConfigValue value) => value.Text;

    private static void ReadTexts(ConfigValue texts, Dictionary<string, string> into, ConfigDiagnostics diagnostics)
    {
        foreach (var entry in texts.Entries)
        {
            if (entry.Value.TryGetText(out var text))
                into[entry.Key] = text!;
            else
                diagnostics.Error(entry.Value.Origin, $"[{entry.Key}] needs a text");
        }
    }

    /// <summary>Stands for the rules that ask a store, which a command line has not.</summary>
    private sealed class NoStoreRule(string name) : IRule
    {
        public string Name => name;

        public ValueTask<bool> PassesAsync(RuleContext context, CancellationToken cancellationToken) => throw new CliException(
            $"Rule [{name}] of field [{context.Field}] asks a database, and there is none here; take it out of the rules", ExitCode.Configuration);
    }
}
