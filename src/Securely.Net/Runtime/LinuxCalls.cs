using System.Runtime.InteropServices;

namespace Securely.Net;

/// <summary>The system calls that the epoll poller makes itself. Errors are errno values, negated by the callers' wrappers.</summary>
internal static unsafe partial class LinuxCalls
{
    internal const int EpollIn = 0x1;
    internal const int EpollOut = 0x4;
    internal const int EpollError = 0x8;
    internal const int EpollHangUp = 0x10;
    internal const int EpollReadHangUp = 0x2000;
    internal const uint EpollExclusive = 1u << 28;
    internal const uint EpollEdgeTriggered = 1u << 31;
    internal const int EpollAdd = 1;
    internal const int EpollDelete = 2;
    internal const int CloseOnExec = 0x80000;
    internal const int NonBlocking = 0x800;
    internal const int NoSignal = 0x4000;
    internal const int Peek = 2;

    internal const int NamedPipe = 0x1000;

    internal const int Again = 11;
    internal const int Interrupted = 4;
    internal const int InProgress = 115;

    /// <summary>On x86-64 the kernel packs the event to 12 bytes; everywhere else it is aligned to 16.</summary>
    internal static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    internal static readonly int EventDataOffset = EventSize - 8;

    // x86-64 has numbers of its own; every later architecture shares the generic table.
    private static readonly nint _sendTo = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 44 : 206;
    private static readonly nint _receiveFrom = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 45 : 207;
    private static readonly nint _sendMessage = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 46 : 211;
    private static readonly nint _receiveMessage = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 47 : 212;

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    internal static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    internal static partial int EpollControl(int epoll, int operation, int descriptor, byte* data);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    internal static partial int EpollWait(int epoll, byte* events, int count, int timeoutMilliseconds);

    // Never blocks: taken only when epoll already has something, or to look once.
    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true), SuppressGCTransition]
    internal static partial int EpollLook(int epoll, byte* events, int count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    internal static partial int Accept(int descriptor, byte* address, int* length, int flags);

    /// <summary>Sets the flags of an open file (fcntl, F_SETFL).</summary>
    internal static int SetStatusFlags(int descriptor, int flags) => Control(descriptor, 4, flags);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    internal static partial int Connect(int descriptor, byte* address, int length);

    /// <summary>Receives on a non-blocking socket; what it returns below zero is the negated errno.</summary>
    internal static nint Receive(int descriptor, byte* buffer, nint length, int flags) =>
        Checked(Call(_receiveFrom, descriptor, (nint)buffer, length, flags, 0, 0));

    /// <summary>Sends on a non-blocking socket; what it returns below zero is the negated errno.</summary>
    internal static nint Send(int descriptor, byte* buffer, nint length, int flags) =>
        Checked(Call(_sendTo, descriptor, (nint)buffer, length, flags, 0, 0));

    /// <summary>Sends several runs of bytes on a non-blocking socket; what it returns below zero is the negated errno.</summary>
    internal static nint SendMessage(int descriptor, MessageHeader* message, int flags) =>
        Checked(Call(_sendMessage, descriptor, (nint)message, flags, 0, 0, 0));

    /// <summary>Receives with control messages on a non-blocking socket; what it returns below zero is the negated errno.</summary>
    internal static nint ReceiveMessage(int descriptor, MessageHeader* message, int flags) =>
        Checked(Call(_receiveMessage, descriptor, (nint)message, flags, 0, 0, 0));

    /// <summary>The type bits of a file's mode (S_IFMT), links followed.</summary>
    /// <returns>Whether the kernel could tell.</returns>
    internal static bool TryGetFileType(string path, out int type)
    {
        const int TypeMask = 0xF000, CurrentDirectory = -100, WantType = 1, ModeOffset = 28;
        var buffer = stackalloc byte[256];
        var found = FileStatus(CurrentDirectory, path, 0, WantType, buffer) == 0;
        type = found ? *(ushort*)(buffer + ModeOffset) & TypeMask : 0;
        return found;
    }

    /// <summary>How many descriptors the process may have at a time (RLIMIT_NOFILE).</summary>
    /// <returns>Whether the kernel could tell; a figure without an end counts as the largest number.</returns>
    internal static bool TryGetOpenFileLimit(out long files)
    {
        const int OpenFiles = 7;
        var limits = stackalloc ulong[2];
        var found = GetResourceLimit(OpenFiles, limits) == 0;
        files = found ? (long)Math.Min(limits[0], long.MaxValue) : 0;
        return found;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetResourceLimit(int resource, ulong* limits);

    /// <summary>Device and number of a file, which tell whether two paths or descriptors are the same file.</summary>
    internal static bool TryGetFileIdentity(string path, out (ulong Device, ulong Number) identity) => TryGetFileIdentity(-100, path, 0, out identity);

    /// <inheritdoc cref="TryGetFileIdentity(string, out ValueTuple{ulong, ulong})"/>
    internal static bool TryGetFileIdentity(int descriptor, out (ulong Device, ulong Number) identity) => TryGetFileIdentity(descriptor, "", 0x1000, out identity);

    private static bool TryGetFileIdentity(int directory, string path, int flags, out (ulong Device, ulong Number) identity)
    {
        const int WantNumber = 0x100, NumberOffset = 32, DeviceOffset = 136;
        var buffer = stackalloc byte[256];
        var found = FileStatus(directory, path, flags, WantNumber, buffer) == 0;
        identity = found ? (*(ulong*)(buffer + DeviceOffset), *(ulong*)(buffer + NumberOffset)) : default;
        return found;
    }

    /// <summary>Opens a file, or makes it with mode 0640, so that every write goes to its end (O_APPEND).</summary>
    /// <param name="path">The file.</param>
    /// <param name="both">Also for reading.</param>
    internal static int OpenToAppend(string path, bool both) => OpenFile(path, (both ? 2 : 1) | 0x400 | 0x40 | CloseOnExec, 0x1A0);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, uint mode);

    /// <summary>How many descriptors of the process are open.</summary>
    internal static double CountDescriptors()
    {
        const int CurrentDirectory = -100, WantSize = 0x200, SizeOffset = 40;
        var buffer = stackalloc byte[256];
        // From Linux 6.2 on the directory's size is their number; before, it is 0.
        if (FileStatus(CurrentDirectory, "/proc/self/fd", 0, WantSize, buffer) == 0 && *(ulong*)(buffer + SizeOffset) is > 0 and var count)
            return count;
        // The enumeration has one open itself.
        return Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() - 1;
    }

    /// <summary>How many descriptors may be open.</summary>
    internal static double MostDescriptors() => TryGetOpenFileLimit(out var files) ? files == long.MaxValue ? double.PositiveInfinity : files : double.NaN;

    /// <summary>What tells one state of a file from another, links followed.</summary>
    /// <returns>Whether the kernel could tell.</returns>
    internal static bool TryGetFileStamp(string path, out FileStamp stamp)
    {
        const int CurrentDirectory = -100, WantTimesInodeAndSize = 0x3C0, InodeOffset = 32, SizeOffset = 40, ChangedOffset = 96, ModifiedOffset = 112;
        var buffer = stackalloc byte[256];
        var found = FileStatus(CurrentDirectory, path, 0, WantTimesInodeAndSize, buffer) == 0;
        stamp = found ? new FileStamp(*(long*)(buffer + InodeOffset), *(long*)(buffer + SizeOffset), Time(buffer + ModifiedOffset), Time(buffer + ChangedOffset)) : default;
        return found;

        // Seconds, then nanoseconds; only equality matters, so overflow does not.
        static long Time(byte* field) => unchecked((*(long*)field * 1_000_000_000) + *(uint*)(field + 8));
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileStatus(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int descriptor, void* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, void* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    internal static partial int Shutdown(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    internal static partial int GetOption(int descriptor, int level, int name, void* value, int* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    internal static partial int SetOption(int descriptor, int level, int name, void* value, int length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    internal static partial int GetLocalName(int descriptor, byte* address, int* length);

    [LibraryImport("libc", EntryPoint = "getpeername", SetLastError = true)]
    internal static partial int GetPeerName(int descriptor, byte* address, int* length);

    /// <summary>The pending error of a socket (SO_ERROR), cleared by reading it.</summary>
    internal static int TakeError(int descriptor)
    {
        int error = 0, length = sizeof(int);
        return GetOption(descriptor, 1, 4, &error, &length) == 0 ? error : Marshal.GetLastPInvokeError();
    }

    // No transition lies between the call and this, so errno is still that of the call.
    private static nint Checked(nint result) => result >= 0 ? result : -Marshal.GetLastSystemError();

    // The three calls of every request. They never block, so the collector need not be told of them; and they go past the C library's wrappers,
    // which switch thread cancellation on and off around each call.
    [LibraryImport("libc", EntryPoint = "syscall"), SuppressGCTransition]
    private static partial nint Call(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);

    [StructLayout(LayoutKind.Sequential)]
    internal struct Segment
    {
        public byte* Start;
        public nint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct MessageHeader
    {
        public byte* Name;
        public int NameLength;
        public Segment* Segments;
        public nint SegmentCount;
        public void* Control;
        public nint ControlLength;
        public int Flags;
    }
}
