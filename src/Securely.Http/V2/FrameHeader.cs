using System.Buffers.Binary;

namespace Securely.Http;

/// <summary>The nine bytes before every frame's payload (RFC 9113 4.1).</summary>
/// <param name="Length">Of the payload.</param>
/// <param name="Type">What the frame is.</param>
/// <param name="Flags">By type.</param>
/// <param name="StreamId">0 for the connection.</param>
internal readonly record struct FrameHeader(int Length, FrameType Type, FrameFlags Flags, int StreamId)
{
    internal const int Size = 9;

    internal static FrameHeader Read(ReadOnlySpan<byte> bytes) => new(
        (bytes[0] << 16) | (bytes[1] << 8) | bytes[2],
        (FrameType)bytes[3],
        (FrameFlags)bytes[4],
        BinaryPrimitives.ReadInt32BigEndian(bytes[5..]) & int.MaxValue);

    internal bool Has(FrameFlags flag) => (Flags & flag) != 0;

    internal void Write(Span<byte> destination)
    {
        destination[0] = (byte)(Length >> 16);
        destination[1] = (byte)(Length >> 8);
        destination[2] = (byte)Length;
        destination[3] = (byte)Type;
        destination[4] = (byte)Flags;
        BinaryPrimitives.WriteInt32BigEndian(destination[5..], StreamId);
    }
}
