using System.Net;

namespace Securely.Net;

/// <summary>
/// A connection over any duplex stream (LIS-13). It cannot see input that nobody reads, so a watcher is not told of anything; deadlines cancel
/// the stream's operation.
/// </summary>
internal sealed class StreamConnection(Stream stream, EndPoint? remote) : Connection
{
    private readonly Worker? _worker = Worker.Current;
    private readonly byte[] _ahead = new byte[1];
    private readonly CancellationTokenSource _aborted = new();
    private TimeSpan _readTimeout = Timeout.InfiniteTimeSpan;
    private TimeSpan _writeTimeout = Timeout.InfiniteTimeSpan;
    private NetException? _reason;
    private int _aheadCount;
    private bool _ended;
    private bool _isClosed;

    public override Worker? Worker => _worker;

    public override bool IsClosed => _isClosed;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        if (_aheadCount == 1)
        {
            buffer.Span[0] = _ahead[0];
            _aheadCount = 0;
            return 1;
        }

        return _ended ? 0 : await ReadStreamAsync(buffer);
    }

    public override async ValueTask<bool> WaitReadableAsync()
    {
        if (_aheadCount == 0 && !_ended)
        {
            _aheadCount = await ReadStreamAsync(_ahead);
            _ended = _aheadCount == 0;
        }

        return true;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        using var deadline = Deadline(_writeTimeout);
        try
        {
            await stream.WriteAsync(bytes, deadline.Token);
            await stream.FlushAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw Reason(NetErrorKind.WriteTimedOut, "took nothing before the write deadline");
        }
        catch (IOException e) when (e is not NetException)
        {
            throw new NetException(NetErrorKind.WriteError, $"Connection [{remote?.ToString() ?? "virtual"}] failed to write", innerException: e);
        }
    }

    public override void ShutdownWrite()
    {
        if (stream is ConnectionStream or not { CanWrite: true })
            return;
        _ = stream.FlushAsync(CancellationToken.None);
    }

    public override void SetReadDeadline(TimeSpan fromNow) => _readTimeout = fromNow;

    public override void SetWriteDeadline(TimeSpan fromNow) => _writeTimeout = fromNow;

    public override void Abort(NetException reason)
    {
        _reason ??= reason;
        Close();
    }

    public override void Close()
    {
        if (!_isClosed)
            CloseStreamAsync().Forget();
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_isClosed)
            await CloseStreamAsync();
        await base.DisposeAsync();
    }

    protected override ConnectionDigest CreateDigest() => new(remote);

    private async ValueTask CloseStreamAsync()
    {
        _isClosed = true;
        await _aborted.CancelAsync();
        await stream.DisposeAsync();
        _aborted.Dispose();
        OnClosed();
    }

    private async ValueTask<int> ReadStreamAsync(Memory<byte> buffer)
    {
        using var deadline = Deadline(_readTimeout);
        try
        {
            return await stream.ReadAsync(buffer, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw Reason(NetErrorKind.ReadTimedOut, "sent nothing before the read deadline");
        }
        catch (IOException e) when (e is not NetException)
        {
            throw new NetException(NetErrorKind.ReadError, $"Connection [{remote?.ToString() ?? "virtual"}] failed to read", innerException: e);
        }
    }

    private CancellationTokenSource Deadline(TimeSpan timeout)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(_aborted.Token);
        if (timeout != Timeout.InfiniteTimeSpan)
            deadline.CancelAfter(timeout);
        return deadline;
    }

    private NetException Reason(NetErrorKind kind, string what) => _reason ?? new NetException(kind, $"Connection [{remote?.ToString() ?? "virtual"}] {what}");
}
