using Securely.Config;

namespace Securely.Settings;

/// <summary>
/// Keeps a second writer out, in this process and in others. The file stays when the lock is given back: a lock on a file that somebody deletes
/// would be two. A process that dies gives it back.
/// </summary>
internal static class WriteLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    public static async Task<IDisposable> TakeAsync(string path, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return SafeFile.Open(path, FileMode.OpenOrCreate, FileShare.None);
            }
            catch (IOException error) when (error is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException) && !Directory.Exists(path))
            {
                if (time.GetElapsedTime(started) > patience)
                    throw new SettingsException($"[{path}] is held by another writer for more than {DurationText.Format(patience)}; try again when it has ended");
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new SettingsException($"The lock [{path}] cannot be made: {error.Message}");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}
