namespace Securely.Net;

/// <summary>A stream over a connection, for TLS and for user code.</summary>
internal sealed class ConnectionStream(Connection connection) : Stream
{
    /// <summary>What it reads and writes.</summary>
    internal Connection Connection => connection;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsElsewhere)
            return new ValueTask<int>(connection.Worker!.RunAsync(() => ReadAsync(buffer, cancellationToken)));
        if (cancellationToken.CanBeCanceled)
            return ReadUnlessCancelledAsync(buffer, cancellationToken);
        // An empty buffer asks for readiness: so idle TLS connections hold none.
        return buffer.IsEmpty ? WaitAsync() : connection.ReadAsync(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsElsewhere)
            return new ValueTask(connection.Worker!.RunAsync(() => WriteAsync(buffer, cancellationToken)));
        return cancellationToken.CanBeCanceled ? WriteUnlessCancelledAsync(buffer, cancellationToken) : connection.WriteAsync(buffer);
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

    public override async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            connection.Close();
        base.Dispose(disposing);
    }

    /// <summary>Most code around streams goes on wherever it likes; the connection does not.</summary>
    private bool IsElsewhere => connection.Worker is { } worker && !ReferenceEquals(Worker.Current, worker);

    private async ValueTask<int> WaitAsync()
    {
        await connection.WaitReadableAsync();
        return 0;
    }

    private async ValueTask<int> ReadUnlessCancelledAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var registration = AbortWhenCancelled(cancellationToken);
        try
        {
            return await ReadAsync(buffer, CancellationToken.None);
        }
        catch (NetException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private async ValueTask WriteUnlessCancelledAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        using var registration = AbortWhenCancelled(cancellationToken);
        try
        {
            await connection.WriteAsync(buffer);
        }
        catch (NetException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>A connection cannot take an operation back; whoever cancels one has no use for the rest either.</summary>
    private CancellationTokenRegistration AbortWhenCancelled(CancellationToken cancellationToken) => cancellationToken.UnsafeRegister(
        static connection => ((Connection)connection!).Abort(new NetException(NetErrorKind.ConnectionClosed, "The operation was cancelled")), connection);
}
