using System.Buffers.Binary;

namespace Securely.Http;

/// <summary>The parameters of SETTINGS (RFC 9113 6.5.2, RFC 8441 3, RFC 9218 2.1).</summary>
internal enum Http2Setting : ushort
{
    HeaderTableSize = 0x1,
    EnablePush = 0x2,
    MaxConcurrentStreams = 0x3,
    InitialWindowSize = 0x4,
    MaxFrameSize = 0x5,
    MaxHeaderListSize = 0x6,
    EnableConnectProtocol = 0x8,
    NoRfc7540Priorities = 0x9,
}

/// <summary>What the peer has said of itself; until it does, the values of RFC 9113 6.5.2.</summary>
internal struct Http2Settings()
{
    /// <summary>The bytes of one parameter.</summary>
    internal const int ItemSize = 6;

    private const int LargestFrame = (1 << 24) - 1;

    internal uint HeaderTableSize { get; private set; } = 4096;

    internal uint MaxConcurrentStreams { get; private set; } = uint.MaxValue;

    internal int InitialWindowSize { get; private set; } = FlowWindow.Initial;

    internal int MaxFrameSize { get; private set; } = 16_384;

    internal uint MaxHeaderListSize { get; private set; } = uint.MaxValue;

    internal bool EnableConnectProtocol { get; private set; }

    /// <summary>Takes one parameter; one that is not known is ignored.</summary>
    /// <param name="item">Its bytes.</param>
    /// <param name="isFromServer">Whether a server says it, which may not ask for pushes (RFC 9113 6.5.2).</param>
    /// <exception cref="Http2Exception">The value is not allowed.</exception>
    internal void Apply(ReadOnlySpan<byte> item, bool isFromServer)
    {
        var value = BinaryPrimitives.ReadUInt32BigEndian(item[2..]);
        switch ((Http2Setting)BinaryPrimitives.ReadUInt16BigEndian(item))
        {
            case Http2Setting.HeaderTableSize:
                HeaderTableSize = value;
                break;
            case Http2Setting.EnablePush when value > (isFromServer ? 0u : 1u):
                throw Bad("ENABLE_PUSH", value);
            case Http2Setting.MaxConcurrentStreams:
                MaxConcurrentStreams = value;
                break;
            case Http2Setting.InitialWindowSize:
                InitialWindowSize = value <= int.MaxValue ? (int)value : throw Bad("INITIAL_WINDOW_SIZE", value, Http2ErrorCode.FlowControlError);
                break;
            case Http2Setting.MaxFrameSize:
                MaxFrameSize = value is >= 16_384 and <= LargestFrame ? (int)value : throw Bad("MAX_FRAME_SIZE", value);
                break;
            case Http2Setting.MaxHeaderListSize:
                MaxHeaderListSize = value;
                break;
            case Http2Setting.EnableConnectProtocol:
                // Once it is offered it may not be taken back (RFC 8441 3).
                EnableConnectProtocol = value == 1 || (value == 0 && !EnableConnectProtocol ? false : throw Bad("ENABLE_CONNECT_PROTOCOL", value));
                break;
            case Http2Setting.NoRfc7540Priorities when value > 1:
                throw Bad("NO_RFC7540_PRIORITIES", value);
        }
    }

    internal static int Write(Span<byte> destination, Http2Setting setting, uint value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)setting);
        BinaryPrimitives.WriteUInt32BigEndian(destination[2..], value);
        return ItemSize;
    }

    private static Http2Exception Bad(string name, uint value, Http2ErrorCode code = Http2ErrorCode.ProtocolError) =>
        new(code, $"Setting [{name}] may not be [{value}]");
}
