using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Securely.Load;

/// <summary>How one request ended.</summary>
internal enum Outcome
{
    /// <summary>A whole response with status 200.</summary>
    Answered,

    /// <summary>A whole response with another status.</summary>
    Refused,

    /// <summary>The connection ended before the first byte of a response.</summary>
    Unanswered,

    /// <summary>The connection ended inside a response, or the response is none.</summary>
    Cut,

    /// <summary>Nothing came for ten seconds.</summary>
    TimedOut,
}

/// <summary>
/// One connection of a client that keeps it alive: blocking, with one request in flight. Sending and receiving are apart, so that one thread
/// can keep many connections busy.
/// </summary>
internal sealed class KeepAliveClient(IPEndPoint server, byte[] request, byte[] buffer) : IDisposable
{
    private Socket? _socket;
    private bool _isOk;
    private bool _closes;

    public bool IsConnected => _socket is not null;

    /// <summary>A request in the form that a load generator sends.</summary>
    public static byte[] Request(IPEndPoint server, string path) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {server}\r\n\r\n");

    /// <summary>Connects; false when nobody listens.</summary>
    public bool TryConnect()
    {
        Close();
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000 };
        try
        {
            socket.Connect(server);
            _socket = socket;
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset)
        {
            socket.Dispose();
            return false;
        }
    }

    /// <summary>Whether the server has ended the connection since the last response, as it may.</summary>
    public bool WasClosed() => _socket!.Poll(0, SelectMode.SelectRead);

    /// <summary>Sends a request; that the server has gone shows when its answer is received.</summary>
    public void Send()
    {
        try
        {
            _socket!.Send(request);
        }
        catch (SocketException)
        {
            // The receiving tells how the request ended.
        }
    }

    /// <summary>Receives the response. The connection is closed unless both sides keep it.</summary>
    public Outcome Receive()
    {
        var filled = 0;
        var length = -1;
        while (length < 0 || filled < length)
        {
            int count;
            try
            {
                // Of a body that does not fit only the number of bytes counts.
                count = filled < buffer.Length ? _socket!.Receive(buffer.AsSpan(filled)) : _socket!.Receive(buffer.AsSpan(0, Math.Min(length - filled, buffer.Length)));
            }
            catch (SocketException e)
            {
                Close();
                return e.SocketErrorCode == SocketError.TimedOut ? Outcome.TimedOut : filled == 0 ? Outcome.Unanswered : Outcome.Cut;
            }

            if (count == 0)
            {
                Close();
                return filled == 0 ? Outcome.Unanswered : Outcome.Cut;
            }

            filled += count;
            if (length < 0 && !TryReadHead(Math.Min(filled, buffer.Length), ref length))
            {
                Close();
                return Outcome.Cut;
            }
        }

        if (_closes)
            Close();
        return _isOk && filled == length ? Outcome.Answered : Outcome.Refused;
    }

    public void Dispose() => Close();

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    /// <summary>Reads the head once it is there, and so the length of the whole response. False: it does not say how long it is.</summary>
    private bool TryReadHead(int filled, ref int length)
    {
        var end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return filled < buffer.Length;
        var head = buffer.AsSpan(0, end + 2);
        var at = head.IndexOf("\r\nContent-Length: "u8);
        if (at < 0 || !Utf8Parser.TryParse(head[(at + 18)..], out int body, out _))
            return false;
        _isOk = head.StartsWith("HTTP/1.1 200 "u8);
        _closes = head.IndexOf("\r\nConnection: close\r\n"u8) >= 0;
        length = end + 4 + body;
        return true;
    }
}
