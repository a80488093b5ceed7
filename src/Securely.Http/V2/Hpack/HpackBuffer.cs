using System.Buffers;

namespace Securely.Http;

/// <summary>A growing buffer from the shared pool, which holds an encoded block until it has been written. Not safe for concurrent use.</summary>
internal sealed class HpackBuffer
{
    private const int FirstBytes = 1024;

    private byte[] _bytes = [];

    /// <summary>How many bytes are written.</summary>
    public int Length { get; private set; }

    /// <summary>What is written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>What is written, as memory; valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>Room for more; what was taken before is invalid.</summary>
    /// <param name="length">At least so many bytes.</param>
    public Span<byte> GetSpan(int length)
    {
        if (_bytes.Length - Length < length)
            Grow(length);
        return _bytes.AsSpan(Length);
    }

    /// <summary>Counts bytes as written.</summary>
    public void Advance(int count) => Length += count;

    /// <summary>Forgets what is written and keeps the memory.</summary>
    public void Clear() => Length = 0;

    /// <summary>Gives the memory back; it may be used again.</summary>
    public void Release()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }

    private void Grow(int length)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBytes, Math.Max(Length + length, _bytes.Length * 2)));
        Written.CopyTo(bytes);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = bytes;
    }
}
