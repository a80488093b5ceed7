using System.Runtime.InteropServices;

namespace Securely.Encrypt;

/// <summary>Reads files that end: no pipe that nobody may ever write to, no device that gives bytes for ever.</summary>
public static unsafe partial class OrdinaryFile
{
    private const int CurrentDirectory = -100;
    private const uint TypeField = 1;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;
    private const int Pipe = 0x1000;
    private const int CharacterDevice = 0x2000;
    private const int BlockDevice = 0x6000;
    private const int Socket = 0xC000;

    /// <summary>Whether a path leads to a pipe, a socket or a device, links followed. False for what is not there, and on other systems than Linux.</summary>
    /// <param name="path">The path. Descriptors of the process itself (<c>/dev/stdin</c>, <c>/dev/fd/63</c>) are what whoever started it has opened, so they are taken.</param>
    public static bool IsSpecial(string path)
    {
        if (!OperatingSystem.IsLinux() || path is "/dev/stdin" || path.StartsWith("/dev/fd/", StringComparison.Ordinal) || path.StartsWith("/proc/self/fd/", StringComparison.Ordinal))
            return false;
        var buffer = stackalloc byte[256];
        return Status(CurrentDirectory, path, 0, TypeField, buffer) == 0 && (*(ushort*)(buffer + ModeOffset) & TypeMask) is Pipe or CharacterDevice or BlockDevice or Socket;
    }

    /// <summary>Reads a file whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">How many bytes it may have.</param>
    /// <returns>The bytes; null when there are more, of which not many more are read.</returns>
    /// <exception cref="IOException">It cannot be read, or is no file but a pipe, a socket or a device.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it, or it is a directory.</exception>
    public static byte[]? Read(string path, int most)
    {
        if (IsSpecial(path))
            throw new IOException("it is a pipe, a socket or a device, not a file");
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = file.Read(buffer)) > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > most)
                return null;
        }

        return bytes.ToArray();
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, byte* buffer);
}
