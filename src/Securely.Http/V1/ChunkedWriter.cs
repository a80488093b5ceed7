using System.Numerics;

namespace Securely.Http;

/// <summary>Writes the chunked transfer coding (RFC 9112 7.1): a head, the data as it is, and a line end; then the last chunk.</summary>
internal static class ChunkedWriter
{
    /// <summary>The most bytes that a chunk head takes: sixteen digits and CRLF.</summary>
    public const int MaxHeadLength = 18;

    /// <summary>The most bytes that are added to the data of a chunk.</summary>
    public const int MaxOverhead = MaxHeadLength + 2;

    private static ReadOnlySpan<byte> Digits => "0123456789abcdef"u8;

    /// <summary>What follows the data of a chunk.</summary>
    public static ReadOnlySpan<byte> ChunkEnd => "\r\n"u8;

    /// <summary>The last chunk and an empty trailer section.</summary>
    public static ReadOnlySpan<byte> Last => "0\r\n\r\n"u8;

    /// <summary>How many bytes the head of a chunk takes.</summary>
    /// <param name="length">The bytes of data; more than 0, as 0 would end the body.</param>
    public static int GetHeadLength(long length) => ((BitOperations.Log2((ulong)length) >> 2) + 1) + 2;

    /// <summary>Writes the head of a chunk and returns how many bytes.</summary>
    /// <param name="destination">Room for <see cref="GetHeadLength"/> bytes.</param>
    /// <param name="length">The bytes of data; more than 0, as 0 would end the body.</param>
    public static int WriteHead(Span<byte> destination, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        int total = GetHeadLength(length);
        destination[total - 1] = (byte)'\n';
        destination[total - 2] = (byte)'\r';
        for (int index = total - 3; index >= 0; index--)
        {
            destination[index] = Digits[(int)(length & 15)];
            length >>= 4;
        }

        return total;
    }

    /// <summary>
    /// Writes the head of a chunk at the end of a gap that was left before its data, so that data which was read behind the gap is framed
    /// where it lies. Returns where the head begins.
    /// </summary>
    /// <param name="gap">At least <see cref="GetHeadLength"/> bytes; the data follows them.</param>
    /// <param name="length">The bytes of data; more than 0.</param>
    public static int WriteHeadBefore(Span<byte> gap, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        int start = gap.Length - GetHeadLength(length);
        WriteHead(gap[start..], length);
        return start;
    }

    /// <summary>The most bytes that <see cref="WriteLast"/> writes.</summary>
    public static int GetMaxLastLength(HeaderMap trailers) => Last.Length + trailers.GetMaxLength();

    /// <summary>Writes the last chunk with a trailer section and returns how many bytes.</summary>
    public static int WriteLast(Span<byte> destination, HeaderMap trailers)
    {
        "0\r\n"u8.CopyTo(destination);
        int written = 3 + trailers.CopyLines(destination[3..]);
        "\r\n"u8.CopyTo(destination[written..]);
        return written + 2;
    }
}
