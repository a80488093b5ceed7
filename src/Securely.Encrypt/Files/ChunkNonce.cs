using System.Buffers.Binary;

namespace Securely.Encrypt;

/// <summary>The nonce of a chunk: its number, so that none can change places, and whether it is the last, so that none can be cut off.</summary>
internal sealed class ChunkNonce
{
    private readonly byte[] _bytes = new byte[12];

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>How many chunks there were.</summary>
    public long Count { get; private set; }

    public ReadOnlySpan<byte> Next(bool isLast)
    {
        BinaryPrimitives.WriteInt64BigEndian(_bytes.AsSpan(3), Count++);
        _bytes[^1] = isLast ? (byte)1 : (byte)0;
        return _bytes;
    }
}
