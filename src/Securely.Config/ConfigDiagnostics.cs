namespace Securely.Config;

/// <summary>How bad a diagnostic is.</summary>
public enum ConfigSeverity
{
    /// <summary>Worth knowing; the configuration can be used.</summary>
    Warning,

    /// <summary>The configuration cannot be used.</summary>
    Error,
}

/// <summary>One thing to say about a configuration, and where.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Origin">Where it is.</param>
/// <param name="Message">What it is, with the thing in brackets and the way out.</param>
public sealed record ConfigDiagnostic(ConfigSeverity Severity, ConfigOrigin Origin, string Message)
{
    /// <summary><c>FILE:LINE:COLUMN: message</c>, or <c>FILE:LINE:COLUMN: warning: message</c>.</summary>
    public override string ToString() => Severity == ConfigSeverity.Error ? $"{Origin}: {Message}" : $"{Origin}: warning: {Message}";
}

/// <summary>
/// Collects everything there is to say about a configuration, so that a user sees all errors at once. Not thread-safe.
/// </summary>
public sealed class ConfigDiagnostics
{
    private readonly List<ConfigDiagnostic> _reported = [];
    private readonly HashSet<ConfigDiagnostic> _seen = [];
    private ConfigDiagnostic[]? _ordered;

    /// <summary>
    /// All diagnostics, ordered by place: files in the order of their first diagnostic, then line and column. The same message
    /// about the same place stands here once, however often an alias repeats it.
    /// </summary>
    public IReadOnlyList<ConfigDiagnostic> Items => _ordered ??= Order();

    /// <summary>Whether there is an error among them; warnings do not count.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>Adds an error.</summary>
    /// <param name="origin">Where it is.</param>
    /// <param name="message">What it is, with the thing in brackets and the way out.</param>
    public void Error(ConfigOrigin origin, string message)
    {
        HasErrors = true;
        Add(new ConfigDiagnostic(ConfigSeverity.Error, origin, message));
    }

    /// <summary>Adds a warning.</summary>
    /// <param name="origin">Where it is.</param>
    /// <param name="message">What it is, with the thing in brackets and the way out.</param>
    public void Warning(ConfigOrigin origin, string message) => Add(new ConfigDiagnostic(ConfigSeverity.Warning, origin, message));

    /// <summary>Ends reading when there was an error.</summary>
    /// <exception cref="ConfigException">There is at least one error.</exception>
    public void ThrowIfErrors()
    {
        if (HasErrors)
            throw new ConfigException(this);
    }

    /// <summary>One line for each diagnostic, without an end of line after the last.</summary>
    public override string ToString() => string.Join('\n', Items);

    private void Add(ConfigDiagnostic diagnostic)
    {
        if (!_seen.Add(diagnostic))
            return;
        _reported.Add(diagnostic);
        _ordered = null;
    }

    private ConfigDiagnostic[] Order()
    {
        var files = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var diagnostic in _reported)
            files.TryAdd(diagnostic.Origin.File, files.Count);
        return [.. _reported.OrderBy(d => files[d.Origin.File]).ThenBy(d => d.Origin.Line).ThenBy(d => d.Origin.Column)];
    }
}
