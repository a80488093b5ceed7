namespace Securely.Settings;

/// <summary>Changes any text file as files of settings are changed: under a lock, whole, brought to the disk.</summary>
public static class SettingsText
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Changes a file. Nothing is written when the text stays the same.</summary>
    /// <param name="path">The file; beside it stands <c>FILE.lock</c>.</param>
    /// <param name="change">Makes the new text of the old one, which is empty for a file that does not exist.</param>
    /// <param name="time">The clock of waiting for another writer; the system's when not given.</param>
    /// <param name="cancellationToken">Ends that wait.</param>
    /// <exception cref="SettingsException">The file cannot be read or written, or another writer does not end.</exception>
    public static async Task ChangeAsync(string path, Func<string, string> change, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        using var held = await WriteLock.TakeAsync(path, Patience, time ?? TimeProvider.System, cancellationToken);
        var before = SafeFile.Read(path) ?? "";
        var after = change(before);
        if (!string.Equals(before, after, StringComparison.Ordinal))
            SafeFile.Replace(path, after);
    }
}
