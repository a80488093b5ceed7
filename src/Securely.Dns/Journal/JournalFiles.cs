using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Securely.Dns;

/// <summary>Files that are their owner's alone, and that are on the disk when it is said so.</summary>
internal static partial class JournalFiles
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Opens a file for one process at a time.</summary>
    internal static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
            options.UnixCreateMode = Private;
        return new FileStream(path, options);
    }

    /// <summary>Writes a file beside, and puts it in the place of the old one, which nobody has open, when it is on the disk.</summary>
    /// <returns>The file, at its end.</returns>
    internal static FileStream Replace(string path, ReadOnlySpan<byte> bytes)
    {
        var beside = path + ".new";
        using (var file = Open(beside, FileMode.Create))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(path)!);
        var made = Open(path, FileMode.Open);
        made.Seek(0, SeekOrigin.End);
        return made;
    }

    /// <summary>Makes a directory that is its owner's alone.</summary>
    internal static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, Private | UnixFileMode.UserExecute);
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
