using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Securely.Load;

/// <summary>What a slow client does with its connection.</summary>
internal enum SlowKind
{
    /// <summary>A header that never ends, a byte a second.</summary>
    Header,

    /// <summary>A body of which a byte a second comes.</summary>
    Body,

    /// <summary>A large response of which a byte a second is read.</summary>
    Reader,

    /// <summary>One request, and then nothing.</summary>
    Idle,

    /// <summary>A TLS handshake that is not begun, or not finished.</summary>
    Handshake,
}

/// <summary>One connection that takes its time. It never waits for its socket, so one thread can drive thousands.</summary>
internal sealed class SlowClient(SlowKind kind, int number, IPEndPoint server, string path) : IDisposable
{
    // The beginning of a ClientHello of 512 bytes.
    private static readonly byte[] HalfAHello = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03];
    private static readonly byte[] OneByte = "x"u8.ToArray();

    private readonly byte[] _buffer = new byte[512];
    private Socket? _socket;

    public bool IsOpen => _socket is not null;

    /// <summary>When it was connected, in milliseconds of whatever clock its owner has.</summary>
    public long Since { get; private set; }

    /// <summary>Connects and says what it says at once; false when it is not let in.</summary>
    public bool TryOpen(long now)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (kind == SlowKind.Reader)
                socket.ReceiveBufferSize = 4096;
            // Each kind has an address of its own, so that ports do not run out.
            if (server.AddressFamily == AddressFamily.InterNetwork && IPAddress.IsLoopback(server.Address))
                socket.Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)(1 + (int)kind)]), 0));
            socket.Connect(server);
            socket.Blocking = false;
            if (Beginning() is { Length: > 0 } beginning)
                socket.Send(beginning);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }

        _socket = socket;
        Since = now;
        return true;
    }

    /// <summary>Looks whether the server has ended the connection, and sends or reads the byte of this second.</summary>
    /// <returns>False when the connection has ended.</returns>
    public bool Act()
    {
        if (IsAlive())
            return true;
        Dispose();
        return false;
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private byte[] Beginning() => kind switch
    {
        SlowKind.Header => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {server}\r\nX-Slow: "),
        SlowKind.Body => Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: {server}\r\nContent-Length: 100000000\r\n\r\n"),
        SlowKind.Handshake => number % 2 == 0 ? [] : HalfAHello,
        _ => KeepAliveClient.Request(server, path),
    };

    private bool IsAlive()
    {
        var socket = _socket!;
        try
        {
            if (kind == SlowKind.Reader)
                return !socket.Poll(0, SelectMode.SelectError) && Receive(socket, 1);
            if (!Receive(socket, _buffer.Length))
                return false;
            if (kind is SlowKind.Header or SlowKind.Body)
                socket.Send(OneByte);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Takes what is there; false at the end.</summary>
    private bool Receive(Socket socket, int most) =>
        socket.Receive(_buffer.AsSpan(0, most), SocketFlags.None, out var error) > 0 || error == SocketError.WouldBlock;
}
