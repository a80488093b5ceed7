using System.Buffers.Binary;

namespace Securely.Http;

/// <summary>
/// The string code of RFC 7541 5.2 and appendix B. Decoding looks at twelve bits at a time, which hold one or two symbols of all usual text;
/// longer codes are found by comparing with the first code of each length.
/// </summary>
internal static partial class Huffman
{
    private const int WindowBits = 12;
    private const int MostPadding = 7;

    /// <summary>How many bytes <see cref="TryDecode"/> needs room for; the shortest code has five bits.</summary>
    /// <param name="encodedLength">The length of what is decoded.</param>
    public static int MaxDecodedLength(int encodedLength) => (int)((long)encodedLength * 8 / 5) + 2;

    /// <summary>How many bytes a string takes when encoded.</summary>
    public static int EncodedLength(ReadOnlySpan<byte> source)
    {
        var lengths = CodeLengths;
        long bits = 0;
        foreach (byte symbol in source)
            bits += lengths[symbol];
        return (int)((bits + 7) >> 3);
    }

    /// <summary>Encodes a string.</summary>
    /// <param name="source">The string.</param>
    /// <param name="destination">At least <see cref="EncodedLength"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Encode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var codes = _codes;
        ulong bits = 0;
        int count = 0;
        int written = 0;
        foreach (byte symbol in source)
        {
            ulong code = codes[symbol];
            int length = (byte)code;
            bits = (bits << length) | (code >> 8);
            count += length;
            if (count >= 32)
            {
                count -= 32;
                BinaryPrimitives.WriteUInt32BigEndian(destination[written..], (uint)(bits >> count));
                written += 4;
            }
        }

        while (count >= 8)
        {
            count -= 8;
            destination[written++] = (byte)(bits >> count);
        }

        if (count > 0)
            destination[written++] = (byte)((bits << (8 - count)) | (0xFFu >> count));
        return written;
    }

    /// <summary>Decodes a string.</summary>
    /// <param name="source">All of it.</param>
    /// <param name="destination">At least <see cref="MaxDecodedLength"/> bytes.</param>
    /// <param name="written">How many bytes were written.</param>
    /// <returns>False when it holds the end-of-string symbol, or its padding is longer than seven bits or not all ones (RFC 7541 5.2).</returns>
    public static bool TryDecode(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        var pairs = _pairs;
        ulong bits = 0;
        int count = 0;
        int position = 0;
        written = 0;
        while (true)
        {
            if (count < LongestCode)
                Refill(source, ref position, ref bits, ref count);
            uint pair = pairs[(int)(bits >> (64 - WindowBits))];
            int length = (int)(pair >> 24);
            if (pair != 0 && length <= count)
            {
                destination[written] = (byte)pair;
                destination[written + 1] = (byte)(pair >> 8);
                written += length == ((pair >> 16) & 0xFF) ? 1 : 2;
            }
            else if (!TryTakeOne(bits, count, pair, out int symbol, out length))
            {
                return count <= MostPadding && IsPadding(bits, count);
            }
            else if (symbol == EndOfString)
            {
                return false;
            }
            else
            {
                destination[written++] = (byte)symbol;
            }

            bits <<= length;
            count -= length;
        }
    }

    /// <summary>Takes a symbol near the end, where two no longer fit, or one with a long code.</summary>
    private static bool TryTakeOne(ulong bits, int count, uint pair, out int symbol, out int length)
    {
        if (pair != 0)
        {
            symbol = (byte)pair;
            length = (int)((pair >> 16) & 0xFF);
            return length <= count;
        }

        ulong next = bits >> 32;
        for (length = WindowBits + 1; length <= LongestCode; length++)
        {
            ref readonly var codes = ref _longCodes[length];
            if (next < codes.Limit)
            {
                symbol = _symbolsByCode[codes.FirstSymbol + (int)((next - codes.First) >> (32 - length))];
                return length <= count;
            }
        }

        symbol = 0;
        return false;
    }

    private static bool IsPadding(ulong bits, int count) => bits == ~(ulong.MaxValue >> count);

    private static void Refill(ReadOnlySpan<byte> source, ref int position, ref ulong bits, ref int count)
    {
        if (source.Length - position >= 4)
        {
            bits |= (ulong)BinaryPrimitives.ReadUInt32BigEndian(source[position..]) << (32 - count);
            position += 4;
            count += 32;
            return;
        }

        while (position < source.Length && count <= 56)
        {
            bits |= (ulong)source[position++] << (56 - count);
            count += 8;
        }
    }
}
