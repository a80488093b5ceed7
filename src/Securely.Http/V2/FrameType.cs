namespace Securely.Http;

/// <summary>The frame types of RFC 9113 6 and RFC 9218 7.1. Any other is ignored.</summary>
internal enum FrameType : byte
{
    Data = 0x0,
    Headers = 0x1,
    Priority = 0x2,
    RstStream = 0x3,
    Settings = 0x4,
    PushPromise = 0x5,
    Ping = 0x6,
    GoAway = 0x7,
    WindowUpdate = 0x8,
    Continuation = 0x9,
    PriorityUpdate = 0x10,
}

/// <summary>The flags of frames; a bit means different things in different types.</summary>
[Flags]
internal enum FrameFlags : byte
{
    None = 0,

    /// <summary>DATA and HEADERS: nothing follows from this side.</summary>
    EndStream = 0x1,

    /// <summary>SETTINGS and PING: this is the answer.</summary>
    Ack = EndStream,

    /// <summary>HEADERS and CONTINUATION: the block is complete.</summary>
    EndHeaders = 0x4,

    /// <summary>DATA and HEADERS: a length and as much padding.</summary>
    Padded = 0x8,

    /// <summary>HEADERS: five bytes of the priority that RFC 9113 has given up.</summary>
    Priority = 0x20,
}
