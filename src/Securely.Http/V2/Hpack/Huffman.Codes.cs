namespace Securely.Http;

/// <content>The code of RFC 7541 appendix B. It is canonical, so the lengths say it all: codes count upwards by length, then by symbol.</content>
internal static partial class Huffman
{
    private const int Symbols = 257;
    private const int EndOfString = 256;
    private const int LongestCode = 30;

    private static ReadOnlySpan<byte> CodeLengths =>
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    private static readonly ulong[] _codes = BuildCodes();
    private static readonly uint[] _pairs = BuildPairs();
    private static readonly ushort[] _symbolsByCode = BuildSymbols();
    private static readonly LongCodes[] _longCodes = BuildLongCodes();

    /// <summary>The codes of one length, as if each filled 32 bits from the left.</summary>
    /// <param name="First">The first of them.</param>
    /// <param name="Limit">What follows the last of them.</param>
    /// <param name="FirstSymbol">Where the symbol of the first one stands among all, in the order of their codes.</param>
    private readonly record struct LongCodes(ulong First, ulong Limit, int FirstSymbol);

    /// <summary>For each symbol its code in the upper bits and the length of the code in the lowest byte.</summary>
    private static ulong[] BuildCodes()
    {
        var codes = new ulong[Symbols];
        ulong code = 0;
        for (int length = 1; length <= LongestCode; length++, code <<= 1)
        {
            for (int symbol = 0; symbol < Symbols; symbol++)
            {
                if (CodeLengths[symbol] == length)
                    codes[symbol] = (code++ << 8) | (uint)length;
            }
        }

        return codes;
    }

    /// <summary>For each value of the next <see cref="WindowBits"/> bits the one or two symbols that it begins with; see <see cref="TryDecode"/>.</summary>
    private static uint[] BuildPairs()
    {
        const int Windows = 1 << WindowBits;
        var firsts = new uint[Windows];
        for (int symbol = 0; symbol < EndOfString; symbol++)
        {
            int length = CodeLengths[symbol];
            if (length <= WindowBits)
                firsts.AsSpan((int)(_codes[symbol] >> 8) << (WindowBits - length), 1 << (WindowBits - length)).Fill((uint)symbol | ((uint)length << 16));
        }

        var pairs = new uint[Windows];
        for (int window = 0; window < Windows; window++)
        {
            uint first = firsts[window];
            uint length = first >> 16;
            uint second = firsts[(window << (int)length) & (Windows - 1)];
            bool hasSecond = first != 0 && second != 0 && length + (second >> 16) <= WindowBits;
            pairs[window] = hasSecond ? first | ((second & 0xFF) << 8) | ((length + (second >> 16)) << 24) : first | (length << 24);
        }

        return pairs;
    }

    private static ushort[] BuildSymbols()
    {
        var symbols = new ushort[Symbols];
        int count = 0;
        for (int length = 1; length <= LongestCode; length++)
        {
            for (int symbol = 0; symbol < Symbols; symbol++)
            {
                if (CodeLengths[symbol] == length)
                    symbols[count++] = (ushort)symbol;
            }
        }

        return symbols;
    }

    private static LongCodes[] BuildLongCodes()
    {
        var lengths = new LongCodes[LongestCode + 1];
        int symbols = 0;
        ulong first = 0;
        for (int length = 1; length <= LongestCode; length++)
        {
            int count = CodeLengths.Count((byte)length);
            ulong limit = first + ((ulong)count << (32 - length));
            lengths[length] = new LongCodes(first, limit, symbols);
            first = limit;
            symbols += count;
        }

        return lengths;
    }
}
