using Securely.Config;
using Securely.Encrypt;

namespace Securely.Settings;

/// <summary>
/// Keeps a second writer out, in this process and in others. The file stays when the lock is given back: a lock on a file that somebody deletes
/// would be two. A process that dies gives it back.
/// </summary>
internal static class WriteLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Takes the lock of a file, which stands beside it.</summary>
    /// <exception cref="SettingsException">The file cannot be changed here, or another writer does not end.</exception>
    public static async Task<IDisposable> TakeAsync(string file, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        if (OrdinaryFile.IsSpecial(file))
            throw new SettingsException($"[{file}] cannot be changed: it is a pipe, a socket or a device, not a file");
        var path = file + ".lock";
        var started = time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return SafeFile.Open(path, FileMode.OpenOrCreate, FileShare.None);
            }
            catch (IOException error) when (IsHeld(error))
            {
                if (time.GetElapsedTime(started) > patience)
                    throw new SettingsException($"[{path}] is held by another writer for more than {DurationText.Format(patience)}; try again when it has ended");
            }
            catch (UnauthorizedAccessException) when (!Directory.Exists(path))
            {
                throw new SettingsException($"[{file}] cannot be changed: this user may not make or open [{path}]; check the permissions of the directory [{DirectoryOf(file)}]");
            }
            catch (DirectoryNotFoundException)
            {
                throw new SettingsException($"[{file}] cannot be changed: the directory [{DirectoryOf(file)}] does not exist; make it first");
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new SettingsException($"[{file}] cannot be changed: [{path}] is {(Directory.Exists(path) ? "a directory, and must be a file" : "not to be had: " + FailureText.Of(error))}");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    // What the systems call it when somebody else has the lock: EWOULDBLOCK of Linux and of BSD, a sharing violation of Windows.
    private static bool IsHeld(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static string DirectoryOf(string file) => Path.GetDirectoryName(file) is { Length: > 0 } directory ? directory : ".";
}
