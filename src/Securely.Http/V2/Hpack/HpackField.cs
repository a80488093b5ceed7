namespace Securely.Http;

/// <summary>A decoded field line. Its spans are valid only while it is handed over.</summary>
/// <param name="known">Which known name it has.</param>
/// <param name="name">The name as it came.</param>
/// <param name="value">The value as it came.</param>
/// <param name="isSensitive">Whether it came as never indexed.</param>
internal readonly ref struct HpackField(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool isSensitive)
{
    /// <summary>Which known name it has; unknown for pseudo-header fields.</summary>
    public KnownHeader Known { get; } = known;

    /// <summary>The name as it came: not checked, perhaps empty.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>The value as it came: not checked.</summary>
    public ReadOnlySpan<byte> Value { get; } = value;

    /// <summary>Whether it came as never indexed, and so has to be passed on as such (RFC 7541 6.2.3).</summary>
    public bool IsSensitive { get; } = isSensitive;
}

/// <summary>Takes the fields of a block in their order.</summary>
internal interface IHpackSink
{
    /// <summary>Takes a field. What is wrong with it is remembered until the block has ended: decoding goes on, for the table's sake.</summary>
    void OnField(scoped HpackField field);
}

/// <summary>How the decoding of a block ended.</summary>
internal enum HpackStatus : byte
{
    /// <summary>All fields were handed over.</summary>
    Done,

    /// <summary>The fields exceed a limit: those after it were not handed over. The table is in step; the stream gets 431 or is reset.</summary>
    TooLarge,

    /// <summary>The block cannot be decoded: a connection error of type COMPRESSION_ERROR (RFC 9113 4.3). The decoder is of no use any more.</summary>
    Error,
}
