using System.Net.Sockets;

namespace Securely.Net;

/// <summary>Applies socket options, saying which one the platform does not know.</summary>
internal static class SocketTuning
{
    private const int SocketLevel = 1;
    private const int IPLevel = 0;
    private const int IPv6Level = 41;
    private const int TcpLevel = 6;

    internal static void Apply(Socket socket, TcpListenOptions options)
    {
        if (options.IPv6Only is { } only && socket.AddressFamily == AddressFamily.InterNetworkV6)
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.IPv6Only, only);
        if (options.ReusePort)
            SetLinux(socket, SocketLevel, 15, 1, "ReusePort");
        if (options.FastOpen is { } queue)
            SetLinux(socket, TcpLevel, 23, queue, "FastOpen");
        if (options.ReceiveTimestamps && OperatingSystem.IsLinux())
            SetLinux(socket, SocketLevel, TimestampedConnection.TimestampOption, TimestampedConnection.SoftwareReceive, "ReceiveTimestamps");
        ApplyCommon(socket, options.KeepAlive, options.Dscp, options.SendBuffer, options.ReceiveBuffer);
    }

    internal static void Apply(Socket socket, TcpConnectOptions options)
    {
        if (options.FastOpen)
            SetLinux(socket, TcpLevel, 30, 1, "FastOpen");
        ApplyCommon(socket, options.KeepAlive, options.Dscp, null, options.ReceiveBuffer);
    }

    /// <summary>The port is chosen at connect, when the peer is known, so that one source address can serve more than 64K connections.</summary>
    internal static void BindWithoutPort(Socket socket)
    {
        if (OperatingSystem.IsLinux())
            SetLinux(socket, IPLevel, 24, 1, "BindTo");
    }

    /// <summary>IP_LOCAL_PORT_RANGE, of Linux 6.3 and later; an older kernel ignores it.</summary>
    internal static void SetPortRange(Socket socket, int low, int high)
    {
        try
        {
            SetLinux(socket, IPLevel, 51, (high << 16) | low, "PortRange");
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ProtocolOption)
        {
            // The kernel is older than the option.
        }
    }

    /// <summary>
    /// Has the kernel drop every SYN that comes to a listening socket (SO_ATTACH_FILTER). Handshakes that have begun go on, and what was accepted
    /// is not concerned. Without Linux, or where the kernel knows no filters, nothing changes.
    /// </summary>
    internal static unsafe void DropHandshakes(Socket listener)
    {
        const int AttachFilter = 26;
        if (!OperatingSystem.IsLinux())
            return;
        // Load the byte of the flags; keep SYN and ACK; is it SYN alone? Then drop it, else take it whole. Code and jumps are one word, the operand the next.
        ReadOnlySpan<uint> program = [0x30, 13, 0x54, 0x12, 0x15 | (1u << 24), 0x02, 0x06, 0, 0x06, uint.MaxValue];
        fixed (uint* instructions = program)
        {
            Span<nint> filter = [program.Length / 2, (nint)instructions];
            try
            {
                listener.SetRawSocketOption(SocketLevel, AttachFilter, System.Runtime.InteropServices.MemoryMarshal.AsBytes(filter));
            }
            catch (SocketException)
            {
                // The race that this narrows stays open for a moment.
            }
        }
    }

    private static void ApplyCommon(Socket socket, TcpKeepAlive? keepAlive, int? dscp, int? sendBuffer, int? receiveBuffer)
    {
        socket.NoDelay = true;
        if (sendBuffer is { } send)
            socket.SendBufferSize = send;
        if (receiveBuffer is { } receive)
            socket.ReceiveBufferSize = receive;
        if (dscp is { } value)
        {
            // A dual-stack socket has IPv4 peers too, whose packets take the other value.
            if (socket.AddressFamily == AddressFamily.InterNetworkV6)
                SetLinux(socket, IPv6Level, 67, value, "Dscp");
            SetLinux(socket, IPLevel, 1, value, "Dscp");
        }

        if (keepAlive is null)
            return;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(keepAlive.Idle));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(keepAlive.Interval));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, keepAlive.Count);
        if (keepAlive.UserTimeout is { } timeout)
            SetLinux(socket, TcpLevel, 18, (int)timeout.TotalMilliseconds, "KeepAlive.UserTimeout");
    }

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);

    private static void SetLinux(Socket socket, int level, int name, int value, string option)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException($"Socket option [{option}] needs Linux.");
        socket.SetRawSocketOption(level, name, BitConverter.GetBytes(value));
    }
}
