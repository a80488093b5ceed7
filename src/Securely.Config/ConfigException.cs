namespace Securely.Config;

/// <summary>A configuration that cannot be used. Its message is the errors, one a line; the diagnostics also have the warnings.</summary>
public sealed class ConfigException : Exception
{
    /// <summary>Makes the exception of some diagnostics.</summary>
    /// <param name="diagnostics">What was found.</param>
    public ConfigException(ConfigDiagnostics diagnostics) : base(Describe(diagnostics)) => Diagnostics = diagnostics;

    /// <summary>Makes the exception of one error.</summary>
    /// <param name="origin">Where it is.</param>
    /// <param name="message">What it is, with the thing in brackets and the way out.</param>
    public ConfigException(ConfigOrigin origin, string message) : this(Single(origin, message))
    {
    }

    /// <summary>Everything that was found, errors and warnings.</summary>
    public ConfigDiagnostics Diagnostics { get; }

    private static string Describe(ConfigDiagnostics diagnostics)
    {
        ArgumentNullException.ThrowIfNull(diagnostics);
        return string.Join('\n', diagnostics.Items.Where(d => d.Severity == ConfigSeverity.Error));
    }

    private static ConfigDiagnostics Single(ConfigOrigin origin, string message)
    {
        var diagnostics = new ConfigDiagnostics();
        diagnostics.Error(origin, message);
        return diagnostics;
    }
}
