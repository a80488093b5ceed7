using System.CommandLine;
using Securely.Config;
using Securely.Encrypt;
using Securely.Settings;

namespace Securely.Cli;

/// <summary>The settings that a command line means.</summary>
/// <param name="Manager">The file that is written.</param>
/// <param name="Chain">The files that are read, the weakest first; the last one is <paramref name="Manager"/>'s.</param>
/// <param name="Keys">The keys; null where there is none.</param>
/// <param name="Hooks">What happens when settings change.</param>
internal sealed record SettingsTarget(SettingsManager Manager, IReadOnlyList<SettingsManager> Chain, KeyRing? Keys, IReadOnlyList<UpdateHook> Hooks)
{
    /// <summary>The settings of all files; a stronger one counts.</summary>
    public IReadOnlyList<(Setting Setting, SettingsManager Manager)> All()
    {
        var settings = new OrderedDictionary<string, (Setting Setting, SettingsManager Manager)>(StringComparer.Ordinal);
        foreach (var manager in Chain)
        {
            foreach (var setting in manager.All())
                settings[setting.Name] = (setting, manager);
        }

        return [.. settings.Values];
    }

    public (Setting Setting, SettingsManager Manager)? Find(string name) => Chain.Reverse()
        .Select(manager => (Setting: manager.Read().Find(name), Manager: manager))
        .Where(found => found.Setting is not null)
        .Select(found => ((Setting Setting, SettingsManager Manager)?)(found.Setting!, found.Manager))
        .FirstOrDefault();
}

/// <summary>How the settings commands find their file and their key, and what they do after a change.</summary>
internal sealed class SettingsCall(Output output, CliEnvironment environment)
{
    public const string DefaultFile = ".env";
    public const string CipherName = "APP_CIPHER";

    private const string FileName = "--file";
    private const string EnvironmentName = "--env";
    private const string ScopeName = "--scope";

    /// <summary>What every command says about its file.</summary>
    public static string Details =>
        "The settings stand in .env beside the configuration file (or in the file that settings.file names there), else in that of the current directory. --env NAME means "
        + ".env.NAME, --scope server means .env.server, --scope site:HOST means .env.site.HOST; what stands there wins over wider ones. Secrets are encrypted with APP_KEY, "
        + "taken from the environment or from .env; securely key:generate makes one. APP_CIPHER names another cipher than aes-256-cbc.";

    /// <summary>Adds the options that say which settings.</summary>
    public static void Declare(Command command)
    {
        command.Options.Add(ConfigurationOption.Create());
        command.Options.Add(new Option<string?>(FileName) { HelpName = "PATH", Description = "The file of settings, instead of the .env beside the configuration file" });
        command.Options.Add(new Option<string?>(EnvironmentName) { HelpName = "NAME", Description = "The settings of one environment, such as production" });
        command.Options.Add(new Option<string?>(ScopeName) { HelpName = "SCOPE", Description = "global (the default), server, or site:HOST" });
    }

    /// <summary>The <c>--json</c> of commands that show something.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Write a JSON document instead" };

    /// <summary>The settings that a command line means.</summary>
    public async Task<SettingsTarget> OpenAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var section = ReadSection(line.GetValue<string?>(ConfigurationOption.Name), out var file);
        if (line.GetValue<string?>(FileName) is { } named)
            file = environment.Resolve(named);
        return await OpenAsync(section, file, Paths(file, line.GetValue<string?>(ScopeName), line.GetValue<string?>(EnvironmentName), section.Scopes), cancellationToken);
    }

    /// <summary>The settings of the widest scope, for a command that has no options to say which.</summary>
    /// <param name="named">What <c>-c</c> names; null for the usual places.</param>
    /// <param name="cancellationToken">Ends reading the key.</param>
    public async Task<SettingsTarget> OpenWidestAsync(string? named, CancellationToken cancellationToken)
    {
        var section = ReadSection(named, out var file);
        return await OpenAsync(section, file, [file], cancellationToken);
    }

    /// <summary>Runs the hooks of a change and says how they ended.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> FinishAsync(ParseResult line, SettingsTarget target, IReadOnlyList<SettingChange> changes, CancellationToken cancellationToken)
    {
        if (changes.Count == 0 || target.Hooks.Count == 0)
            return ExitCode.Ok;
        var runner = new HookRunner(target.Hooks, (message, token) => TellServerAsync(line, message, token), environment.Time);
        var failed = false;
        foreach (var result in await runner.RunAsync(target.Manager.Options.Path, changes, cancellationToken))
        {
            failed |= result.Error is not null;
            if (result.Error is null)
                output.Error.WriteLine($"Hook: {result.Hook} done");
            else
                output.Fail($"Hook: {result.Hook} failed: {result.Error}; the setting is changed");
        }

        return failed ? ExitCode.Failed : ExitCode.Ok;
    }

    /// <summary>The section of a configuration file and its dotenv file. A mistake elsewhere in the file keeps nobody from changing a setting.</summary>
    public SettingsSectionOptions ReadSection(string? named, out string file)
    {
        if (ConfigurationFile.Find(named, environment) is not { } path)
        {
            file = environment.Resolve(DefaultFile);
            return SettingsSectionOptions.Default;
        }

        var diagnostics = new ConfigDiagnostics();
        if (YamlReader.ReadFile(path, diagnostics) is not { } root)
            throw new ConfigException(diagnostics);
        var own = root.Entries.Where(entry => entry.Key is SettingsSection.Name);
        var reader = new SectionReader(ConfigValue.FromMap(own, root.Origin), "", diagnostics) { NeedsValues = true };
        var section = SettingsSection.Read(reader);
        reader.Finish();
        if (diagnostics.HasErrors)
            throw new ConfigException(diagnostics);
        file = section.File ?? Path.Combine(Path.GetDirectoryName(path) ?? "", DefaultFile);
        return section;
    }

    /// <summary>The keys of a dotenv file, or of the environment, which wins.</summary>
    public static async Task<(KeyRing? Keys, ConfigSecrets? Secrets)> ReadKeysAsync(string file, CliEnvironment environment, CancellationToken cancellationToken)
    {
        if (await ReadKeyTextAsync("APP_KEY", file, environment, cancellationToken) is not { Length: > 0 } current)
            return (null, null);
        try
        {
            var keys = KeyRing.Parse(current, await ReadKeyTextAsync("APP_PREVIOUS_KEYS", file, environment, cancellationToken), ReadCipher(file, environment) ?? Cipher.Aes256Cbc);
            return (keys, new ConfigSecrets(new Encrypter(keys)));
        }
        catch (FormatException error)
        {
            // Whoever mends the key does not need it for that.
            return (null, new ConfigSecrets(_ => throw new SettingsException($"[APP_KEY]: {error.Message}"), _ => throw new SettingsException($"[APP_KEY]: {error.Message}")));
        }
    }

    /// <summary>What <c>APP_CIPHER</c> of the environment or of a dotenv file names; null where it stands in neither.</summary>
    /// <exception cref="CliException">It names no cipher.</exception>
    public static Cipher? ReadCipher(string file, CliEnvironment environment)
    {
        if (ReadValue(CipherName, file, environment) is not { Length: > 0 } name)
            return null;
        if (CipherExtensions.TryParse(name, out var cipher))
            return cipher;
        var way = NearestName.Find(name, CipherExtensions.Names) is { } nearest ? $"did you mean [{nearest}]?" : $"choose one of {string.Join(", ", CipherExtensions.Names)}";
        throw new CliException($"[{CipherName}]: cipher [{name}] is not known; {way}");
    }

    private async Task<SettingsTarget> OpenAsync(SettingsSectionOptions section, string file, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        if (file.Contains('\0', StringComparison.Ordinal))
            throw new CliException("The path of the settings has a zero character", ExitCode.Usage);
        var (keys, secrets) = await ReadKeysAsync(file, environment, cancellationToken);
        var options = new SettingsOptions { Path = file, Secrets = secrets, Schema = section.Schema, Rules = section.Rules, User = environment.User, Time = environment.Time };
        var chain = paths.Select(path => new SettingsManager(options with { Path = path })).ToArray();
        return new SettingsTarget(chain[^1], chain, keys, section.Hooks);
    }

    private static async Task<string?> ReadKeyTextAsync(string name, string file, CliEnvironment environment, CancellationToken cancellationToken)
    {
        if (ReadValue(name, file, environment) is not { Length: > 0 } value)
            return null;
        try
        {
            return await KeySource.Parse(value, environment.Time).ReadAsync(cancellationToken);
        }
        catch (KeySourceException error)
        {
            throw new CliException(error.Message);
        }
    }

    private static string? ReadValue(string name, string file, CliEnvironment environment) => environment.Variable(name)
        ?? (File.Exists(file) ? DotEnvReader.ReadFile(file, new ConfigDiagnostics())?.LastOrDefault(entry => entry.Name == name)?.Value : null);

    private static List<string> Paths(string file, string? scope, string? name, IReadOnlyList<string> scopes)
    {
        var parts = (scope ?? "global").Split(':', 2);
        if (!scopes.Contains(parts[0], StringComparer.Ordinal))
            throw new CliException($"Scope [{parts[0]}] is not defined; use {string.Join(", ", scopes.Select(known => known == "site" ? "[site:HOST]" : $"[{known}]"))}", ExitCode.Usage);
        if ((parts[0] == "site") != (parts.Length == 2) || (parts.Length == 2 && !IsFilePart(parts[1])))
            throw new CliException("A scope is [global], [server] or [site:HOST], where HOST is the name of a site", ExitCode.Usage);
        if (name is not null && !IsFilePart(name))
            throw new CliException($"Environment [{name}] is not one; it has letters, digits, [-], [_] and [.], as in [production]", ExitCode.Usage);
        var paths = new List<string>();
        foreach (var level in scopes.TakeWhile(level => level != parts[0]).Append(parts[0]))
        {
            var path = level switch
            {
                "global" => file,
                "site" => $"{file}.site.{parts[1]}",
                _ => $"{file}.{level}",
            };
            paths.Add(path);
            if (name is not null)
                paths.Add($"{path}.{name}");
        }

        return paths;
    }

    private static bool IsFilePart(string text) =>
        text.Length is > 0 and <= 128 && text[0] != '.' && !text.Contains("..", StringComparison.Ordinal) && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    private async Task TellServerAsync(ParseResult line, SettingsMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await new ControlCall(environment).AskAsync(line, SettingsChangedControlCommand.CommandName, request => SettingsChangedControlCommand.Write(request, message), cancellationToken);
        }
        catch (CliException error)
        {
            throw new SettingsException(error.Message);
        }
    }
}
