using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Securely.Testing;

/// <summary>One end of a plain socket connection that speaks literal bytes; what <see cref="RawClient"/> and <see cref="TestOriginConnection"/> share.</summary>
/// <remarks>
/// Text is Latin-1, so that one character is one byte. Every wait is bounded by 10 s of real time and fails with what was awaited
/// and what had arrived. One reader and one writer may work at the same time. Inside of TLS an end without close_notify is a reset.
/// </remarks>
public abstract class RawConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly MemoryStream _received = new();
    private readonly CancellationTokenSource _disposed = new();
    private EndingStream? _below;
    private SslStream? _tls;
    private int _consumed;
    private ConnectionEnd? _end;

    private protected RawConnection(Socket socket)
    {
        _socket = socket;
        LocalEndPoint = socket.LocalEndPoint!;
        RemoteEndPoint = socket.RemoteEndPoint!;
        if (socket.ProtocolType == ProtocolType.Tcp)
            socket.NoDelay = true;
    }

    /// <summary>The address of this side.</summary>
    public EndPoint LocalEndPoint { get; }

    /// <summary>The address of the other side.</summary>
    public EndPoint RemoteEndPoint { get; }

    /// <summary>Every byte that was taken from the socket so far, read by the test or not.</summary>
    public byte[] Received
    {
        get
        {
            lock (_received)
                return _received.ToArray();
        }
    }

    /// <summary><see cref="Received"/> as text.</summary>
    public string ReceivedText => Encoding.Latin1.GetString(Received);

    /// <summary>Sends <paramref name="text"/>, in the pieces of <paramref name="delivery"/>, each with a system call, and a TLS record, of its own.</summary>
    /// <remarks>The kernel may join pieces again; a test that depends on the cut uses a <c>ReplayConnection</c>.</remarks>
    /// <exception cref="IOException">The other side has closed or reset the connection.</exception>
    public Task SendAsync(string text, Delivery delivery = Delivery.Whole) => SendAsync(Encoding.Latin1.GetBytes(text), delivery);

    /// <inheritdoc cref="SendAsync(string, Delivery)"/>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, Delivery delivery = Delivery.Whole)
    {
        foreach (var piece in Fragmenter.Split(bytes, delivery))
        {
            for (var rest = piece; !rest.IsEmpty;)
            {
                var left = rest;
                var sent = await TransferAsync(token => SendSomeAsync(left, token), () => $"{left.Length} bytes to be taken by [{RemoteEndPoint}]");
                rest = rest[sent..];
            }
        }
    }

    /// <summary>Reads exactly <paramref name="count"/> bytes.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before.</exception>
    public async Task<byte[]> ReadExactAsync(int count)
    {
        while (Unread < count)
            await ReceiveOrThrowAsync(() => $"{count} bytes");
        return Consume(count);
    }

    /// <summary>Reads up to and including <paramref name="marker"/>.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before the marker.</exception>
    public async Task<string> ReadUntilAsync(string marker)
    {
        var bytes = Encoding.Latin1.GetBytes(marker);
        int position;
        while ((position = PendingSpan.IndexOf(bytes)) < 0)
            await ReceiveOrThrowAsync(() => $"[{Readable.Escape(marker)}]");
        return Encoding.Latin1.GetString(Consume(position + bytes.Length));
    }

    /// <summary>Reads until the other side ends its direction, and says how it ended.</summary>
    public async Task<ConnectionRest> ReadToEndAsync()
    {
        ConnectionEnd? end;
        while ((end = await ReceiveAsync(() => "the end of the connection")) is null)
        {
        }
        return new ConnectionRest(Consume(Unread), end.Value);
    }

    /// <summary>Waits for the other side to end its direction without sending anything more.</summary>
    /// <exception cref="InvalidDataException">Bytes arrived; the message shows them.</exception>
    public async Task<ConnectionEnd> WaitForCloseAsync()
    {
        var rest = await ReadToEndAsync();
        if (rest.Bytes.Length > 0)
            throw new InvalidDataException($"Expected [{RemoteEndPoint}] to close, but it sent [{Readable.Escape(rest.Text)}]");
        return rest.End;
    }

    /// <summary>Ends this side's direction in order (FIN) and stays readable.</summary>
    public void HalfClose() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes both directions in order (FIN). Bytes that have arrived are taken from the kernel first, since it would reset otherwise.</summary>
    public void Close()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            Span<byte> buffer = stackalloc byte[4096];
            while (_socket.Available > 0 && _socket.Receive(buffer) > 0)
            {
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The other side was faster: the connection is gone, which is what was wanted.
        }
        _socket.Dispose();
    }

    /// <summary>Closes abruptly (RST).</summary>
    /// <exception cref="InvalidOperationException">It is no TCP connection; others have no reset.</exception>
    public void Reset()
    {
        if (_socket.ProtocolType != ProtocolType.Tcp)
            throw new InvalidOperationException($"Connection [{LocalEndPoint}] is not TCP and cannot be reset; use Close()");
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Dispose();
    }

    /// <summary>Closes; a wait that is still going on ends with an <see cref="OperationCanceledException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>How many bytes have arrived and are not read yet.</summary>
    private protected int Unread => (int)_received.Length - _consumed;

    /// <summary>The bytes that have arrived and are not read yet; valid until the next receive.</summary>
    private protected ReadOnlySpan<byte> PendingSpan => _received.GetBuffer().AsSpan(_consumed, Unread);

    private protected byte[] Consume(int count)
    {
        var bytes = PendingSpan[..count].ToArray();
        _consumed += count;
        return bytes;
    }

    /// <summary>Takes what the socket has next; the result is how the connection ended, or null when bytes arrived.</summary>
    private protected async Task<ConnectionEnd?> ReceiveAsync(Func<string> what, bool bounded = true)
    {
        if (_end is not null)
            return _end;
        var buffer = new byte[16 * 1024];
        try
        {
            var read = await TransferAsync(token => _tls?.ReadAsync(buffer, token) ?? _socket.ReceiveAsync(buffer, SocketFlags.None, token), () => $"{what()} from [{RemoteEndPoint}]; unread: [{Readable.Escape(PendingSpan)}]", bounded);
            if (read > 0)
            {
                lock (_received)
                    _received.Write(buffer, 0, read);
                return null;
            }
            _end = _below is { HasEnded: true } ? ConnectionEnd.Reset : ConnectionEnd.Finished;
        }
        catch (IOException error) when (error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset } || (_tls is not null && error.InnerException is not ObjectDisposedException))
        {
            _end = ConnectionEnd.Reset;
        }
        return _end;
    }

    private protected async Task ReceiveOrThrowAsync(Func<string> what)
    {
        if (await ReceiveAsync(what) is { } end)
            throw new EndOfStreamException($"Connection to [{RemoteEndPoint}] ended ({end}) before {what()}; unread: [{Readable.Escape(PendingSpan)}]");
    }

    /// <summary>Speaks TLS from here on, as a client.</summary>
    private protected async Task BeginTlsAsync(SslClientAuthenticationOptions options)
    {
        _below = new EndingStream(_socket);
        var tls = new SslStream(_below);
        await Deadline.RunAsync(
            async token =>
            {
                await tls.AuthenticateAsClientAsync(options, token);
                return true;
            },
            Deadline.Transfer,
            () => $"a TLS handshake with [{RemoteEndPoint}]",
            _disposed.Token);
        _tls = tls;
    }

    private async ValueTask<int> SendSomeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_tls is null)
            return await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken);
        await _tls.WriteAsync(bytes, cancellationToken);
        return bytes.Length;
    }

    private async Task<int> TransferAsync(Func<CancellationToken, ValueTask<int>> transfer, Func<string> what, bool bounded = true)
    {
        try
        {
            return await Deadline.RunAsync(transfer, bounded ? Deadline.Transfer : Timeout.InfiniteTimeSpan, what, _disposed.Token);
        }
        catch (SocketException error)
        {
            throw new IOException($"Connection to [{RemoteEndPoint}] failed: {error.SocketErrorCode}", error);
        }
        catch (ObjectDisposedException error)
        {
            throw new IOException($"Connection to [{RemoteEndPoint}] is closed on this side", error);
        }
    }
}

/// <summary>A socket's stream that knows whether the other side has ended it.</summary>
internal sealed class EndingStream(Socket socket) : NetworkStream(socket, ownsSocket: false)
{
    public bool HasEnded { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await base.ReadAsync(buffer, cancellationToken);
        HasEnded |= count == 0 && !buffer.IsEmpty;
        return count;
    }
}
