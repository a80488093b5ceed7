using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;

namespace Securely.Proxy;

/// <summary>Which trace a request belongs to, and which span of it asks: the value of a <c>traceparent</c> field (W3C Trace Context 3.2).</summary>
/// <param name="TraceId">The trace; 0 for none.</param>
/// <param name="SpanId">The span; 0 for none.</param>
/// <param name="IsSampled">Whether whoever asks records the trace.</param>
/// <param name="IsRandom">Whether the trace's number was drawn at random, which later versions of the field say and which has to be passed on.</param>
internal readonly record struct TraceParent(UInt128 TraceId, ulong SpanId, bool IsSampled, bool IsRandom)
{
    /// <summary>Characters of a value that we write.</summary>
    internal const int Length = 55;

    /// <summary>Characters of a trace's number.</summary>
    internal const int TraceIdLength = 32;

    /// <summary>Characters of a span's number.</summary>
    internal const int SpanIdLength = 16;

    private const int TraceIdAt = 3;
    private const int SpanIdAt = 36;
    private const int FlagsAt = 53;
    private const byte Sampled = 1;
    private const byte Random = 2;

    /// <summary>
    /// Reads a value. Version 0 has to be exact; of a later one what version 0 has is read, and ff is none. Numbers are in lower case and not 0.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out TraceParent parent)
    {
        parent = default;
        if (text.Length < Length || text[TraceIdAt - 1] != '-' || text[SpanIdAt - 1] != '-' || text[FlagsAt - 1] != '-')
            return false;
        if (!TryHex(text[..2], out var version) || version == 0xff)
            return false;
        if (text.Length > Length && (version == 0 || text[Length] != '-'))
            return false;
        if (!TryHex(text.Slice(TraceIdAt, 16), out var high) || !TryHex(text.Slice(TraceIdAt + 16, 16), out var low)
            || !TryHex(text.Slice(SpanIdAt, SpanIdLength), out var span) || !TryHex(text.Slice(FlagsAt, 2), out var flags))
            return false;
        if ((high | low) == 0 || span == 0)
            return false;
        parent = new TraceParent(new UInt128(high, low), span, (flags & Sampled) != 0, (flags & Random) != 0);
        return true;
    }

    /// <summary>Reads the field of a request; more than one of it is none.</summary>
    internal static bool TryRead(Http.HeaderMap headers, out TraceParent parent)
    {
        parent = default;
        var found = false;
        // Most requests have none, which is known without looking through the fields.
        if (!headers.Contains(Http.HeaderName.Traceparent))
            return false;
        foreach (var field in headers)
        {
            if (field.Known != Http.KnownHeader.Traceparent)
                continue;
            if (found || !TryParse(field.Value, out parent))
            {
                parent = default;
                return false;
            }

            found = true;
        }

        return found;
    }

    /// <summary>Who an activity is, for those that it asks.</summary>
    internal static TraceParent Of(Activity activity, bool isRandom)
    {
        Span<byte> bytes = stackalloc byte[16];
        activity.TraceId.CopyTo(bytes);
        var trace = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        activity.SpanId.CopyTo(bytes[..sizeof(ulong)]);
        return new TraceParent(trace, BinaryPrimitives.ReadUInt64BigEndian(bytes), activity.Recorded, isRandom);
    }

    /// <summary>A trace of its own that nobody records.</summary>
    internal static TraceParent CreateUnsampled(Random random)
    {
        Span<byte> bytes = stackalloc byte[24];
        while (true)
        {
            random.NextBytes(bytes);
            var made = new TraceParent(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]), false, false);
            if (made.TraceId != 0 && made.SpanId != 0)
                return made;
        }
    }

    /// <summary>The parent of an activity of ours.</summary>
    internal ActivityContext ToContext(string? state)
    {
        Span<byte> bytes = stackalloc byte[24];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, TraceId);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], SpanId);
        return new ActivityContext(
            ActivityTraceId.CreateFromBytes(bytes[..16]),
            ActivitySpanId.CreateFromBytes(bytes[16..]),
            IsSampled ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None,
            state,
            isRemote: true);
    }

    /// <summary>Writes the value in version 0.</summary>
    /// <param name="output">Room for <see cref="Length"/> bytes.</param>
    internal void Write(Span<byte> output)
    {
        "00-"u8.CopyTo(output);
        WriteTraceId(output[TraceIdAt..]);
        output[SpanIdAt - 1] = (byte)'-';
        WriteSpanId(output[SpanIdAt..]);
        output[FlagsAt - 1] = (byte)'-';
        output[FlagsAt] = (byte)'0';
        output[FlagsAt + 1] = (byte)('0' + (IsSampled ? Sampled : 0) + (IsRandom ? Random : 0));
    }

    /// <summary>Writes the trace's number, <see cref="TraceIdLength"/> characters.</summary>
    internal void WriteTraceId(Span<byte> output) => TraceId.TryFormat(output, out _, "x32", CultureInfo.InvariantCulture);

    /// <summary>Writes the span's number, <see cref="SpanIdLength"/> characters.</summary>
    internal void WriteSpanId(Span<byte> output) => SpanId.TryFormat(output, out _, "x16", CultureInfo.InvariantCulture);

    private static bool TryHex(ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        foreach (var digit in text)
        {
            var nibble = digit switch
            {
                >= (byte)'0' and <= (byte)'9' => digit - '0',
                >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
                _ => -1,
            };
            if (nibble < 0)
                return false;
            value = (value << 4) | (uint)nibble;
        }

        return true;
    }
}
