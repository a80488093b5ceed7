using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Securely.Config;
using Securely.Encrypt;

namespace Securely.Settings;

/// <summary>
/// Replaces files so that whoever reads them, or finds them after a crash, sees the old one or the new one, whole: written beside it, brought to the
/// disk, renamed over it, and the rename brought to the disk.
/// </summary>
internal static partial class SafeFile
{
    /// <summary>The largest file that is read or written.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a file; null when there is none.</summary>
    /// <exception cref="SettingsException">It cannot be read, is too large, or is not UTF-8.</exception>
    public static string? Read(string path)
    {
        try
        {
            if (Directory.Exists(path))
                throw new SettingsException($"[{path}] is a directory, not a file");
            if (!File.Exists(path))
                return null;
            return StrictUtf8.GetString(OrdinaryFile.Read(path, MaxBytes)
                ?? throw new SettingsException($"[{path}] is larger than {SizeText.Format(MaxBytes)}, the most that a file of settings may have"));
        }
        catch (DecoderFallbackException)
        {
            throw new SettingsException($"[{path}] is not valid UTF-8; save it in UTF-8");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            throw new SettingsException($"[{path}] may not be read by this user; check its permissions");
        }
        catch (IOException error)
        {
            throw new SettingsException($"[{path}] cannot be read: {FailureText.Of(error)}");
        }
    }

    /// <summary>Replaces a file. A link stays one, and what it leads to is replaced. A new file is its owner's alone; an old one keeps its mode.</summary>
    /// <exception cref="SettingsException">It cannot be written.</exception>
    public static void Replace(string path, string text) => Stage(path, text)();

    /// <summary>Does all of a replacement that can fail for a usual reason, so that little can when it is made.</summary>
    /// <returns>Makes the replacement.</returns>
    /// <exception cref="SettingsException">It cannot be written.</exception>
    public static Action Stage(string path, string text)
    {
        if (Encoding.UTF8.GetByteCount(text) is var size and > MaxBytes)
            throw new SettingsException($"[{path}] would have {SizeText.Format(size)}; the most that a file of settings may have is {SizeText.Format(MaxBytes)}");
        return Guard<Action>(path, () =>
        {
            var target = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? System.IO.Path.GetFullPath(path);
            var mode = !OperatingSystem.IsWindows() && File.Exists(target) ? File.GetUnixFileMode(target) : Private;
            // The name is always the same: whoever holds the lock owns it, and what a killed writer left is overwritten.
            var beside = target + ".new";
            File.Delete(beside);
            using (var file = Open(beside, FileMode.CreateNew))
            {
                file.Write(StrictUtf8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(beside, mode);
            return () => Guard(path, () =>
            {
                File.Move(beside, target, overwrite: true);
                SyncDirectory(System.IO.Path.GetDirectoryName(target)!);
                return true;
            });
        });
    }

    /// <summary>Adds to the end of a private file and brings it to the disk.</summary>
    /// <exception cref="SettingsException">It cannot be written.</exception>
    public static void Append(string path, string text)
    {
        try
        {
            var isNew = !File.Exists(path);
            using (var file = Open(path, FileMode.OpenOrCreate))
            {
                file.Seek(0, SeekOrigin.End);
                file.Write(StrictUtf8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            if (isNew)
                SyncDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"[{path}] cannot be written: {FailureText.Of(error)}");
        }
    }

    /// <summary>Opens a file that is its owner's alone if it is made here.</summary>
    public static FileStream Open(string path, FileMode mode, FileShare share = FileShare.Read)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Private;
        return new FileStream(path, options);
    }

    private static T Guard<T>(string path, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (EncoderFallbackException)
        {
            throw new SettingsException($"[{path}] would not be text: half of a character stands alone in a value");
        }
        catch (ArgumentOutOfRangeException)
        {
            // What the runtime makes of EFBIG.
            throw new SettingsException($"[{path}] cannot be written: this user may not make so large a file; see ulimit -f");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"[{path}] cannot be written: {FailureText.Of(error)}");
        }
    }

    private static void SyncDirectory(string directory)
    {
        // The file system of Windows keeps the order by itself.
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
            Sync(directory);
    }

    [UnsupportedOSPlatform("windows")]
    private static void Sync(string directory)
    {
        var descriptor = OpenDirectory(directory, 0);
        if (descriptor < 0)
            return;
        // A file system that cannot do this has brought the rename to the disk itself, or never does.
        _ = SyncDescriptor(descriptor);
        _ = CloseDescriptor(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int SyncDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);
}
