using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Securely.Net;

/// <summary>What the control socket needs of Linux and the framework does not offer. Errors are in the last P/Invoke error.</summary>
internal static unsafe partial class FileCalls
{
    internal const int NotFound = 2;
    internal const int AccessDenied = 13;

    private const int CloseOnExec = 0x80000;
    private const int PathOnly = 0x200000;
    private const int ExclusiveNow = 2 | 4;
    private const int UnixFamily = 1;
    private const int StreamType = 1;

    /// <summary>The longest path that a socket's name may have, without the zero at its end.</summary>
    internal const int MostPathBytes = 107;

    /// <summary>Opens a directory for <see cref="TryLock"/>.</summary>
    internal static SafeFileHandle OpenDirectory(string path) => Open(path, CloseOnExec);

    /// <summary>Opens a directory only to name it; needs no right to list it.</summary>
    internal static SafeFileHandle OpenPath(string path) => Open(path, CloseOnExec | PathOnly);

    /// <summary>Locks an open file against other processes, if nobody has it; closing it, or dying, unlocks it.</summary>
    internal static bool TryLock(SafeFileHandle file) => Lock(file, ExclusiveNow) == 0;

    /// <summary>Makes a Unix stream socket that the programs this process starts do not inherit.</summary>
    internal static SafeSocketHandle NewSocket() => new(NewSocket(UnixFamily, StreamType | CloseOnExec, 0), ownsHandle: true);

    /// <summary>Sets the mode of an open file, or of the file that a socket will make when it is bound.</summary>
    internal static bool TrySetMode(SafeSocketHandle socket, UnixFileMode mode) => SetMode(socket, (uint)mode) == 0;

    internal static bool TryListen(SafeSocketHandle socket, int backlog) => Listen(socket, backlog) == 0;

    /// <summary>Binds a Unix socket; the file must not exist, not even as a link that leads nowhere.</summary>
    internal static bool TryBind(SafeSocketHandle socket, ReadOnlySpan<byte> path)
    {
        Span<byte> address = stackalloc byte[2 + MostPathBytes + 1];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)UnixFamily);
        path.CopyTo(address[2..]);
        fixed (byte* start = address)
            return Bind(socket, start, 2 + path.Length + 1) == 0;
    }

    /// <summary>What the kernel knows of a file.</summary>
    /// <returns>Null when there is none, or when it may not be looked at.</returns>
    internal static FileStatus? StatusOf(string path, bool followLinks)
    {
        const int CurrentDirectory = -100, NoFollow = 0x100;
        const uint Basic = 0x7ff;
        const int UserOffset = 20, ModeOffset = 28, NumberOffset = 32, DeviceOffset = 136;
        if (!OperatingSystem.IsLinux())
            return null;
        var buffer = stackalloc byte[256];
        if (Status(CurrentDirectory, path, followLinks ? 0 : NoFollow, Basic, buffer) != 0)
            return null;
        return new FileStatus(*(uint*)(buffer + UserOffset), *(ushort*)(buffer + ModeOffset), *(ulong*)(buffer + NumberOffset), *(ulong*)(buffer + DeviceOffset));
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial nint NewSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int SetMode(SafeSocketHandle socket, uint mode);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(SafeSocketHandle socket, byte* address, int length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int Listen(SafeSocketHandle socket, int backlog);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, byte* buffer);
}

/// <summary>Whose a file is, what it is, and which it is.</summary>
internal readonly record struct FileStatus(uint User, int Mode, ulong Number, ulong Device)
{
    private const int TypeMask = 0xF000;

    internal bool IsSocket => (Mode & TypeMask) == 0xC000;

    internal bool IsDirectory => (Mode & TypeMask) == 0x4000;

    internal bool IsLink => (Mode & TypeMask) == 0xA000;
}
