using Securely.Config;

namespace Securely.Settings;

/// <summary>
/// Reads and changes the settings of one dotenv file. A change takes the lock, reads the file, writes the history and replaces the file as a whole:
/// two writers lose nothing, and a reader or a crash never sees half of one. Thread-safe.
/// </summary>
/// <param name="options">Which file, and how.</param>
/// <example><!-- given: string path = ""; --><code>
/// var settings = new SettingsManager(new SettingsOptions { Path = path });
/// await settings.SetAsync("APP_NAME", "Shop");
/// Console.WriteLine(settings.Get("APP_NAME"));
/// </code></example>
public sealed class SettingsManager(SettingsOptions options)
{
    private readonly SettingsHistory _history = new(options.Path + ".history");

    /// <summary>Which file, and how.</summary>
    public SettingsOptions Options => options;

    /// <summary>The file as it is now; an empty one where there is none.</summary>
    /// <exception cref="SettingsException">It cannot be read.</exception>
    /// <exception cref="ConfigException">It is not a dotenv file.</exception>
    public SettingsFile Read() => SettingsFile.Parse(SafeFile.Read(options.Path) ?? "", options.Path);

    /// <summary>All settings in the order of the file, values as they are stored.</summary>
    public IReadOnlyList<Setting> All() => Read().Settings;

    /// <summary>Whether there is a setting.</summary>
    /// <param name="name">The name.</param>
    public bool Has(string name) => Read().Find(name) is not null;

    /// <summary>The value of a setting, decrypted; null when there is none.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="SettingsException">It is encrypted and cannot be decrypted.</exception>
    public string? Get(string name) => Read().Find(name) is { } setting ? Reveal(setting) : null;

    /// <summary>The plain value of a setting.</summary>
    /// <param name="setting">The setting.</param>
    /// <exception cref="SettingsException">It is encrypted and cannot be decrypted.</exception>
    public string Reveal(Setting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        return setting.IsEncrypted ? Decrypt(setting.Name, setting.Stored) : setting.Stored;
    }

    /// <summary>Sets a value.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The plain value.</param>
    /// <param name="encrypt">Whether to encrypt it; null keeps a setting that is encrypted so, and others plain.</param>
    /// <param name="cancellationToken">Ends waiting for another writer.</param>
    /// <returns>The changes; none when the value was there already.</returns>
    /// <exception cref="SettingsException">Name or value cannot stand in a file, there is no key, or the file cannot be written.</exception>
    public Task<IReadOnlyList<SettingChange>> SetAsync(string name, string value, bool? encrypt = null, CancellationToken cancellationToken = default) =>
        SetAsync([KeyValuePair.Create(name, value)], "set", encrypt, cancellationToken);

    /// <summary>Sets several values at once.</summary>
    /// <param name="values">Names and plain values; one that is encrypted already (<c>enc:</c>) is stored as it is, if the key fits.</param>
    /// <param name="action">What the history calls it.</param>
    /// <param name="encrypt">Whether to encrypt them; null keeps those that are encrypted so, and others plain.</param>
    /// <param name="cancellationToken">Ends waiting for another writer.</param>
    public Task<IReadOnlyList<SettingChange>> SetAsync(
        IReadOnlyCollection<KeyValuePair<string, string>> values, string action = "import", bool? encrypt = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return ChangeAsync(action, file => values.Aggregate(file, (edited, pair) => edited.Set(pair.Key, ToStored(edited, pair.Key, pair.Value, encrypt))), cancellationToken);
    }

    /// <summary>Removes settings; those that are not there are no error.</summary>
    /// <param name="names">The names.</param>
    /// <param name="cancellationToken">Ends waiting for another writer.</param>
    public Task<IReadOnlyList<SettingChange>> ForgetAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken = default) =>
        ChangeAsync("forget", file => names.Aggregate(file, (edited, name) => edited.Forget(name)), cancellationToken);

    /// <summary>Replaces the whole text, as an editor does.</summary>
    /// <param name="expected">The text that the new one was made of; another in the file means that somebody changed it meanwhile.</param>
    /// <param name="text">The new text, with secrets as they are stored.</param>
    /// <param name="cancellationToken">Ends waiting for another writer.</param>
    /// <exception cref="SettingsException">Somebody changed the file meanwhile.</exception>
    public Task<IReadOnlyList<SettingChange>> ReplaceAsync(string expected, string text, CancellationToken cancellationToken = default) => ChangeAsync(
        "edit",
        file => file.Text == expected
            ? SettingsFile.Parse(text, options.Path)
            : throw ChangedMeanwhile(),
        cancellationToken);

    /// <summary>Encrypts all secrets and the history with another key, and sets what says so, such as <c>APP_KEY</c>, in the same change.</summary>
    /// <param name="secrets">Encrypts with the new key.</param>
    /// <param name="settings">What to set besides.</param>
    /// <param name="expected">The text that the keys were read from, so that two rotations at once do not lose a key; null where they do not stand in this file.</param>
    /// <param name="cancellationToken">Ends waiting for another writer.</param>
    /// <exception cref="SettingsException">Somebody changed the file meanwhile, or a secret cannot be decrypted.</exception>
    public async Task<IReadOnlyList<SettingChange>> RotateAsync(
        ConfigSecrets secrets, IReadOnlyCollection<KeyValuePair<string, string>> settings, string? expected = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        ArgumentNullException.ThrowIfNull(settings);
        using var held = await LockAsync(cancellationToken);
        var before = Read();
        if (expected is not null && before.Text != expected)
            throw ChangedMeanwhile();
        var after = before;
        foreach (var setting in before.Settings.Where(setting => setting.IsEncrypted))
            after = after.Set(setting.Name, secrets.Protect(Reveal(setting)));
        after = settings.Aggregate(after, (edited, pair) => edited.Set(pair.Key, pair.Value));
        // The file comes first: the previous key stands in it, so a history that was not reached is readable still.
        if (after.Text != before.Text)
            SafeFile.Replace(options.Path, after.Text);
        if (options.Secrets is { } previous)
            _history.Renew(previous, secrets);
        return Record("rotate", before, after, secrets);
    }

    /// <summary>The changes, oldest first.</summary>
    /// <param name="name">Only of this setting; null for all.</param>
    public IReadOnlyList<SettingChange> History(string? name = null) => [.. _history.Read().Where(change => name is null || change.Name == name)];

    /// <summary>Gives a setting the value that it had before a change.</summary>
    /// <param name="id">The number of the change.</param>
    /// <param name="cancellationToken">Ends waiting for another writer.</param>
    /// <exception cref="SettingsException">There is no such change, or its value was not kept.</exception>
    public Task<IReadOnlyList<SettingChange>> RollbackAsync(long id, CancellationToken cancellationToken = default) => ChangeAsync(
        "rollback",
        file =>
        {
            var change = _history.Read().LastOrDefault(change => change.Id == id)
                ?? throw new SettingsException(string.Create(null, $"Change [{id}] is not in the history; settings:history lists those that are"));
            if (!change.HadValue)
                return file.Forget(change.Name);
            if (change.Old is not { } old)
                throw new SettingsException(string.Create(null, $"Change [{id}] has no value to go back to: there was no key to keep it with; securely key:generate makes one"));
            return file.Set(change.Name, Decrypt(change.Name, old));
        },
        cancellationToken);

    /// <summary>How a value of a change reads, without showing a secret.</summary>
    /// <param name="change">The change.</param>
    /// <param name="value">Its old or its new value.</param>
    /// <param name="reveal">Whether to show secrets too.</param>
    /// <returns>Null where there was none, or none was kept.</returns>
    public string? Show(SettingChange change, string? value, bool reveal = false)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (value is null || options.Secrets is null)
            return null;
        var stored = new Setting(change.Name, Decrypt(change.Name, value), ConfigOrigin.Code);
        return reveal ? Reveal(stored) : stored.Shown;
    }

    private Task<IDisposable> LockAsync(CancellationToken cancellationToken) =>
        WriteLock.TakeAsync(options.Path, options.LockPatience, options.Time, cancellationToken);

    private async Task<IReadOnlyList<SettingChange>> ChangeAsync(string action, Func<SettingsFile, SettingsFile> change, CancellationToken cancellationToken)
    {
        using var held = await LockAsync(cancellationToken);
        var before = Read();
        var after = change(before);
        if (after.Text == before.Text)
            return [];
        await SettingsRules.CheckAsync(after, options, Reveal, cancellationToken);
        var replace = SafeFile.Stage(options.Path, after.Text);
        var changes = Record(action, before, after, options.Secrets);
        replace();
        return changes;
    }

    private SettingChange[] Record(string action, SettingsFile before, SettingsFile after, ConfigSecrets? secrets)
    {
        var names = before.Settings.Concat(after.Settings).Select(setting => setting.Name).Distinct(StringComparer.Ordinal);
        var id = _history.Read() is [.., var last] ? last.Id : 0;
        var changes = new List<SettingChange>();
        foreach (var name in names)
        {
            var (old, now) = (before.Find(name)?.Stored, after.Find(name)?.Stored);
            // The values of a rotation are the same as before, under another key, which must not stand in a history that it opens.
            if (old == now)
                continue;
            var keeps = secrets is not null && action != "rotate";
            changes.Add(new SettingChange
            {
                Id = ++id,
                At = options.Time.GetUtcNow(),
                By = options.User,
                Action = action,
                Name = name,
                HadValue = old is not null,
                HasValue = now is not null,
                Old = keeps && old is not null ? secrets!.Protect(old) : null,
                New = keeps && now is not null ? secrets!.Protect(now) : null,
            });
        }

        if (changes.Count > 0)
            _history.Add(changes);
        return [.. changes];
    }

    private string ToStored(SettingsFile file, string name, string value, bool? encrypt)
    {
        if (ConfigSecrets.IsEncrypted(value))
        {
            _ = Decrypt(name, value);
            return value;
        }

        var existing = file.Find(name);
        if (!(encrypt ?? existing?.IsEncrypted == true))
            return value;
        // Each encryption of the same text is another one; a value that did not change is left alone.
        if (existing is { IsEncrypted: true } && Decrypt(name, existing.Stored) == value)
            return existing.Stored;
        return (options.Secrets ?? throw NoKey(name)).Protect(value);
    }

    private string Decrypt(string name, string stored)
    {
        var secrets = options.Secrets ?? throw NoKey(name);
        try
        {
            return secrets.Reveal(stored);
        }
        catch (Exception error) when (error is not (OutOfMemoryException or SettingsException))
        {
            throw new SettingsException($"[{name}] cannot be decrypted: {error.Message}; is [APP_KEY] the key that it was encrypted with? Older keys belong in [APP_PREVIOUS_KEYS]");
        }
    }

    private SettingsException ChangedMeanwhile() => new($"[{options.Path}] was changed meanwhile by somebody else; do it again");

    private static SettingsException NoKey(string name) =>
        new($"[{name}] needs a key: set [APP_KEY] in the environment or in the file of settings; securely key:generate makes one");
}
