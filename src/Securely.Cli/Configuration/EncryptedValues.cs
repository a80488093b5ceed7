using Securely.Config;

namespace Securely.Cli;

/// <summary>Decrypts the values that <c>config:encrypt</c> has written into a configuration file, with the key of the environment or of its dotenv file.</summary>
internal static class EncryptedValues
{
    /// <summary>The values of a file with the plain text of those that are encrypted; null when one cannot be decrypted, which is reported.</summary>
    /// <param name="root">What the file holds.</param>
    /// <param name="path">The file.</param>
    /// <param name="environment">Has the key, or says where the file of the key is.</param>
    /// <param name="diagnostics">Takes the errors.</param>
    public static ConfigValue? Reveal(ConfigValue root, string path, CliEnvironment environment, ConfigDiagnostics diagnostics)
    {
        if (!HasAny(root))
            return root;
        // Nothing else is done before the file is read, so there is nobody who could use the time that a key's source takes.
        var (_, secrets) = SettingsCall.ReadKeysAsync(DotEnvOf(root, path), environment, CancellationToken.None).GetAwaiter().GetResult();
        var complete = true;
        var revealed = Reveal(root, "");
        return complete ? revealed : null;

        ConfigValue Reveal(ConfigValue value, string key)
        {
            var prefix = key.Length == 0 ? "" : key + ".";
            switch (value.Kind)
            {
                case ConfigKind.Map:
                    return ConfigValue.FromMap(value.Entries.Select(entry => entry with { Value = Reveal(entry.Value, prefix + entry.Key) }), value.Origin);
                case ConfigKind.List:
                    return ConfigValue.FromList(value.Items.Select((item, index) => Reveal(item, string.Create(null, $"{prefix}{index}"))), value.Origin);
                case ConfigKind.Text when ConfigSecrets.IsEncrypted(value):
                    complete &= TryReveal(key, value, secrets, diagnostics, out var text);
                    return ConfigValue.FromText(text, value.Origin);
                default:
                    return value;
            }
        }
    }

    /// <summary>Decrypts one value, or reports why that cannot be.</summary>
    public static bool TryReveal(string key, ConfigValue value, ConfigSecrets? secrets, ConfigDiagnostics diagnostics, out string text)
    {
        text = "";
        if (secrets is null)
        {
            diagnostics.Error(value.Origin, $"[{key}] is encrypted and there is no key; set [APP_KEY] in the environment or in .env");
            return false;
        }

        try
        {
            text = secrets.Reveal(value.Text);
            return true;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            diagnostics.Error(value.Origin, $"[{key}] cannot be decrypted: {error.Message}; is [APP_KEY] the key that it was encrypted with?");
            return false;
        }
    }

    private static bool HasAny(ConfigValue value) =>
        ConfigSecrets.IsEncrypted(value) || value.Items.Any(HasAny) || value.Entries.Any(entry => HasAny(entry.Value));

    // What is wrong with the section is reported by its own reader.
    private static string DotEnvOf(ConfigValue root, string path)
    {
        var own = root.Entries.Where(entry => entry.Key is SettingsSection.Name);
        var section = SettingsSection.Read(new SectionReader(ConfigValue.FromMap(own, root.Origin), "", new ConfigDiagnostics()));
        return section.File ?? Path.Combine(Path.GetDirectoryName(path) ?? "", SettingsCall.DefaultFile);
    }
}
