using System.CommandLine;
using Securely.Config;
using Securely.Encrypt;
using Securely.Settings;

namespace Securely.Cli;

/// <summary>The <c>--format</c> of import and export.</summary>
internal static class SettingsFormats
{
    private const int MaxBytes = 4 * 1024 * 1024;

    private static readonly Dictionary<string, SettingsFormat> Known = new(StringComparer.Ordinal)
    {
        ["env"] = SettingsFormat.Env,
        ["json"] = SettingsFormat.Json,
        ["yaml"] = SettingsFormat.Yaml,
    };

    public static Option<string?> Option()
    {
        var format = new Option<string?>("--format") { HelpName = "FORMAT", Description = "env, json or yaml; else what the end of the file's name says" };
        format.CompletionSources.Add([.. Known.Keys]);
        format.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && !Known.ContainsKey(name))
                result.AddError($"Format [{name}] is not known; choose one of {string.Join(", ", Known.Keys)}");
        });
        return format;
    }

    /// <summary>The format that is said, else that of a file; without either an error.</summary>
    public static SettingsFormat Choose(string? format, string? file) =>
        format is not null ? Known[format]
        : file is not null && SettingsExchange.OfFile(file) is { } known ? known
        : throw new CliException($"The format of [{file}] is not known; say --format env, json or yaml", ExitCode.Usage);

    private static ConfigException Missing(string path)
    {
        var diagnostics = new ConfigDiagnostics();
        diagnostics.Error(new ConfigOrigin(path, 1, 1), $"[{path}] does not exist");
        return new ConfigException(diagnostics);
    }

    /// <summary>The text of a file.</summary>
    public static string Read(string path)
    {
        try
        {
            if (Directory.Exists(path))
                throw new CliException($"[{path}] is a directory, not a file");
            if (!File.Exists(path))
                throw Missing(path);
            return new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(OrdinaryFile.Read(path, MaxBytes)
                ?? throw new CliException($"[{path}] is larger than {SizeText.Format(MaxBytes)}, the most that a file of settings may have"));
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw new CliException($"[{path}] is not valid UTF-8; save it in UTF-8");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"[{path}] cannot be read: {FailureText.Of(error)}");
        }
    }
}
