using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Securely.Net;

/// <summary>
/// A connection over any duplex stream (LIS-13). Before its end it cancels no read of the stream, because many streams are of no use afterwards: a
/// read goes into memory of the connection, and the next operation finds there what one that was given up did not get.
/// </summary>
/// <remarks>
/// Without a reader one byte is read ahead where somebody waits or watches, so that waiting holds no buffer. All fields are guarded by the lock.
/// </remarks>
internal sealed class StreamConnection(Stream stream, EndPoint? remote) : VirtualConnection(new Lock())
{
    private readonly byte[] _ahead = new byte[1];
    private readonly CancellationTokenSource _closing = new();
    private byte[]? _buffer;
    private byte[] _input = [];
    private NetException? _failure;
    private NetException? _sendFailure;
    private Task _disposal = Task.CompletedTask;
    private int _start;
    private int _end;
    private bool _isFilling;
    private bool _isEnded;
    private bool _isSent;
    private bool _isShutDown;

    private protected override string Name => remote?.ToString() ?? "virtual";

    private protected override bool HasInput => _start < _end || HasEnded;

    private protected override bool HasEnded => _isEnded || _failure is not null;

    private protected override bool IsListening => _isFilling || HasInput;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => WriteAsync(bytes, default);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        lock (Gate)
        {
            CheckWritable();
            if (_isShutDown)
                throw Broken(NetErrorKind.WriteError, "is written to after its end");
            _isSent = false;
            _sendFailure = null;
        }

        SendAsync(first, second).Forget();
        lock (Gate)
            return TryFinishWrite() && HasTurn ? default : SuspendWrite();
    }

    /// <summary>Streams have no word for it, but some kinds do; the others end when the connection is closed.</summary>
    public override void ShutdownWrite()
    {
        if (IsClosed || _isShutDown)
            return;
        _isShutDown = true;
        switch (stream)
        {
            case ConnectionStream inner:
                inner.Connection.ShutdownWrite();
                break;
            case NetworkStream network:
                EndSending(network.Socket);
                break;
            case SslStream tls:
                TellEndAsync(tls).Forget();
                break;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        Close();
        await _disposal;
        await base.DisposeAsync();
    }

    protected override ConnectionDigest CreateDigest() => new(remote);

    private protected override int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _end - _start);
        if (count == 0)
            return _failure is not null ? throw _failure : _isEnded ? 0 : -1;
        _input.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        if (_start == _end)
            ReturnBuffer();
        return count;
    }

    private protected override void StartInput(bool isReading)
    {
        byte[] target;
        lock (Gate)
        {
            if (IsClosed || IsListening)
                return;
            _isFilling = true;
            target = isReading ? _buffer = Worker?.Buffers.Rent() ?? new byte[SlabPool.Small] : _ahead;
        }

        FillAsync(target).Forget();
    }

    private protected override bool TryFinishWrite() => _sendFailure is null ? _isSent : throw _sendFailure;

    private protected override void Leave(bool isReset)
    {
        // What the stream still writes to cannot be lent to anybody else.
        if (!_isFilling)
            ReturnBuffer();
    }

    private protected override void OnEnded(bool isReset)
    {
        if (isReset && stream is ConnectionStream inner)
            inner.Connection.Abort(Broken(NetErrorKind.ConnectionClosed, "was aborted"));
        else if (isReset && stream is NetworkStream network)
            Reset(network.Socket);
        _disposal = DisposeStreamAsync();
    }

    private static void EndSending(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer has broken the connection; the next read says so.
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Broken already, which is what a reset is for.
        }
    }

    private static async ValueTask TellEndAsync(SslStream tls)
    {
        try
        {
            await tls.ShutdownAsync();
        }
        catch (Exception)
        {
            // The peer has broken the connection; the next read says so.
        }
    }

    private async ValueTask FillAsync(byte[] target)
    {
        var count = 0;
        NetException? failure = null;
        try
        {
            count = await stream.ReadAsync(target, _closing.Token);
        }
        catch (Exception e)
        {
            failure = ToNet(e, NetErrorKind.ReadError, "failed to read");
        }

        lock (Gate)
        {
            _isFilling = false;
            _input = target;
            _start = 0;
            _end = count;
            _failure = failure;
            _isEnded = count == 0 && failure is null;
            if (count == 0 || IsClosed)
                ReturnBuffer();
            OnInput();
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        NetException? failure = null;
        try
        {
            if (!first.IsEmpty)
                await stream.WriteAsync(first, _closing.Token);
            if (!second.IsEmpty)
                await stream.WriteAsync(second, _closing.Token);
            await stream.FlushAsync(_closing.Token);
        }
        catch (Exception e)
        {
            failure = ToNet(e, NetErrorKind.WriteError, "failed to write");
        }

        Spend(first.Length + second.Length);
        lock (Gate)
        {
            _sendFailure = failure;
            _isSent = true;
            QueueWrite();
        }
    }

    private NetException ToNet(Exception error, NetErrorKind kind, string what) => error is NetException inner
        ? new NetException(inner.Kind, inner.Message, inner.Origin, inner) { Connection = this }
        : Broken(kind, $"{what}: {error.Message}", error);

    private async Task DisposeStreamAsync()
    {
        try
        {
            _closing.Cancel();
            await stream.DisposeAsync();
        }
        catch (Exception)
        {
            // It was given up, and nobody is left who could do anything about it.
        }
    }

    private void ReturnBuffer()
    {
        if (_buffer is null)
            return;
        if (Worker is { } worker && ReferenceEquals(Worker.Current, worker))
            worker.Buffers.Return(_buffer);
        _buffer = null;
        _input = [];
        _start = _end = 0;
    }
}
