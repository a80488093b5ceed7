using System.Net;
using System.Text;
using Securely.Net;
using Xunit.Sdk;

namespace Securely.Testing;

/// <summary>A connection without a socket that plays a script: what arrives, and what the code under test has to write before more arrives.</summary>
/// <remarks>
/// Steps run in the order they were added. Bytes of <see cref="Read(string)"/> arrive when everything that <see cref="Write(string)"/> expects
/// before them has been written; a read that comes too early waits. Writes are compared byte by byte, however they are cut; a script
/// without <see cref="Write(string)"/> accepts any. After the last step the peer has ended, unless it was <see cref="Silence"/>.
/// In <see cref="Delivery.Lines"/> and <see cref="Delivery.Bytes"/> every read gets one piece and suspends before it, as when a kernel has
/// nothing yet. Like every connection it is used from one worker, or from one test without a worker, at a time.
/// </remarks>
/// <example><!-- given: using Securely.Net; Delivery delivery = default; IConnectionHandler handler = null!; --><code>
/// var connection = new ReplayConnection(delivery).Read("GET / HTTP/1.1\r\nHost: a\r\n\r\n").Write("HTTP/1.1 404 Not Found\r\n...");
/// await handler.HandleAsync(connection, CancellationToken.None);
/// connection.AssertFinished();
/// </code></example>
public sealed class ReplayConnection : Connection
{
    private readonly List<ReplayStep> _steps = [];
    private readonly MemoryStream _written = new();
    private readonly Delivery _delivery;
    private readonly EndPoint? _remote;
    private readonly Worker? _worker = Worker.Current;
    private TaskCompletionSource? _gate;
    private Exception? _failure;
    private bool _boundary;
    private bool _reading;
    private bool _stopped;
    private bool _closed;
    private bool _writeFailed;
    private bool _losesWrites;
    private int _readAt;
    private int _readOffset;
    private int _writeAt;
    private int _writeOffset;

    /// <summary>Makes a connection with an empty script.</summary>
    /// <param name="delivery">In what pieces the bytes of the script arrive.</param>
    /// <param name="remote">What the digest shows as the peer.</param>
    public ReplayConnection(Delivery delivery = Delivery.Whole, EndPoint? remote = null)
    {
        _delivery = delivery;
        _remote = remote;
        _boundary = delivery != Delivery.Whole;
    }

    /// <inheritdoc/>
    public override Worker? Worker => _worker;

    /// <inheritdoc/>
    public override bool IsClosed => _closed;

    /// <inheritdoc/>
    public override bool HasLostWrite => _losesWrites;

    /// <summary>Everything that was written, as text, one character a byte (Latin-1).</summary>
    public string Written => Encoding.Latin1.GetString(_written.GetBuffer(), 0, (int)_written.Length);

    /// <summary>Whether the code under test has ended its direction.</summary>
    public bool IsWriteShutDown { get; private set; }

    /// <summary>Why the code under test has aborted; null when it has not.</summary>
    public NetException? AbortReason { get; private set; }

    /// <summary>The deadline that reads have now, as it was set.</summary>
    public TimeSpan ReadDeadline { get; private set; } = Timeout.InfiniteTimeSpan;

    /// <summary>The deadline that writes have now, as it was set.</summary>
    public TimeSpan WriteDeadline { get; private set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Step: these bytes arrive (Latin-1).</summary>
    public ReplayConnection Read(string text) => Read(Encoding.Latin1.GetBytes(text));

    /// <summary>Step: these bytes arrive.</summary>
    public ReplayConnection Read(ReadOnlyMemory<byte> bytes)
    {
        foreach (var piece in Fragmenter.Split(bytes, _delivery))
            Add(ReplayKind.Read, piece);
        return this;
    }

    /// <summary>Step: the code under test writes exactly these bytes (Latin-1).</summary>
    public ReplayConnection Write(string text) => Add(ReplayKind.Write, Encoding.Latin1.GetBytes(text));

    /// <summary>Step: the peer ends its direction in order.</summary>
    public ReplayConnection End() => Add(ReplayKind.End);

    /// <summary>Step: reads fail.</summary>
    public ReplayConnection FailRead(NetErrorKind kind = NetErrorKind.ReadError) => Add(ReplayKind.FailRead, error: kind);

    /// <summary>Step: the next write fails, and all that follow. Reads then go on with the steps behind it.</summary>
    public ReplayConnection FailWrite(NetErrorKind kind = NetErrorKind.WriteError) => Add(ReplayKind.FailWrite, error: kind);

    /// <summary>Step: the next write, and all that follow, succeed and are never sent (<see cref="HasLostWrite"/>). Reads then go on with the steps behind it.</summary>
    public ReplayConnection LoseWrites() => Add(ReplayKind.LoseWrites);

    /// <summary>Step: the peer sends nothing more. A read times out at once when it has a deadline, and fails the test when it has none.</summary>
    public ReplayConnection Silence() => Add(ReplayKind.Silence);

    /// <summary>Fails unless all bytes of the script were read and written, and nothing else was.</summary>
    public void AssertFinished()
    {
        if (_failure is not null)
            throw new XunitException(_failure.Message, _failure);
        if (_steps.Skip(_writeAt).FirstOrDefault(step => step.Kind == ReplayKind.Write) is { } write)
            throw new XunitException($"[{Readable.Escape(write.Bytes.Span[_writeOffset..])}] was not written; written: [{Readable.Escape(Written)}]");
        if (_steps.Skip(_readAt).FirstOrDefault(step => step.Kind == ReplayKind.Read) is { } read)
            throw new XunitException($"[{Readable.Escape(read.Bytes.Span[_readOffset..])}] was not read; written: [{Readable.Escape(Written)}]");
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        await WaitReadableAsync(stoppable: false);
        return Take(buffer.Span);
    }

    /// <inheritdoc/>
    public override bool TryRead(Memory<byte> buffer, out int count)
    {
        ThrowIfClosed();
        count = 0;
        if (_boundary || !IsReadable() || IsSilent)
            return false;
        count = Take(buffer.Span);
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<bool> WaitReadableAsync() => WaitReadableAsync(stoppable: true);

    /// <inheritdoc/>
    public override void StopWaiting()
    {
        _stopped = true;
        OpenGate();
    }

    /// <inheritdoc/>
    public override bool IsQuiet(bool probe) => !_closed && (!IsReadable() || IsSilent || _readAt == _steps.Count);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        ThrowIfClosed();
        if (IsWriteShutDown)
            throw Fail($"[{Readable.Escape(bytes.Span)}] was written after the end of the stream");
        var free = !_steps.Exists(step => IsOfWriter(step.Kind));
        var watched = !IsReadable();
        foreach (var value in bytes.Span)
        {
            if (!free)
                Expect(value);
            if (_losesWrites)
                break;
            _written.WriteByte(value);
        }
        OpenGate();
        if (watched && !_reading && IsReadable() && _readAt < _steps.Count)
            Watcher?.OnInput(this, _steps[_readAt].Kind is ReplayKind.End or ReplayKind.FailRead);
        return default;
    }

    /// <inheritdoc/>
    public override void ShutdownWrite() => IsWriteShutDown = true;

    /// <inheritdoc/>
    public override void SetReadDeadline(TimeSpan fromNow) => ReadDeadline = fromNow;

    /// <inheritdoc/>
    public override void SetWriteDeadline(TimeSpan fromNow) => WriteDeadline = fromNow;

    /// <inheritdoc/>
    public override void Abort(NetException reason)
    {
        AbortReason ??= reason;
        Close();
    }

    /// <inheritdoc/>
    public override void Close()
    {
        if (_closed)
            return;
        _closed = true;
        OpenGate();
        OnClosed();
    }

    /// <inheritdoc/>
    protected override ConnectionDigest CreateDigest() => new(_remote);

    private bool IsSilent => _readAt < _steps.Count && _steps[_readAt].Kind == ReplayKind.Silence;

    private ReplayConnection Add(ReplayKind kind, ReadOnlyMemory<byte> bytes = default, NetErrorKind error = default)
    {
        _steps.Add(new ReplayStep(kind, bytes, error));
        return this;
    }

    private static bool IsOfWriter(ReplayKind kind) => kind is ReplayKind.Write or ReplayKind.FailWrite or ReplayKind.LoseWrites;

    private static NetException Broken(NetErrorKind kind, string what) => new(kind, $"Connection [replay] {what}");

    private async ValueTask<bool> WaitReadableAsync(bool stoppable)
    {
        ThrowIfClosed();
        if (_reading)
            throw Fail("A read was begun while another one was pending");
        _reading = true;
        try
        {
            if (_boundary)
            {
                // Only a worker comes back to the thread that waits; what is awaited inline must not complete on another one.
                if (Net.Worker.Current is not null)
                    await Task.Yield();
                _boundary = false;
            }
            while (!IsReadable())
            {
                ThrowIfClosed();
                if (stoppable && _stopped)
                    return false;
                _gate = new TaskCompletionSource();
                await Deadline.AwaitAsync(_gate.Task, Deadline.Transfer, () => $"[{Readable.Escape(_steps[_writeAt].Bytes.Span[_writeOffset..])}] to be written before more arrives; written: [{Readable.Escape(Written)}]");
            }
            ThrowIfClosed();
            if (IsSilent)
                throw ReadDeadline == Timeout.InfiniteTimeSpan ? Fail("A read without a deadline waits for a peer that is silent") : Broken(NetErrorKind.ReadTimedOut, "sent nothing before the read deadline");
            return true;
        }
        catch (TimeoutException late)
        {
            _failure ??= late;
            throw;
        }
        finally
        {
            _reading = false;
        }
    }

    /// <summary>Whether a read would not wait: passes over the writes that are done.</summary>
    private bool IsReadable()
    {
        while (_readAt < _steps.Count && IsOfWriter(_steps[_readAt].Kind))
        {
            if (_readAt >= _writeAt && !_writeFailed && !_losesWrites)
                return false;
            _readAt++;
        }
        return true;
    }

    private int Take(Span<byte> buffer)
    {
        if (_readAt == _steps.Count || _steps[_readAt].Kind == ReplayKind.End)
            return 0;
        var step = _steps[_readAt];
        if (step.Kind == ReplayKind.FailRead)
            throw Broken(step.Error, "failed to read");
        var count = Math.Min(buffer.Length, step.Bytes.Length - _readOffset);
        step.Bytes.Span.Slice(_readOffset, count).CopyTo(buffer);
        _readOffset += count;
        if (_readOffset == step.Bytes.Length)
        {
            _readAt++;
            _readOffset = 0;
            _boundary = _delivery != Delivery.Whole;
        }
        return count;
    }

    private void Expect(byte value)
    {
        while (_writeAt < _steps.Count && !IsOfWriter(_steps[_writeAt].Kind))
            _writeAt++;
        if (_writeAt == _steps.Count)
            throw Fail($"[{Readable.Escape([value])}] was written, but nothing more was expected after [{Readable.Escape(Written)}]");
        var step = _steps[_writeAt];
        if (step.Kind == ReplayKind.FailWrite)
        {
            _writeFailed = true;
            OpenGate();
            throw Broken(step.Error, "failed to write");
        }

        if (step.Kind == ReplayKind.LoseWrites)
        {
            _losesWrites = true;
            return;
        }

        if (step.Bytes.Span[_writeOffset] != value)
            throw Fail($"[{Readable.Escape([value])}] was written, but [{Readable.Escape(step.Bytes.Span[_writeOffset..])}] was expected after [{Readable.Escape(Written)}]");
        if (++_writeOffset < step.Bytes.Length)
            return;
        _writeAt++;
        _writeOffset = 0;
    }

    private void OpenGate()
    {
        var gate = _gate;
        _gate = null;
        gate?.TrySetResult();
    }

    private void ThrowIfClosed()
    {
        if (_closed)
            throw AbortReason ?? Broken(NetErrorKind.ConnectionClosed, "is closed");
    }

    /// <summary>An error of the code under test; it is thrown again by <see cref="AssertFinished"/>, because that code may well catch it.</summary>
    private XunitException Fail(string message)
    {
        var failure = new XunitException(message);
        _failure ??= failure;
        return failure;
    }
}
