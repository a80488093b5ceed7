using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Securely.Net;

/// <summary>
/// The listening end of a control socket. The file has mode 0600 from its first moment, no link is ever followed, and whoever replaces the file
/// of a dead server holds a lock on the directory, so that of two servers that start at once only one gets it.
/// </summary>
internal sealed class ControlSocket : IDisposable
{
    private const int Backlog = 128;
    private const int LocalLevel = 1;
    private const int PeerCredentials = 17;

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(10);

    private readonly string _path;
    private readonly FileStatus? _file;

    private ControlSocket(string path, Socket socket, FileStatus? file)
    {
        _path = path;
        Socket = socket;
        _file = file;
    }

    internal Socket Socket { get; }

    /// <summary>Makes the file and listens.</summary>
    /// <exception cref="NetException">It cannot be had (<see cref="NetErrorKind.BindError"/>); the message says why and what to do.</exception>
    internal static async Task<ControlSocket> ClaimAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        path = Path.GetFullPath(path);
        using var directory = OperatingSystem.IsLinux() ? await LockAsync(path, time, cancellationToken).ConfigureAwait(false) : null;
        try
        {
            RemoveStale(path);
            return directory is null ? Bind(path) : Bind(path, directory);
        }
        catch (Exception error) when (error is SocketException or IOException or UnauthorizedAccessException or Win32Exception or ArgumentException)
        {
            throw Failure(path, error.Message, error);
        }
    }

    /// <summary>Stops listening and removes the file, if it is still the own one.</summary>
    public void Dispose()
    {
        Socket.Dispose();
        try
        {
            if (_file is null || FileCalls.StatusOf(_path, followLinks: false) == _file)
                File.Delete(_path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Whoever took the directory away took the file with it; the next server replaces a file that is left.
        }
    }

    /// <summary>The process at the other end of a connected Unix socket; null where the kernel does not tell, or it is of another container.</summary>
    internal static int? ProcessOf(Socket connected)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        Span<int> credentials = stackalloc int[3];
        connected.GetRawSocketOption(LocalLevel, PeerCredentials, MemoryMarshal.AsBytes(credentials));
        return credentials[0] > 0 ? credentials[0] : null;
    }

    private static async Task<SafeFileHandle> LockAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        var name = Path.GetDirectoryName(path)!;
        var directory = FileCalls.OpenDirectory(name);
        try
        {
            if (directory.IsInvalid)
            {
                throw Failure(path, Marshal.GetLastPInvokeError() == FileCalls.NotFound
                    ? $"its directory [{name}] does not exist; make it, or choose another path"
                    : $"its directory [{name}] cannot be opened ({Marshal.GetLastPInvokeErrorMessage()}); choose another path");
            }

            var began = time.GetTimestamp();
            while (!FileCalls.TryLock(directory))
            {
                if (time.GetElapsedTime(began) > LockPatience)
                    throw Failure(path, $"another process has locked its directory [{name}]; choose another path");
                await Task.Delay(LockInterval, time, cancellationToken).ConfigureAwait(false);
            }

            return directory;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    private static void RemoveStale(string path)
    {
        var file = FileCalls.StatusOf(path, followLinks: false);
        if (file is null && !File.Exists(path))
            return;
        if (file is { IsLink: true })
            throw new IOException("a symbolic link is in its place; remove it, or choose another path");
        if (file is { IsSocket: false })
            throw new IOException("a file that is not a socket is in its place; move it away, or choose another path");
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var process = default(int?);
        try
        {
            using var name = ControlAddress.Of(path);
            // A server whose queue is full must not hold up the start.
            probe.Blocking = false;
            probe.Connect(name.EndPoint);
            process = ProcessOf(probe);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Somebody listens, and is busy.
        }

        throw new IOException(process is null
            ? "a running server has it; stop that one, or choose another path"
            : string.Create(null, $"the server that runs as process [{process}] has it; stop that one, or choose another path"));
    }

    private static ControlSocket Bind(string path, SafeFileHandle directory)
    {
        var name = Encoding.UTF8.GetBytes(path);
        if (name.Length > FileCalls.MostPathBytes)
            name = Encoding.UTF8.GetBytes(ControlAddress.Through(directory, path));
        if (name.Length > FileCalls.MostPathBytes)
            throw new IOException("its file name is too long; choose another path");
        var handle = FileCalls.NewSocket();
        try
        {
            // The mode of a socket that is not bound yet is the one that its file gets. Bound by hand, because the framework would delete
            // the file at the end without looking whose it is.
            if (handle.IsInvalid || !FileCalls.TrySetMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite) || !FileCalls.TryBind(handle, name))
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            var file = FileCalls.StatusOf(path, followLinks: false);
            if (!FileCalls.TryListen(handle, Backlog))
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            return new ControlSocket(path, new Socket(handle), file);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static ControlSocket Bind(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            socket.Listen(Backlog);
            return new ControlSocket(path, socket, null);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static NetException Failure(string path, string reason, Exception? cause = null) =>
        new(NetErrorKind.BindError, $"Control socket [{path}] cannot be made: {reason}", ErrorSource.Internal, cause);
}
