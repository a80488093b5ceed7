using System.Buffers;

namespace Securely.Http;

/// <content>Where the lines of the head lie.</content>
internal sealed partial class RequestFields
{
    private const int FirstBytes = 1024;

    private readonly byte[] _own = new byte[FirstBytes];
    private byte[] _buffer;
    private byte[]? _outgrown;
    private int _length;

    /// <summary>Adds a line as HTTP/1 writes it. The bytes may lie in the buffer themselves.</summary>
    private void Add(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        // A span into an array that is replaced stays good: that one is kept until the next is.
        Reserve(name.Length + value.Length + 4);
        var nameOffset = _length;
        Put(name);
        Put(": "u8);
        var valueOffset = _length;
        Put(value);
        Put("\r\n"u8);
        _header.Headers.AppendInPlace(known, nameOffset, name.Length, valueOffset, value.Length, wholeLine: true);
    }

    private ReadOnlySpan<byte> Bytes(Part part) => _buffer.AsSpan(part.Offset, part.Length);

    /// <summary>Room for more, in a rented array when the own one is too small: large heads, most of which are refused, leave no garbage.</summary>
    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            ReturnOutgrown();
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + count));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            if (_buffer != _own)
                _outgrown = _buffer;
            _buffer = larger;
        }

        return _buffer.AsSpan(_length);
    }

    private void ReturnOutgrown()
    {
        if (_outgrown is null)
            return;
        ArrayPool<byte>.Shared.Return(_outgrown);
        _outgrown = null;
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void ClearBuffer()
    {
        ReturnOutgrown();
        if (_buffer != _own)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = _own;
        _length = 0;
    }

    private readonly record struct Part(int Offset, int Length, bool IsThere);
}
