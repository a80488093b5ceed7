namespace Securely.Config;

public sealed partial class ConfigRepository
{
    /// <summary>Typed options of a section, each value checked; encrypted texts are decrypted.</summary>
    /// <param name="prefix">The key of the section; null for the one that the options name.</param>
    /// <typeparam name="T">The options; a partial type with <see cref="ConfigOptionsAttribute"/>.</typeparam>
    /// <exception cref="ConfigException">A value does not fit, a required one is missing, or a key is unknown; has all errors, with places.</exception>
    public T Bind<T>(string? prefix = null) where T : IConfigOptions<T>
    {
        var diagnostics = new ConfigDiagnostics();
        var options = Bind<T>(diagnostics, prefix);
        diagnostics.ThrowIfErrors();
        return options;
    }

    /// <summary>Typed options of a section; what is wrong is reported, so that several sections can be read before anybody is told.</summary>
    /// <param name="diagnostics">Takes errors and warnings; with errors the options must not be used.</param>
    /// <param name="prefix">The key of the section; null for the one that the options name.</param>
    /// <typeparam name="T">The options.</typeparam>
    public T Bind<T>(ConfigDiagnostics diagnostics, string? prefix = null) where T : IConfigOptions<T>
    {
        ArgumentNullException.ThrowIfNull(diagnostics);
        var key = prefix ?? T.Section;
        var value = key.Length == 0 ? Root : Find(key) ?? ConfigValue.EmptyMap;
        var section = SectionReader.Of(value, Full(key), diagnostics, _state.Secrets);
        var options = section.Bind<T>();
        section.Finish();
        return options;
    }

    /// <summary>
    /// Calls back with new options when a value of their section has changed, as <see cref="OnChange(string, Action{ConfigRepository})"/> does; options that do not fit are
    /// reported instead.
    /// </summary>
    /// <param name="changed">Takes the new options.</param>
    /// <param name="refused">Takes what is wrong with them; null for nobody.</param>
    /// <param name="prefix">The key of the section; null for the one that the options name.</param>
    /// <typeparam name="T">The options.</typeparam>
    /// <returns>Ends it when disposed.</returns>
    public IDisposable OnChange<T>(Action<T> changed, Action<ConfigDiagnostics>? refused = null, string? prefix = null) where T : IConfigOptions<T>
    {
        ArgumentNullException.ThrowIfNull(changed);
        return OnChange(prefix ?? T.Section, repository =>
        {
            var diagnostics = new ConfigDiagnostics();
            var options = repository.Bind<T>(diagnostics, prefix);
            if (diagnostics.HasErrors)
                refused?.Invoke(diagnostics);
            else
                changed(options);
        });
    }
}
