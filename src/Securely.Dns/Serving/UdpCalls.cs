using System.Runtime.InteropServices;

namespace Securely.Dns;

/// <summary>The system calls that move many datagrams at once. Linux, 64 bits.</summary>
internal static unsafe partial class UdpCalls
{
    internal const int WaitForOne = 0x10000;
    internal const int Truncated = 0x20;
    internal const int Interrupted = 4;

    /// <summary>Whether they are there, with the layout below.</summary>
    internal static bool IsSupported => OperatingSystem.IsLinux() && Environment.Is64BitProcess && BitConverter.IsLittleEndian;

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    internal static partial int Receive(int descriptor, MessageBatchEntry* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    internal static partial int Send(int descriptor, MessageBatchEntry* messages, uint count, int flags);
}

/// <summary>One message of a batch: <c>struct mmsghdr</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageBatchEntry
{
    internal byte* Address;
    internal int AddressLength;
    internal IoVector* Vectors;
    internal nint VectorCount;
    internal void* Control;
    internal nint ControlLength;
    internal int Flags;
    private readonly int _padding;
    internal uint Length;
    private readonly uint _morePadding;
}

/// <summary>A run of bytes: <c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    internal byte* Bytes;
    internal nint Length;
}
