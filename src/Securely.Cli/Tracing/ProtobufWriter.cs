using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Securely.Cli;

/// <summary>Writes a message in the binary format of protocol buffers (protobuf.dev/programming-guides/encoding). Not thread-safe.</summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0;
    private const int Bits64 = 1;
    private const int Delimited = 2;
    private const int Bits32 = 5;

    private byte[] _buffer = new byte[4096];
    private int _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Clear() => _length = 0;

    public void Unsigned(int field, ulong value)
    {
        Tag(field, Varint);
        Put(value);
    }

    public void Fixed64(int field, ulong value)
    {
        Tag(field, Bits64);
        BinaryPrimitives.WriteUInt64LittleEndian(Take(sizeof(ulong)), value);
    }

    public void Fixed32(int field, uint value)
    {
        Tag(field, Bits32);
        BinaryPrimitives.WriteUInt32LittleEndian(Take(sizeof(uint)), value);
    }

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, Delimited);
        Put((ulong)value.Length);
        value.CopyTo(Take(value.Length));
    }

    public void Text(int field, string value)
    {
        Tag(field, Delimited);
        var length = Encoding.UTF8.GetByteCount(value);
        Put((ulong)length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    /// <summary>Begins a message in this one; <see cref="End"/> takes what is returned.</summary>
    public int Begin(int field)
    {
        Tag(field, Delimited);
        // The length of most messages takes one byte; a longer one is moved to make room.
        Take(1);
        return _length;
    }

    public void End(int start)
    {
        var length = _length - start;
        var room = (BitOperations.Log2((uint)length | 1) / 7) + 1;
        if (room > 1)
        {
            Take(room - 1);
            _buffer.AsSpan(start, length).CopyTo(_buffer.AsSpan(start + room - 1));
        }

        var end = _length;
        _length = start - 1;
        Put((ulong)length);
        _length = end;
    }

    private void Tag(int field, int type) => Put((ulong)((field << 3) | type));

    private void Put(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            Take(1)[0] = (byte)(value | 0x80);
        Take(1)[0] = (byte)value;
    }

    private Span<byte> Take(int count)
    {
        if (_buffer.Length - _length < count)
            Array.Resize(ref _buffer, (int)Math.Max((uint)_buffer.Length * 2, (uint)(_length + count)));
        var taken = _buffer.AsSpan(_length, count);
        _length += count;
        return taken;
    }
}
