namespace Securely.Config;

/// <summary>
/// Looks at the files of a repository now and then and reads them again when one has changed; whoever registered with
/// <see cref="ConfigRepository.OnChange"/> is told. A change that cannot be used is reported and leaves everything as it was. Thread-safe.
/// </summary>
public sealed class ConfigWatcher : IDisposable
{
    private readonly ConfigRepository _repository;
    private readonly Action<ConfigDiagnostics>? _reloaded;
    private readonly ITimer _timer;
    private readonly Lock _looking = new();
    private Dictionary<string, Stamp> _stamps;
    private bool _disposed;

    /// <summary>Starts to watch.</summary>
    /// <param name="repository">One that <see cref="ConfigRepository.Load"/> made.</param>
    /// <param name="interval">How often the files are looked at; 1 s when not given.</param>
    /// <param name="reloaded">Is told of every reload what was wrong with it; without errors it counts.</param>
    /// <param name="time">The clock; the system's when not given.</param>
    /// <exception cref="InvalidOperationException">The repository has no sources.</exception>
    public ConfigWatcher(ConfigRepository repository, TimeSpan? interval = null, Action<ConfigDiagnostics>? reloaded = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(repository);
        if (repository.Sources is null)
            throw new InvalidOperationException("The repository has no sources to watch; make it with ConfigRepository.Load.");
        _repository = repository;
        _reloaded = reloaded;
        _stamps = Stamps();
        var every = interval ?? TimeSpan.FromSeconds(1);
        _timer = (time ?? TimeProvider.System).CreateTimer(_ => Look(), null, every, every);
    }

    /// <summary>Looks at once instead of at the next interval.</summary>
    /// <returns>Whether something had changed and was read.</returns>
    public bool Look()
    {
        // A look that is still running when the next is due is not waited for.
        if (!_looking.TryEnter())
            return false;
        try
        {
            if (_disposed)
                return false;
            var stamps = Stamps();
            if (stamps.Count == _stamps.Count && stamps.All(stamp => _stamps.TryGetValue(stamp.Key, out var before) && before == stamp.Value))
                return false;
            _stamps = stamps;
            var diagnostics = _repository.Reload();
            _reloaded?.Invoke(diagnostics);
            return true;
        }
        finally
        {
            _looking.Exit();
        }
    }

    /// <summary>Ends it; a look that is running ends first.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_looking)
            _disposed = true;
    }

    private Dictionary<string, Stamp> Stamps()
    {
        var stamps = new Dictionary<string, Stamp>(StringComparer.Ordinal);
        try
        {
            foreach (var file in _repository.Sources!.Files())
            {
                var info = new FileInfo(file);
                stamps[file] = info.Exists ? new Stamp(info.LastWriteTimeUtc, info.Length) : default;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What cannot be looked at now is looked at next time; reading says why.
        }

        return stamps;
    }

    private readonly record struct Stamp(DateTime Written, long Length);
}
