using Securely.Net;

namespace Securely.Proxy;

/// <summary>The beginning of a request's body, kept so that it can be sent again (PRX-03, H1S-21).</summary>
internal sealed class RetryBuffer
{
    internal const int Size = 64 * 1024;

    private byte[]? _buffer;
    private int _length;

    /// <summary>Whether more has been read than is kept.</summary>
    internal bool IsTruncated { get; private set; }

    internal ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    internal void Add(ReadOnlySpan<byte> bytes)
    {
        if (IsTruncated || bytes.IsEmpty)
            return;
        if (_length + bytes.Length > Size)
        {
            Clear();
            IsTruncated = true;
            return;
        }

        _buffer ??= Worker.Current!.Buffers.Rent(Size);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    internal void Clear()
    {
        IsTruncated = false;
        _length = 0;
        if (_buffer is null)
            return;
        Worker.Current!.Buffers.Return(_buffer);
        _buffer = null;
    }
}
