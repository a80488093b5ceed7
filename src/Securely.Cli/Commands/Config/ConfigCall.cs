using System.CommandLine;
using Securely.Config;
using Securely.Settings;

namespace Securely.Cli;

/// <summary>What the config commands read: the configuration file, the directory <c>config</c> beside it, the dotenv file and the environment.</summary>
internal sealed class ConfigCall(Output output, CliEnvironment environment)
{
    private const string EnvironmentName = "--env";

    /// <summary>What every command says about its sources.</summary>
    public static string Details =>
        "Read are, each over the ones before: securely.yaml, the files of the directory config beside it (config/mail.yaml is the section mail), .env, .env.NAME for the "
        + "environment NAME (--env, or APP_ENV), and environment variables. A variable APP__NAME is the key app.name. Encrypted values begin with enc: and are never shown.";

    /// <summary>What commands that show values say about the server.</summary>
    public static string ServerDetails =>
        "The server takes its own sections, such as listeners, from securely.yaml alone; a value of theirs that comes from elsewhere is shown with a warning.";

    /// <summary>Warns of values that the server has a key for and that it does not read from where they come from.</summary>
    /// <param name="key">What is shown; empty for everything.</param>
    /// <param name="shown">The values.</param>
    /// <param name="file">The file that the server reads; null for none.</param>
    public void WarnOfServer(string key, ConfigValue shown, string? file)
    {
        var prefix = key.Length == 0 ? "" : key + ".";
        var values = shown.Items.Count + shown.Entries.Count > 0 ? ConfigTree.Dot(shown, prefix) : [new ConfigEntry(key, shown.Origin, shown)];
        foreach (var section in values.Where(entry => entry.Value.Origin.File != file).GroupBy(entry => entry.Key.Split('.')[0], StringComparer.Ordinal))
        {
            if (ConfigurationReader.IsOfServer(section.Key))
                output.Error.WriteLine(output.ErrorPaint.Warning($"warning: [{section.Key}] comes from [{Place(section.First().Value.Origin)}], and securely serve reads it from [{file ?? "securely.yaml"}] alone"));
        }
    }

    public static void Declare(Command command)
    {
        command.Options.Add(ConfigurationOption.Create());
        command.Options.Add(new Option<string?>(EnvironmentName) { HelpName = "NAME", Description = "The environment, such as production; else that of APP_ENV" });
    }

    /// <summary>The <c>--source</c> of commands that show values.</summary>
    public static Option<bool> Source() => new("--source") { Description = "Show where each value comes from" };

    /// <summary>Whether a value is hidden where values are shown.</summary>
    public static bool IsSecret(string key, ConfigValue value)
    {
        if (!value.TryGetText(out var text))
            return false;
        // The key of a rate limit or the file of a certificate is no secret; APP_KEY is.
        var word = key[(key.LastIndexOf('.') + 1)..];
        return ConfigSecrets.IsEncrypted(text) || Setting.HasPassword(text) || (word is not ("key" or "KEY" or "keys") && Setting.IsSecretName(word));
    }

    /// <summary>What a value shows of itself.</summary>
    public static string Show(string key, ConfigValue value) => value.Kind switch
    {
        ConfigKind.Null => "null",
        ConfigKind.List => "[]",
        ConfigKind.Map => "{}",
        _ when IsSecret(key, value) && value.Text.Length > 0 => ConfigSecrets.Mask,
        _ => SettingsOutput.Printable(value.Text),
    };

    /// <summary>Where a value comes from, without the column.</summary>
    public static string Place(ConfigOrigin origin) => origin.Line > 0 ? string.Create(null, $"{origin.File}:{origin.Line}") : origin.File;

    /// <summary>Says that a key is not there, and which may be meant.</summary>
    public static string NotThere(string key, ConfigRepository repository)
    {
        var nearest = NearestName.Find(key, repository.All().Select(pair => pair.Key));
        return $"[{SettingsOutput.Printable(key)}] is not configured" + (nearest is null ? "; securely config:show lists what is" : $"; did you mean [{nearest}]?");
    }

    /// <summary>Reads everything.</summary>
    /// <exception cref="ConfigException">Something cannot be used; has all errors.</exception>
    public async Task<ConfigRepository> LoadAsync(ParseResult line, CancellationToken cancellationToken) =>
        ConfigRepository.Load(await SourcesAsync(line, cancellationToken));

    /// <summary>The file that the server reads; null for none.</summary>
    public string? ServerFile(ParseResult line) => ConfigurationFile.Find(line.GetValue<string?>(ConfigurationOption.Name), environment);

    /// <summary>What is read.</summary>
    public async Task<ConfigSources> SourcesAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var named = line.GetValue<string?>(ConfigurationOption.Name);
        var file = ConfigurationFile.Find(named, environment);
        var settings = new SettingsCall(output, environment);
        // A mistake in the section of settings is reported with everything else; then .env is where it is without the section.
        var dotEnv = DotEnv(settings, named, file);
        var (_, secrets) = await SettingsCall.ReadKeysAsync(dotEnv, environment, cancellationToken);
        return new ConfigSources
        {
            YamlFiles = file is null ? [] : [file],
            YamlDirectory = Beside(file, "config"),
            DotEnvFile = dotEnv,
            EnvironmentName = line.GetValue<string?>(EnvironmentName),
            Variables = environment.Variables(),
            Secrets = secrets,
        };
    }

    /// <summary>The file that a key is written to: the dotenv file for the name of a variable, the section's own file, else the configuration file.</summary>
    public string FileOf(string key, ConfigSources sources, out string inFile)
    {
        inFile = key;
        if (key.Length > 0 && key.All(letter => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter) || letter == '_'))
            return sources.DotEnvFile!;
        var section = Path.Combine(sources.YamlDirectory!, key.Split('.')[0]);
        foreach (var candidate in new[] { section + ".yaml", section + ".yml" })
        {
            if (!key.Contains('.', StringComparison.Ordinal) || Path.GetFullPath(candidate) != Path.Combine(Path.GetFullPath(sources.YamlDirectory!), Path.GetFileName(candidate)) || !File.Exists(candidate))
                continue;
            inFile = key[(key.IndexOf('.', StringComparison.Ordinal) + 1)..];
            return candidate;
        }

        return sources.YamlFiles is [var file, ..] ? file : throw new CliException(ConfigurationFile.NotFound(environment) + "; name a file with -c", ExitCode.Configuration);
    }

    /// <summary>The file that a value was read from, and its key there.</summary>
    public (string File, string InFile) PlaceOf(string key, ConfigValue value, ConfigSources sources)
    {
        var file = value.Origin.File;
        if (sources.YamlFiles.Contains(file))
            return (file, key);
        if (Path.GetDirectoryName(file) == Path.GetDirectoryName(Path.Combine(sources.YamlDirectory!, "x")) && value.Origin.Line > 0)
            return (file, key[(key.IndexOf('.', StringComparison.Ordinal) + 1)..]);
        // A nested key of a dotenv file was written as APP__NAME there.
        if (value.Origin.Line > 0 && file.StartsWith(sources.DotEnvFile!, StringComparison.Ordinal))
            return (file, key.Contains('.', StringComparison.Ordinal) ? key.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant() : key);
        throw new CliException($"[{key}] comes from [{file}], which cannot be changed here; change it where it is set");
    }

    /// <summary>Writes a value into the file that it belongs to.</summary>
    public async Task WriteAsync(string file, string key, string value, ConfigSources sources, bool? isEncrypted, CancellationToken cancellationToken)
    {
        if (sources.DotEnvFile is { } dotEnv && file.StartsWith(dotEnv, StringComparison.Ordinal))
        {
            var manager = new SettingsManager(new SettingsOptions { Path = file, Secrets = sources.Secrets, User = environment.User, Time = environment.Time });
            await manager.SetAsync(key, value, isEncrypted, cancellationToken);
            return;
        }

        await SettingsText.ChangeAsync(file, text => YamlEditor.Set(text, file, key, value), environment.Time, cancellationToken);
    }

    private string DotEnv(SettingsCall settings, string? named, string? file)
    {
        try
        {
            settings.ReadSection(named, out var path);
            return path;
        }
        catch (ConfigException)
        {
            return Beside(file, SettingsCall.DefaultFile);
        }
    }

    private string Beside(string? file, string name) => file is null ? environment.Resolve(name) : Path.Combine(Path.GetDirectoryName(file) ?? "", name);
}
