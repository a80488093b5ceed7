using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Securely.Net;

/// <summary>
/// The name of a control socket for connecting. A socket's name has 107 bytes at most; what is longer is reached on Linux through an open
/// directory, which has a short name in /proc.
/// </summary>
internal sealed class ControlAddress : IDisposable
{
    private readonly SafeFileHandle? _directory;

    private ControlAddress(UnixDomainSocketEndPoint endPoint, SafeFileHandle? directory)
    {
        EndPoint = endPoint;
        _directory = directory;
    }

    /// <summary>Valid until this is disposed.</summary>
    internal UnixDomainSocketEndPoint EndPoint { get; }

    /// <exception cref="SocketException">The directory of a long path cannot be entered.</exception>
    internal static ControlAddress Of(string path)
    {
        if (!OperatingSystem.IsLinux() || Encoding.UTF8.GetByteCount(path) <= FileCalls.MostPathBytes)
            return new ControlAddress(new UnixDomainSocketEndPoint(path), null);
        var directory = FileCalls.OpenPath(Path.GetDirectoryName(path)!);
        if (!directory.IsInvalid)
            return new ControlAddress(new UnixDomainSocketEndPoint(Through(directory, path)), directory);
        var isRefused = Marshal.GetLastPInvokeError() == FileCalls.AccessDenied;
        directory.Dispose();
        throw new SocketException((int)(isRefused ? SocketError.AccessDenied : SocketError.AddressNotAvailable));
    }

    /// <summary>The path of a file in an open directory.</summary>
    internal static string Through(SafeFileHandle directory, string path) =>
        string.Create(null, $"/proc/self/fd/{directory.DangerousGetHandle()}/{Path.GetFileName(path)}");

    public void Dispose() => _directory?.Dispose();
}
