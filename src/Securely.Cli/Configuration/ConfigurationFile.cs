using Securely.Config;

namespace Securely.Cli;

/// <summary>Finds and loads the file of a server command.</summary>
internal static class ConfigurationFile
{
    private const string FileName = "securely.yaml";

    /// <summary>Says that <see cref="Find"/> found nothing, and where it looked.</summary>
    public static string NotFound(CliEnvironment environment) => $"Neither ./{FileName} nor {environment.SystemConfigurationFile} exists";

    /// <summary>The named file; else ./securely.yaml, then /etc/securely/securely.yaml; null when neither exists.</summary>
    public static string? Find(string? named, CliEnvironment environment)
    {
        if (named is not null)
            return environment.Resolve(named);
        var candidates = new[] { environment.Resolve(FileName), environment.SystemConfigurationFile };
        return Array.Find(candidates, File.Exists);
    }

    /// <summary>Reads a file for use; warnings are written.</summary>
    /// <exception cref="ConfigException">The file cannot be used.</exception>
    public static SecurelyConfiguration Load(string file, Output output, CliEnvironment environment)
    {
        var diagnostics = new ConfigDiagnostics();
        var configuration = ConfigurationReader.Read(file, environment, diagnostics);
        if (configuration is null || diagnostics.HasErrors)
            throw new ConfigException(diagnostics);
        Write(diagnostics, output);
        return configuration;
    }

    /// <summary>Writes <c>FILE:LINE:COLUMN: message</c> lines to standard error.</summary>
    public static void Write(ConfigDiagnostics diagnostics, Output output)
    {
        foreach (var item in diagnostics.Items)
        {
            var text = item.ToString();
            output.Error.WriteLine(item.Severity == ConfigSeverity.Error ? output.ErrorPaint.Failure(text) : output.ErrorPaint.Warning(text));
        }
    }
}
