using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Securely.Net;

/// <summary>
/// The stream under an <see cref="System.Net.Security.SslStream"/>: it reads and writes the connection, follows the borders of TLS records, and
/// keeps a handshake on the worker, or brings its reads and writes back to the worker when the handshake has left it.
/// </summary>
internal sealed class TlsTransport(Connection inner) : Stream
{
    private const int RecordHead = 5;
    private const byte HandshakeRecord = 22;

    private int _headBytes;
    private int _recordLeft;
    private byte _lengthHigh;
    private byte[]? _hello;
    private int _helloStart;
    private int _helloEnd;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    internal Connection Inner => inner;

    /// <summary>Whether the handshake is under way: its tasks must not take the worker's context for a reason to leave the worker.</summary>
    internal bool IsHandshaking { get; set; } = true;

    /// <summary>Whether the present read is a mere wait, which ends when the service stops.</summary>
    internal bool IsWaiting { get; set; }

    /// <summary>Whether everything received belongs to records that have been received to their end.</summary>
    internal bool IsBetweenRecords => _headBytes == 0 && _recordLeft == 0;

    /// <summary>Whether the peer has ended the stream below TLS.</summary>
    internal bool HasEnded { get; private set; }

    /// <summary>
    /// Waits for the first record of a client, whole or as far as one small buffer goes: what a handshake needs is made for nobody who sends half of a hello.
    /// </summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    internal async ValueTask GatherHelloAsync()
    {
        _hello = inner.Worker?.Buffers.Rent(SlabPool.Head) ?? new byte[SlabPool.Head];
        while (!IsHelloWhole(_hello.AsSpan(0, _helloEnd)))
        {
            var count = await inner.ReadAsync(_hello.AsMemory(_helloEnd));
            if (count == 0)
                break;
            _helloEnd += count;
        }

        if (_helloEnd == 0)
            DropHello();
    }

    /// <summary>Gives back what <see cref="GatherHelloAsync"/> holds; on the worker.</summary>
    internal void DropHello()
    {
        if (_hello is { } hello)
        {
            _hello = null;
            inner.Worker?.Buffers.Return(hello);
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (IsHandshaking)
            return IsOnWorker ? HandshakeReadAsync(buffer) : new ValueTask<int>(inner.Worker!.RunAsync(() => ReadInnerAsync(buffer)));
        return ReadInnerAsync(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!IsHandshaking)
        {
            var write = inner.WriteAsync(buffer);
            return write.IsCompletedSuccessfully ? default : AwaitWriteAsync(write);
        }

        return IsOnWorker ? HandshakeWriteAsync(buffer) : new ValueTask(inner.Worker!.RunAsync(() => inner.WriteAsync(buffer)));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A worker must not block; use ReadAsync.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A worker must not block; use WriteAsync.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private bool IsOnWorker => inner.Worker is not { } worker || ReferenceEquals(Worker.Current, worker);

    private ValueTask<int> ReadInnerAsync(Memory<byte> buffer)
    {
        // An empty read comes before each real one and asks for readiness, so that a connection that waits holds no buffer.
        if (buffer.IsEmpty)
            return _hello is not null || inner.MayHaveInput ? default : WaitAsync();
        if (_hello is not null)
            return new ValueTask<int>(TakeHello(buffer.Span));
        var read = inner.ReadAsync(buffer);
        if (!read.IsCompletedSuccessfully)
            return FollowAsync(read, buffer);
        var count = read.Result;
        Follow(buffer.Span[..count]);
        return new ValueTask<int>(count);
    }

    /// <summary>Whatever is no handshake record is SslStream's to refuse.</summary>
    private static bool IsHelloWhole(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        0 => false,
        _ when bytes[0] != HandshakeRecord => true,
        < RecordHead => false,
        _ => bytes.Length >= Math.Min(SlabPool.Head, RecordHead + BinaryPrimitives.ReadUInt16BigEndian(bytes[3..])),
    };

    private int TakeHello(Span<byte> target)
    {
        var count = Math.Min(target.Length, _helloEnd - _helloStart);
        _hello.AsSpan(_helloStart, count).CopyTo(target);
        _helloStart += count;
        if (_helloStart == _helloEnd)
            DropHello();
        Follow(target[..count]);
        return count;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> FollowAsync(ValueTask<int> read, Memory<byte> buffer)
    {
        var count = await read.ConfigureAwait(false);
        Follow(buffer.Span[..count]);
        return count;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> WaitAsync()
    {
        // Told to the connection, so that nobody takes a read in the middle of a message for an idle wait.
        inner.WaitsInRead = !IsWaiting;
        try
        {
            if (!await inner.WaitReadableAsync().ConfigureAwait(false) && IsWaiting)
                throw new WaitStoppedException();
            return 0;
        }
        finally
        {
            inner.WaitsInRead = false;
        }
    }

    private async ValueTask<int> HandshakeReadAsync(Memory<byte> buffer)
    {
        var count = await ReadInnerAsync(buffer).ConfigureAwait(false);
        LeaveContext();
        return count;
    }

    private ValueTask HandshakeWriteAsync(ReadOnlyMemory<byte> buffer) => AwaitWriteAsync(inner.WriteAsync(buffer));

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private static async ValueTask AwaitWriteAsync(ValueTask write)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        finally
        {
            LeaveContext();
        }
    }

    /// <summary>
    /// A task that completes under a synchronization context hands its continuation to the thread pool when that asked for no context. Without
    /// one it continues here. <see cref="WorkerReturn"/> enters it again, and so does the worker after each callback.
    /// </summary>
    private static void LeaveContext()
    {
        if (Worker.Current is not null)
            SynchronizationContext.SetSynchronizationContext(null);
    }

    private void Follow(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            HasEnded = true;
        while (!bytes.IsEmpty)
        {
            if (_recordLeft > 0)
            {
                var taken = Math.Min(_recordLeft, bytes.Length);
                _recordLeft -= taken;
                bytes = bytes[taken..];
                continue;
            }

            // The last two bytes of the head are the length of what follows (RFC 8446 5.1).
            if (++_headBytes == RecordHead - 1)
                _lengthHigh = bytes[0];
            if (_headBytes == RecordHead)
            {
                _recordLeft = (_lengthHigh << 8) | bytes[0];
                _headBytes = 0;
            }

            bytes = bytes[1..];
        }
    }
}

/// <summary>The service stops while the connection is idle: a wait ends without anything having arrived.</summary>
internal sealed class WaitStoppedException : IOException;
