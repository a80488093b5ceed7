using System.Net;
using System.Net.Sockets;

namespace Securely.Net;

/// <summary>
/// The listening sockets of the process, by address; one socket an address. They outlive the services, so that they can be handed on. Thread-safe.
/// </summary>
public sealed class ListenSockets : IDisposable
{
    private const string UnixPrefix = "unix:";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Socket> _sockets = new(StringComparer.Ordinal);

    /// <summary>Binds an address and listens on it. A port that is in use fails at once.</summary>
    /// <param name="address">The address as the configuration has it; the key. Port 0 takes a free port each time, and the key has that port.</param>
    /// <param name="options">Socket options; defaults when null.</param>
    /// <returns>The listening socket, owned by this set.</returns>
    /// <exception cref="NetException">The address cannot be bound (<see cref="NetErrorKind.BindError"/>).</exception>
    /// <exception cref="FormatException">It is not an address.</exception>
    public Socket ListenTcp(string address, TcpListenOptions? options = null)
    {
        options ??= new TcpListenOptions();
        if (ListenAddress.Parse(address) is not IPEndPoint endPoint)
            throw new FormatException($"Address [{address}] is not a TCP address.");
        return Open(address, endPoint, () =>
        {
            var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (endPoint.Address.Equals(IPAddress.IPv6Any) && options.IPv6Only is null)
                socket.DualMode = true;
            SocketTuning.Apply(socket, options);
            return socket;
        }, options.Backlog);
    }

    /// <summary>Binds a Unix socket and listens on it. A socket file that nobody listens on is replaced.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Its permissions. Default: 0660.</param>
    /// <returns>The listening socket, owned by this set.</returns>
    /// <exception cref="NetException">The path cannot be bound (<see cref="NetErrorKind.BindError"/>).</exception>
    public Socket ListenUnix(string path, UnixFileMode? mode = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        var endPoint = new UnixDomainSocketEndPoint(path);
        return Open(UnixPrefix + path, endPoint, () =>
        {
            RemoveStale(path, endPoint);
            return new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        }, 65535, () =>
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, mode ?? (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite));
        });
    }

    /// <summary>
    /// Lets nobody begin to connect to a socket that is about to be closed: the kernel resets what it lets in between the last accept and the close.
    /// A TCP client that comes now hears nothing and is refused when it asks again a second later; a Unix socket's file is removed.
    /// </summary>
    /// <param name="socket">The socket as it was given out; no other process may go on with it.</param>
    internal void Bar(Socket socket)
    {
        lock (_lock)
        {
            if (AddressOf(socket) is not { } address)
                return;
            if (IsUnix(address))
                File.Delete(address[UnixPrefix.Length..]);
            else
                SocketTuning.DropHandshakes(socket);
        }
    }

    /// <summary>Closes one listening socket of this set; a Unix socket's file is removed.</summary>
    /// <param name="socket">The socket as it was given out.</param>
    internal void Close(Socket socket)
    {
        lock (_lock)
        {
            if (AddressOf(socket) is { } address)
                Close(address);
        }
    }

    /// <summary>Closes one listening socket; a Unix socket's file is removed.</summary>
    /// <param name="address">The address as it was given, <c>unix:</c> before a path.</param>
    public void Close(string address)
    {
        lock (_lock)
        {
            if (_sockets.Remove(address, out var socket))
                CloseRemoved(address, socket);
        }
    }

    /// <summary>Closes all listening sockets.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var (address, socket) in _sockets)
                CloseRemoved(address, socket);
            _sockets.Clear();
        }
    }

    private string? AddressOf(Socket socket)
    {
        foreach (var (address, known) in _sockets)
        {
            if (ReferenceEquals(known, socket))
                return address;
        }

        return null;
    }

    private static void CloseRemoved(string address, Socket socket)
    {
        socket.Dispose();
        if (IsUnix(address))
            File.Delete(address[UnixPrefix.Length..]);
    }

    private static bool IsUnix(string address) => address.StartsWith(UnixPrefix, StringComparison.Ordinal);

    private static void RemoveStale(string path, UnixDomainSocketEndPoint endPoint)
    {
        if (!File.Exists(path))
            return;
        // The kernel refuses a connect to any file that is not a socket too; such a file is somebody's.
        if (!IsSocket(path))
            throw new IOException("a file that is not a socket is in its place; move it away or choose another path");
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // A listener whose queue is full must not hold up the start.
            probe.Blocking = false;
            probe.Connect(endPoint);
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

        throw new SocketException((int)SocketError.AddressAlreadyInUse);
    }

    private static bool IsSocket(string path)
    {
        const int SocketType = 0xC000;
        return OperatingSystem.IsLinux() && LinuxCalls.TryGetFileType(path, out var type) ? type == SocketType : new FileInfo(path).Length == 0;
    }

    /// <summary>Port 0 is another socket each time: its key has the port that it got.</summary>
    private static string KeyOf(string address, Socket socket) => address.EndsWith(":0", StringComparison.Ordinal) && socket.LocalEndPoint is IPEndPoint bound
        ? $"{address.AsSpan(0, address.Length - 1)}{bound.Port}"
        : address;

    private Socket Open(string key, EndPoint endPoint, Func<Socket> make, int backlog, Action? bound = null)
    {
        lock (_lock)
        {
            if (_sockets.ContainsKey(key))
                throw new NetException(NetErrorKind.BindError, $"Cannot listen on [{key}]: this process listens on it already; choose another address", ErrorSource.Internal);
            Socket? socket = null;
            try
            {
                socket = make();
                socket.Bind(endPoint);
                bound?.Invoke();
                socket.Listen(backlog);
                socket.Blocking = false;
                _sockets.Add(KeyOf(key, socket), socket);
                return socket;
            }
            catch (Exception e) when (e is SocketException or UnauthorizedAccessException or IOException)
            {
                socket?.Dispose();
                throw new NetException(NetErrorKind.BindError, $"Cannot listen on [{key}]: {Explain(e, endPoint)}", ErrorSource.Internal, e);
            }
        }
    }

    private static string Explain(Exception error, EndPoint endPoint) => (error as SocketException)?.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the address is in use; stop the other program or choose another " + (endPoint is IPEndPoint ? "port" : "path"),
        SocketError.AccessDenied => "permission denied; ports below 1024 need root or the capability CAP_NET_BIND_SERVICE",
        SocketError.AddressNotAvailable => "this machine has no such address",
        _ => error.Message,
    };
}
