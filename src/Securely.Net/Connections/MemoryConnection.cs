namespace Securely.Net;

/// <summary>
/// One end of a pair in memory (LIS-13). The two ends may live on different threads: what they share is guarded by one lock, and continuations
/// are posted, never run on the other end's stack.
/// </summary>
internal sealed class MemoryConnection : Connection
{
    private readonly Pipe _input;
    private readonly Pipe _output;
    private readonly Worker? _worker = Worker.Current;
    private volatile bool _isClosed;

    private MemoryConnection(Pipe input, Pipe output)
    {
        _input = input;
        _output = output;
    }

    public override Worker? Worker => _worker;

    public override bool IsClosed => _isClosed;

    public override IConnectionWatcher? Watcher
    {
        get => base.Watcher;
        set
        {
            base.Watcher = value;
            _input.OnIdleInput = value is null ? null : ended => Post(ended);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        while (true)
        {
            if (_input.TryRead(buffer.Span, out var count))
                return count;
            await _input.WaitAsync(forData: true);
        }
    }

    public override bool TryRead(Memory<byte> buffer, out int count) => _input.TryRead(buffer.Span, out count);

    public override async ValueTask<bool> WaitReadableAsync()
    {
        while (!_input.IsReadable)
        {
            if (_input.StopWaiting)
                return false;
            await _input.WaitAsync(forData: true);
        }

        return true;
    }

    public override void StopWaiting() => _input.EndWaits();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = _output.Write(bytes.Span);
            bytes = bytes[count..];
            if (!bytes.IsEmpty)
                await _output.WaitAsync(forData: false);
        }
    }

    public override void ShutdownWrite() => _output.End(null);

    public override void SetReadDeadline(TimeSpan fromNow) => _input.SetDeadline(this, fromNow, forData: true);

    public override void SetWriteDeadline(TimeSpan fromNow) => _output.SetDeadline(this, fromNow, forData: false);

    public override void Abort(NetException reason)
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _input.End(reason);
        _output.End(new NetException(NetErrorKind.ReadError, "Connection [memory] was reset by its peer"));
        OnClosed();
    }

    public override void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _output.End(null);
        _input.End(new NetException(NetErrorKind.ConnectionClosed, "Connection [memory] was closed"));
        OnClosed();
    }

    internal static (Connection First, Connection Second) Create(int bufferSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferSize, 1);
        var forth = new Pipe(bufferSize);
        var back = new Pipe(bufferSize);
        return (new MemoryConnection(back, forth), new MemoryConnection(forth, back));
    }

    private void Post(bool ended)
    {
        if (_worker is null)
            Watcher?.OnInput(this, ended);
        else
            _worker.Post(_ => Watcher?.OnInput(this, ended), null);
    }

    /// <summary>One direction: a ring of bytes, a reader that waits for data and a writer that waits for room.</summary>
    private sealed class Pipe(int size)
    {
        private readonly Lock _lock = new();
        private readonly byte[] _ring = new byte[size];
        private TaskCompletionSource? _reader;
        private TaskCompletionSource? _writer;
        private ITimer? _readTimer;
        private ITimer? _writeTimer;
        private NetException? _error;
        private int _start;
        private int _count;
        private bool _ended;

        internal Action<bool>? OnIdleInput { get; set; }

        internal bool StopWaiting { get; private set; }

        internal bool IsReadable
        {
            get
            {
                lock (_lock)
                    return _count > 0 || _ended || _error is not null;
            }
        }

        internal bool TryRead(Span<byte> buffer, out int count)
        {
            lock (_lock)
            {
                if (_error is not null)
                    throw new NetException(_error.Kind, _error.Message, _error.Origin);
                count = Math.Min(buffer.Length, _count);
                for (var i = 0; i < count; i++)
                    buffer[i] = _ring[(_start + i) % size];
                _start = (_start + count) % size;
                _count -= count;
                if (count > 0)
                    Release(ref _writer);
                return count > 0 || _ended;
            }
        }

        internal int Write(ReadOnlySpan<byte> bytes)
        {
            lock (_lock)
            {
                if (_ended || _error is not null)
                    throw new NetException(NetErrorKind.WriteError, "Connection [memory] was closed by its peer");
                var count = Math.Min(bytes.Length, size - _count);
                for (var i = 0; i < count; i++)
                    _ring[(_start + _count + i) % size] = bytes[i];
                _count += count;
                if (count > 0)
                    Announce(ended: false);
                return count;
            }
        }

        internal void End(NetException? error)
        {
            lock (_lock)
            {
                if (_ended && error is null)
                    return;
                _ended = true;
                _error ??= error;
                _readTimer?.Dispose();
                _writeTimer?.Dispose();
                Announce(ended: true);
                Release(ref _writer);
            }
        }

        internal void EndWaits()
        {
            lock (_lock)
            {
                StopWaiting = true;
                Release(ref _reader);
            }
        }

        internal Task WaitAsync(bool forData)
        {
            lock (_lock)
            {
                if (forData ? _count > 0 || _ended : _count < size || _ended)
                    return Task.CompletedTask;
                ref var waiter = ref forData ? ref _reader : ref _writer;
                waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return waiter.Task;
            }
        }

        internal void SetDeadline(MemoryConnection owner, TimeSpan fromNow, bool forData)
        {
            var time = owner._worker?.Time ?? TimeProvider.System;
            lock (_lock)
            {
                ref var timer = ref forData ? ref _readTimer : ref _writeTimer;
                timer?.Dispose();
                timer = fromNow == Timeout.InfiniteTimeSpan ? null : time.CreateTimer(_ => Expire(owner, forData), null, fromNow, Timeout.InfiniteTimeSpan);
            }
        }

        private void Expire(MemoryConnection owner, bool forData)
        {
            lock (_lock)
            {
                ref var waiter = ref forData ? ref _reader : ref _writer;
                var kind = forData ? NetErrorKind.ReadTimedOut : NetErrorKind.WriteTimedOut;
                waiter?.TrySetException(new NetException(kind, "Connection [memory] did nothing before its deadline") { Connection = owner });
                waiter = null;
            }
        }

        private void Announce(bool ended)
        {
            if (_reader is null)
                OnIdleInput?.Invoke(ended);
            Release(ref _reader);
        }

        private static void Release(ref TaskCompletionSource? waiter)
        {
            waiter?.TrySetResult();
            waiter = null;
        }
    }
}
