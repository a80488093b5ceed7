using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Securely.Net;

namespace Securely.Http;

/// <content>What the peer sends: kept until it is read, and only then may more of it come.</content>
internal sealed partial class Http2Stream : IValueTaskSource<bool>
{
    // How long, and for how many bytes, the rest of a request that nobody reads is waited for: many clients send a short body whole before they look
    // at the response, and some lose it to a reset.
    private const int MostLingered = 64 * 1024;
    private static readonly TimeSpan _longestLinger = TimeSpan.FromSeconds(1);

    private readonly StreamBuffer _input = new();
    private InlineCompletion<bool> _read;
    private ReceiveWindow _window;
    private WorkerTimer? _readTimer;
    private Pace _pace;
    private long _readBegan;
    private long _expected;
    private int _lent;
    private bool _isReading;
    private bool _isPaced;
    private bool _isDiscarding;
    private bool _isLingering;
    private int _lingered;

    /// <summary>How many bytes of body have been given out.</summary>
    internal long BodyBytes { get; private set; }

    /// <summary>Whether the body has been given out to its end.</summary>
    internal bool IsBodyEnded => IsRemoteEnded && _input.Length == _lent;

    /// <summary>How long one wait for the body may take.</summary>
    internal TimeSpan BodyTimeout { get; set; }

    private int Waiting => _input.Length - _lent;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        var chunk = await ReadBodyAsync(buffer.Length);
        chunk.Data.CopyTo(buffer);
        return chunk.Data.Length;
    }

    public override bool TryRead(Memory<byte> buffer, out int count)
    {
        var isThere = TryReadBody(out var chunk, buffer.Length);
        chunk.Data.CopyTo(buffer);
        count = chunk.Data.Length;
        return isThere;
    }

    public override async ValueTask<bool> WaitReadableAsync()
    {
        if (!IsClosed && Waiting == 0 && !IsRemoteEnded)
            await WhenReadableAsync();
        return true;
    }

    public override bool IsQuiet(bool probe) => !IsClosed && Waiting == 0 && !IsRemoteEnded;

    /// <summary>The rate that the peer has to send the body at, until <see cref="EndPace"/>.</summary>
    internal void BeginPace(in Pace pace)
    {
        _pace = pace;
        _isPaced = pace.IsAsked;
    }

    /// <summary>No rate is asked for any more; a wait that is pending has the plain timeout from here on.</summary>
    internal void EndPace()
    {
        if (!_isPaced)
            return;
        _isPaced = false;
        if (_isReading)
            ArmRead(Worker.Current!);
    }

    /// <summary>How long the body has to be; less or more breaks the stream (RFC 9113 8.1.1). -1: it may have any length.</summary>
    internal void Expect(long length) => _expected = length;

    /// <summary>Gives body bytes that are there now; they are valid until the next read.</summary>
    /// <exception cref="NetException">The stream is dead, or its body is not wanted any more.</exception>
    internal bool TryReadBody(out BodyChunk chunk, int most = int.MaxValue)
    {
        ReturnLent();
        if (_failure is not null)
            throw _failure;
        if (_isDiscarding)
            throw Unwanted();
        var data = _input.Peek(most);
        _lent = data.Length;
        BodyBytes += data.Length;
        chunk = new BodyChunk(data, IsBodyEnded);
        return !data.IsEmpty || IsRemoteEnded;
    }

    /// <summary>Waits for body bytes, or its end.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    internal async ValueTask<BodyChunk> ReadBodyAsync(int most = int.MaxValue)
    {
        BodyChunk chunk;
        while (!TryReadBody(out chunk, most))
            await WhenReadableAsync();
        return chunk;
    }

    /// <summary>Waits until bytes, the end or an error are there.</summary>
    internal ValueTask<bool> WhenReadableAsync()
    {
        if (_isReading)
            throw new InvalidOperationException("A read is pending already.");
        _read.Reset();
        _isReading = true;
        var worker = Worker.Current!;
        _readBegan = worker.Now;
        ArmRead(worker);
        return new ValueTask<bool>(this, _read.Version);
    }

    /// <summary>Lets a pending read end with a timeout; nothing is lost.</summary>
    internal void InterruptRead()
    {
        if (_isReading)
            FinishRead(Broken(NetErrorKind.ReadTimedOut, "was not read on"));
    }

    /// <summary>What still comes is thrown away; a pending read fails.</summary>
    internal void Discard()
    {
        if (_isDiscarding)
            return;
        _isDiscarding = true;
        DropInput();
        if (_isReading)
            FinishRead(Unwanted());
    }

    /// <summary>
    /// Waits a moment for the end of the message that nobody reads any more. It is held to its rules meanwhile, and thrown away. That it has not
    /// ended afterwards is no error.
    /// </summary>
    internal ValueTask<bool> LingerAsync()
    {
        Discard();
        if (_isReading || _expected > MostLingered)
            return new ValueTask<bool>(false);
        EndPace();
        BodyTimeout = _longestLinger;
        _isLingering = true;
        _lingered = 0;
        return WhenReadableAsync();
    }

    /// <summary>Whether the stream's own window allows a frame of that size.</summary>
    internal bool TryReceive(int size) => _window.TryReceive(size);

    /// <summary>Takes the content of DATA, and perhaps the end.</summary>
    /// <param name="data">Without padding.</param>
    /// <param name="padding">What else counts for the windows.</param>
    /// <param name="isEnd">Whether END_STREAM is set.</param>
    internal void OnData(ReadOnlySpan<byte> data, int padding, bool isEnd)
    {
        if (_expected >= 0)
        {
            _expected -= data.Length;
            if (_expected < 0)
            {
                _owner.Consumed(data.Length + padding);
                OnBroken(Http2ErrorCode.ProtocolError, "its body is longer than was announced");
                return;
            }
        }

        if (_isPaced)
            _pace.Moved(data.Length);
        if (_isDiscarding)
        {
            // The stream's own window stays shut: the peer need not send what nobody reads.
            _owner.Consumed(data.Length + padding);
            _lingered += data.Length + padding;
        }
        else
        {
            _input.Write(data, _owner.Pool);
            if (padding > 0)
                Consumed(padding);
        }

        if (isEnd)
            OnRemoteEnd();
        else if (_isReading && !data.IsEmpty && (!_isLingering || _lingered > MostLingered))
            FinishRead(null);
    }

    /// <summary>A head has come: whoever waits looks at it.</summary>
    internal void OnHead()
    {
        if (_isReading)
            FinishRead(null);
    }

    /// <summary>Changes <see cref="BodyTimeout"/>, for a wait that is pending too.</summary>
    internal void SetBodyTimeout(TimeSpan timeout)
    {
        BodyTimeout = timeout;
        if (_isReading)
            ArmRead(Worker.Current!);
    }

    /// <summary>END_STREAM has come. A body that is shorter than was announced breaks the stream.</summary>
    internal void OnRemoteEnd()
    {
        if (_expected > 0)
        {
            OnBroken(Http2ErrorCode.ProtocolError, "its body is shorter than was announced");
            return;
        }

        IsRemoteEnded = true;
        _owner.EndIfDone(this);
        if (_isReading)
            FinishRead(null);
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _read.GetStatus(token);

    bool IValueTaskSource<bool>.GetResult(short token) => _read.GetResult(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token);

    private NetException Unwanted() => Broken(NetErrorKind.ConnectionClosed, "is not wanted any more");

    private void ArmRead(Worker worker)
    {
        var patience = _isPaced ? Least(BodyTimeout, _pace.Left) : BodyTimeout;
        if (patience == Timeout.InfiniteTimeSpan)
            _readTimer?.Clear();
        else
            (_readTimer ??= new WorkerTimer(static stream => ((Http2Stream)stream!).OnReadDeadline(), this)).Set(worker, patience);
    }

    private void OnReadDeadline()
    {
        if (_isReading)
            FinishRead(Broken(NetErrorKind.ReadTimedOut, "sent nothing before the read deadline"));
    }

    private void FinishRead(NetException? error)
    {
        _isReading = false;
        _readTimer?.Clear();
        if (_isPaced)
            _pace.Waited(Worker.Current!.Now - _readBegan);
        if (error is null || _isLingering)
            _read.SetResult(true);
        else
            _read.SetException(error);
    }

    /// <summary>What was given out last has been read by now.</summary>
    private void ReturnLent()
    {
        if (_lent == 0)
            return;
        var count = _lent;
        _lent = 0;
        _input.Take(count, _owner.Pool);
        Consumed(count);
    }

    /// <summary>Gives up what waits, but for what somebody may still be reading.</summary>
    private void DropInput()
    {
        var dropped = _input.Truncate(_lent, _owner.Pool);
        if (dropped > 0)
            _owner.Consumed(dropped);
    }

    /// <summary>Opens the windows again by what was read.</summary>
    private void Consumed(int count)
    {
        _owner.Consumed(count);
        if (IsRemoteEnded || IsClosed || _isDiscarding)
            return;
        var increment = _window.Consume(count);
        if (increment > 0)
            _owner.WriteWindowUpdate(Id, increment);
    }
}
