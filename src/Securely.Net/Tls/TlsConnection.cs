using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;

namespace Securely.Net;

/// <summary>A connection inside of TLS. It follows the connection below it: its worker, its deadlines, its end.</summary>
/// <remarks>
/// A peer must end the stream with close_notify: an end without one fails the read, because it may be the work of somebody in between
/// (RFC 8446 6.1).
/// </remarks>
internal sealed partial class TlsConnection : Connection, IConnectionWatcher
{
    // The most that one record carries.
    private const int MostInRecord = 16 * 1024;

    private readonly Connection _inner;
    private readonly TlsTransport _transport;
    private readonly SslStream _ssl;
    private readonly string _serverName;
    private bool _hasPlain;
    private bool _mayHold = true;
    private bool _isProbing;
    private ValueTask<int> _probe;
    private bool _ended;
    private bool _writing;

    internal TlsConnection(TlsTransport transport, SslStream ssl, string serverName)
    {
        _inner = transport.Inner;
        _transport = transport;
        _ssl = ssl;
        _serverName = serverName;
        _inner.Wrapper = this;
        EndpointSettings = _inner.EndpointSettings;
        transport.IsHandshaking = false;
    }

    public override Worker? Worker => _inner.Worker;

    public override IPAddress? RemoteAddress => _inner.RemoteAddress;

    public override bool IsEncrypted => true;

    public override bool IsExpendable
    {
        get => _inner.IsExpendable;
        set => _inner.IsExpendable = value;
    }

    public override bool IsClosed => _isClosed || _inner.IsClosed;

    public override IConnectionWatcher? Watcher
    {
        get => base.Watcher;
        set
        {
            base.Watcher = value;
            _inner.Watcher = value is null ? null : this;
        }
    }

    internal override bool CanDetach => !_writing && !_isClosed && _inner.CanDetach;

    internal SslStream Ssl => _ssl;

    internal string ServerName => _serverName;

    internal ConnectionDigest InnerDigest => _inner.Digest;

    public void OnInput(Connection connection, bool ended) => Watcher?.OnInput(this, ended);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        if (_isClosed)
            throw Closed();
        ArgumentOutOfRangeException.ThrowIfZero(buffer.Length);
        if (_isProbing)
            return ProbeThenReadAsync(buffer);
        var read = _ssl.ReadAsync(buffer, CancellationToken.None);
        return read.IsCompletedSuccessfully ? new ValueTask<int>(Took(read.Result, buffer)) : AwaitReadAsync(read, buffer);
    }

    public override bool TryRead(Memory<byte> buffer, out int count)
    {
        count = 0;
        if (_isClosed || (!_hasPlain && !HasDecrypted()))
            return false;
        var read = ReadAsync(buffer);
        count = read.IsCompleted ? read.GetAwaiter().GetResult() : throw new InvalidOperationException("Decrypted bytes were announced and are not there.");
        return true;
    }

    public override ValueTask<bool> WaitReadableAsync()
    {
        if (_isClosed)
            throw Closed();
        if (_hasPlain)
            return new ValueTask<bool>(true);
        if (_isProbing)
            return AwaitReadableAsync(TakeProbe());
        // Nothing is inside: the transport's bytes are the next ones, and reading them is left to the reader, who then need not wait.
        if (!_mayHold && _transport.IsBetweenRecords)
            return _inner.WaitReadableAsync();
        _transport.IsWaiting = true;
        var read = _ssl.ReadAsync(Memory<byte>.Empty, CancellationToken.None);
        if (!read.IsCompletedSuccessfully)
            return AwaitReadableAsync(read);
        _ = read.Result;
        _transport.IsWaiting = false;
        _hasPlain = true;
        return new ValueTask<bool>(true);
    }

    public override void StopWaiting() => _inner.StopWaiting();

    public override bool IsQuiet(bool probe) =>
        !_isClosed && !_ended && !_hasPlain && !_mayHold && !_isProbing && _transport.IsBetweenRecords && _inner.IsQuiet(probe);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_isClosed)
            throw Closed();
        var write = _ssl.WriteAsync(bytes, CancellationToken.None);
        return write.IsCompletedSuccessfully ? default : AwaitWriteAsync(write, null);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        if (second.IsEmpty || first.Length >= MostInRecord)
            return second.IsEmpty ? WriteAsync(first) : base.WriteAsync(first, second);
        if (first.IsEmpty)
            return WriteAsync(second);
        if (_isClosed)
            throw Closed();
        // One record and one system call for a head and the beginning of its body.
        var record = Worker is { } worker ? worker.Buffers.Rent() : new byte[MostInRecord];
        var begin = Math.Min(second.Length, MostInRecord - first.Length);
        first.CopyTo(record);
        second[..begin].CopyTo(record.AsMemory(first.Length));
        var write = _ssl.WriteAsync(record.AsMemory(0, first.Length + begin), CancellationToken.None);
        if (begin < second.Length)
            return AwaitBothAsync(write, record, second[begin..]);
        if (!write.IsCompletedSuccessfully)
            return AwaitWriteAsync(write, record);
        Worker?.Buffers.Return(record);
        return default;
    }

    public override bool ShouldMove([NotNullWhen(true)] out Worker? target)
    {
        target = null;
        return IsQuiet(probe: false) && !_writing && _inner.ShouldMove(out target);
    }

    public override ValueTask MoveToAsync(Worker target) => _inner.MoveToAsync(target);

    public override void SetReadDeadline(TimeSpan fromNow) => _inner.SetReadDeadline(fromNow);

    public override void SetWriteDeadline(TimeSpan fromNow) => _inner.SetWriteDeadline(fromNow);

    public override void SetWriteDeadline(TimeSpan behind, long bytesPerSecond) => _inner.SetWriteDeadline(behind, bytesPerSecond);

    internal override void Detach(Worker target) => _inner.Detach(target);

    internal override void Attach() => _inner.Attach();

    protected override ConnectionDigest CreateDigest() => new TlsConnectionDigest(this);

    /// <summary>
    /// Decrypts a record when a whole one is there. When only a part is, the attempt goes on without anybody's buffer, and the next read or wait
    /// takes it over.
    /// </summary>
    private bool HasDecrypted()
    {
        if (_isProbing || !_inner.MayHaveInput)
            return false;
        var probe = _ssl.ReadAsync(Memory<byte>.Empty, CancellationToken.None);
        if (!probe.IsCompletedSuccessfully)
        {
            _isProbing = true;
            _probe = probe;
            return false;
        }

        _ = probe.Result;
        _hasPlain = true;
        return true;
    }

    private ValueTask<int> TakeProbe()
    {
        var probe = _probe;
        _isProbing = false;
        _probe = default;
        return probe;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> ProbeThenReadAsync(Memory<byte> buffer)
    {
        await AwaitReadableAsync(TakeProbe());
        return await ReadAsync(buffer);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> AwaitReadAsync(ValueTask<int> read, Memory<byte> buffer)
    {
        var count = 0;
        Exception? error = null;
        try
        {
            count = await read.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
        }

        await new WorkerReturn(Worker);
        return error is null ? Took(count, buffer) : throw Translate(error, NetErrorKind.ReadError, "failed to read");
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<bool> AwaitReadableAsync(ValueTask<int> read)
    {
        Exception? error = null;
        try
        {
            await read.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
        }

        await new WorkerReturn(Worker);
        _transport.IsWaiting = false;
        if (error is not null and not WaitStoppedException)
            throw Translate(error, NetErrorKind.ReadError, "failed to read");
        _hasPlain = error is null;
        return _hasPlain;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask AwaitBothAsync(ValueTask write, byte[] record, ReadOnlyMemory<byte> rest)
    {
        await AwaitWriteAsync(write, record);
        await WriteAsync(rest);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask AwaitWriteAsync(ValueTask write, byte[]? record)
    {
        _writing = true;
        Exception? error = null;
        try
        {
            await write.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
        }

        await new WorkerReturn(Worker);
        _writing = false;
        if (record is not null)
            Worker?.Buffers.Return(record);
        if (error is not null)
            throw Translate(error, NetErrorKind.WriteError, "failed to write");
    }

    private int Took(int count, Memory<byte> buffer)
    {
        _hasPlain = false;
        _mayHold = count == buffer.Length;
        _ended = count == 0;
        if (_ended && _transport.HasEnded)
            throw Broken(NetErrorKind.ConnectionClosed, "ended without close_notify");
        return count;
    }

    private NetException Translate(Exception error, NetErrorKind kind, string what) => error switch
    {
        // The reason of an abort belongs to whoever gave it.
        NetException e when !ReferenceEquals(e.Connection, _inner) => e,
        NetException e => new NetException(e.Kind, e.Message, e.Origin, e.InnerException) { Connection = this },
        ObjectDisposedException => Closed(),
        _ => Broken(kind, what, error),
    };

    private NetException Broken(NetErrorKind kind, string what, Exception? cause = null) =>
        new(kind, $"Connection [{RemoteAddress?.ToString() ?? "local"}] {what}", innerException: cause) { Connection = this };

    private new NetException Closed() => Broken(NetErrorKind.ConnectionClosed, "is closed");
}
