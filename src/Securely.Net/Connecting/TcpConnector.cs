using System.Net;
using System.Net.Sockets;

namespace Securely.Net;

/// <summary>Dials TCP and Unix sockets. Call it on a worker; the connection belongs to that worker.</summary>
public static class TcpConnector
{
    [ThreadStatic]
    private static int _turn;

    /// <summary>Dials.</summary>
    /// <param name="address">An <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="options">Defaults when null.</param>
    /// <returns>An established connection.</returns>
    /// <exception cref="NetException">It failed; the kind says how (CON-06).</exception>
    /// <exception cref="ArgumentException">The address is a name, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The call did not come from a worker.</exception>
    public static async ValueTask<Connection> ConnectAsync(EndPoint address, TcpConnectOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        options ??= TcpConnectOptions.Default;
        if (options.PortRange is var (low, high) && (low < 1 || high > ushort.MaxValue || low > high))
            throw new ArgumentException($"PortRange [{low}-{high}] is not a range of ports; 1-65535 is the widest.", nameof(options));
        var worker = Worker.Current ?? throw new InvalidOperationException("Dial from a worker: Worker.RunAsync brings work to one.");
        var (connection, error) = await DialAsync(worker, address, options, options.PortRange);
        if (error == SocketError.AddressNotAvailable && options is { PortRange: not null, PortRangeFallback: true })
            (connection, error) = await DialAsync(worker, address, options, null);
        return connection ?? throw ConnectErrors.ToException(error, address);
    }

    private static ValueTask<(SocketConnection? Connection, SocketError Error)> DialAsync(Worker worker, EndPoint address, TcpConnectOptions options, (int Low, int High)? range)
    {
        Socket? socket = null;
        try
        {
            socket = Open(address, options, range);
            if (DescriptorReserve.IsTouchedBy((int)socket.SafeHandle.DangerousGetHandle(), DescriptorReserve.OfUpstreams))
                throw new SocketException((int)SocketError.TooManyOpenSockets);
            return worker.Poller.ConnectAsync(socket, address.Serialize(), address, options.ConnectTimeout);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            return new((null, e.SocketErrorCode));
        }
        catch (NetException)
        {
            // The poller cannot watch it, and has not taken it over.
            socket?.Dispose();
            throw;
        }
    }

    private static Socket Open(EndPoint address, TcpConnectOptions options, (int Low, int High)? range)
    {
        if (address is UnixDomainSocketEndPoint)
            return new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        if (address is not IPEndPoint endPoint)
            throw new ArgumentException($"Peer [{address}] is neither an IP address with a port nor a Unix socket; resolve names first.", nameof(address));
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            SocketTuning.Apply(socket, options);
            var own = options.BindTo ?? NextSource(options.SourceAddresses, endPoint.AddressFamily);
            if (range is { } ports)
                SocketTuning.SetPortRange(socket, ports.Low, ports.High);
            if (own is not null)
            {
                SocketTuning.BindWithoutPort(socket);
                socket.Bind(new IPEndPoint(own, 0));
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static IPAddress? NextSource(IReadOnlyList<IPAddress> addresses, AddressFamily family)
    {
        // Taking turns spreads the ports as evenly as a random choice does, and can be repeated.
        for (var i = 0; i < addresses.Count; i++)
        {
            var candidate = addresses[(int)((uint)_turn++ % (uint)addresses.Count)];
            if (candidate.AddressFamily == family)
                return candidate;
        }

        return null;
    }
}
