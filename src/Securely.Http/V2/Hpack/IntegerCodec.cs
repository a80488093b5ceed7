namespace Securely.Http;

/// <summary>
/// Integers with a prefix (RFC 7541 5.1). Values above <see cref="MaxValue"/> are refused, and so are more continuation bytes than that value
/// needs, whatever they hold: nothing of a block can be that large.
/// </summary>
internal static class IntegerCodec
{
    /// <summary>The largest value that is read.</summary>
    public const int MaxValue = (1 << 28) - 1;

    /// <summary>The most bytes that one integer takes when written.</summary>
    public const int MaxBytes = 6;

    private const int MostContinuations = 4;

    /// <summary>Reads an integer.</summary>
    /// <param name="source">The block.</param>
    /// <param name="position">Where the integer starts; where it ends afterwards.</param>
    /// <param name="prefixBits">How many bits of the first byte belong to it, 1 to 8.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when the block ends within it or it is too large.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, ref int position, int prefixBits, out int value)
    {
        value = 0;
        if ((uint)position >= (uint)source.Length)
            return false;
        int most = (1 << prefixBits) - 1;
        value = source[position++] & most;
        return value < most || TryReadContinuation(source, ref position, ref value);
    }

    /// <summary>Writes an integer.</summary>
    /// <param name="destination">At least <see cref="MaxBytes"/> bytes.</param>
    /// <param name="prefixBits">How many bits of the first byte belong to it, 1 to 8.</param>
    /// <param name="pattern">The other bits of the first byte.</param>
    /// <param name="value">The value, not negative.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Write(Span<byte> destination, int prefixBits, byte pattern, int value)
    {
        int most = (1 << prefixBits) - 1;
        if (value < most)
        {
            destination[0] = (byte)(pattern | value);
            return 1;
        }

        destination[0] = (byte)(pattern | most);
        value -= most;
        int written = 1;
        while (value >= 0x80)
        {
            destination[written++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[written++] = (byte)value;
        return written;
    }

    private static bool TryReadContinuation(ReadOnlySpan<byte> source, ref int position, ref int value)
    {
        long sum = value;
        for (int i = 0; i < MostContinuations; i++)
        {
            if ((uint)position >= (uint)source.Length)
                return false;
            byte next = source[position++];
            sum += (long)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                value = (int)sum;
                return sum <= MaxValue;
            }
        }

        return false;
    }
}
