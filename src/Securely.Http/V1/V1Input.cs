using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Securely.Net;

namespace Securely.Http;

/// <summary>
/// The receiving side of one HTTP/1 connection: the buffer with the head, and the body behind it. A head stays where it was parsed until its
/// message ends, so that its fields stay valid; a body that outgrows the rest of the buffer gets a buffer of its own.
/// </summary>
/// <remarks>Lives on the connection's worker. Between messages without left-over bytes it holds no buffer.</remarks>
internal sealed partial class V1Input
{
    // Also the most that a head of default limits takes: 8 KiB of request line, 64 KiB of fields and the line ends.
    private const int Spare = 4096;

    // What is left behind a head is used for a body of unknown length, if it is at least so much.
    private const int LeastRoom = 1024;

    private const long Never = long.MaxValue;

    private Connection _connection = null!;
    private SlabPool _pool = null!;

    // A client that sends its head slowly holds little, and most requests fit; a response comes with its body.
    private readonly int _firstBytes;
    private byte[]? _headBuffer;
    private byte[]? _bodyBuffer;
    private int _headStart;
    private int _headEnd;
    private int _start;
    private int _end;
    private bool _inBodyBuffer;
    private long _remaining;
    private BodyFraming _framing;
    private ChunkedReader _chunks;
    private readonly ErrorSource _source;
    private bool _ended = true;
    private bool _isPaced;
    private Pace _pace;
    private long _until = Never;

    internal V1Input(HttpLimits limits, bool isResponse)
    {
        _chunks = new ChunkedReader(limits, isResponse);
        _firstBytes = isResponse ? SlabPool.Small : SlabPool.Head;
        _source = isResponse ? ErrorSource.Upstream : ErrorSource.Downstream;
    }

    /// <summary>Whether received bytes wait that belong to no message yet.</summary>
    internal bool HasUnread => _start < _end;

    /// <summary>Whether the body of the present message has been read to its end.</summary>
    internal bool IsBodyEnded => _ended;

    internal HeaderMap? Trailers => _chunks.Trailers;

    internal byte[] HeadBuffer => _headBuffer!;

    internal int HeadStart => _headStart;

    internal int End => _end;

    /// <summary>How many bytes of body have been given out.</summary>
    internal long BodyBytes { get; private set; }

    /// <summary>How long one read of a body may take; a change holds from the next read on, even inside of <see cref="ReadBodyAsync"/>.</summary>
    internal TimeSpan BodyTimeout { get; set; }

    /// <summary>The rate that the peer has to send bodies at. It is asked for from the beginning of a message until <see cref="EndPace"/>.</summary>
    internal Pace Pace { set => _pace = value; }

    internal BodyFraming Framing => _framing;

    internal void Open(Connection connection, SlabPool pool)
    {
        _connection = connection;
        _pool = pool;
        _ended = true;
        _headStart = _headEnd = _start = _end = 0;
        BodyBytes = 0;
    }

    /// <summary>Gives all memory back; unread bytes are lost.</summary>
    internal void Close()
    {
        Release(ref _headBuffer);
        Release(ref _bodyBuffer);
        _chunks.Reset();
        _inBodyBuffer = false;
        _headStart = _headEnd = _start = _end = 0;
        _ended = true;
    }

    /// <summary>Prepares for the next head: left-over bytes become its beginning, everything else is given back.</summary>
    internal void BeginMessage()
    {
        _chunks.Reset();
        if (_inBodyBuffer)
        {
            Release(ref _headBuffer);
            _headBuffer = _bodyBuffer;
            _bodyBuffer = null;
            _inBodyBuffer = false;
        }
        else
        {
            Release(ref _bodyBuffer);
        }

        if (_start == _end)
        {
            Release(ref _headBuffer);
            _start = _end = 0;
        }

        _headStart = _start;
        _ended = true;
        _until = Never;
        _isPaced = _pace.IsAsked;
        _pace.Reset();
        BodyBytes = 0;
    }

    /// <summary>Reads more of a head without suspending; 0 bytes is the peer's end.</summary>
    /// <param name="most">The most bytes that a head may have; the buffer grows up to it.</param>
    /// <param name="count">How many bytes came.</param>
    internal bool TryFillHead(int most, out int count)
    {
        MakeRoomForHead(most);
        if (!_connection.TryRead(_headBuffer.AsMemory(_end), out count))
            return false;
        _end += count;
        return true;
    }

    internal ValueTask<int> FillHeadAsync(int most)
    {
        MakeRoomForHead(most);
        var read = _connection.ReadAsync(_headBuffer.AsMemory(_end));
        if (!read.IsCompletedSuccessfully)
            return AwaitFillAsync(read);
        var count = read.Result;
        _end += count;
        return new ValueTask<int>(count);
    }

    /// <summary>Gives the buffer back when nothing has arrived, so that waiting costs no memory.</summary>
    internal void ReleaseIfEmpty()
    {
        if (_start == _end && !_inBodyBuffer)
        {
            Release(ref _headBuffer);
            _headStart = _start = _end = 0;
        }
    }

    /// <summary>The head has been parsed: what follows it is its body.</summary>
    internal void EndHead(int consumed, in MessageFraming framing)
    {
        _headEnd = _headStart + consumed;
        _start = _headEnd;
        BeginBody(framing.Body, framing.Length);
    }

    /// <summary>An informational head has been parsed: another head follows it.</summary>
    internal void SkipHead(int consumed) => _headStart = _start = _headStart + consumed;

    /// <summary>Whether these bytes lie where the next read will write.</summary>
    internal bool Holds(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var part) && part.Count > 0
        && (ReferenceEquals(part.Array, _headBuffer) || ReferenceEquals(part.Array, _bodyBuffer));

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> AwaitFillAsync(ValueTask<int> read)
    {
        var count = await read;
        _end += count;
        return count;
    }

    private void MakeRoomForHead(int most)
    {
        if (_headBuffer is null)
        {
            _headBuffer = _pool.Rent(_firstBytes);
            return;
        }

        if (_end < _headBuffer.Length)
            return;
        var used = _end - _headStart;
        if (_headStart > 0 && used <= _headBuffer.Length / 2)
        {
            _headBuffer.AsSpan(_headStart, used).CopyTo(_headBuffer);
        }
        else
        {
            var larger = _pool.Rent(Math.Min(_headBuffer.Length * 4, Math.Max(most + Spare, used + Spare)));
            _headBuffer.AsSpan(_headStart, used).CopyTo(larger);
            _pool.Return(_headBuffer);
            _headBuffer = larger;
        }

        _headStart = 0;
        _start = 0;
        _end = used;
    }

    private void Release(ref byte[]? buffer)
    {
        if (buffer is null)
            return;
        _pool.Return(buffer);
        buffer = null;
    }
}
