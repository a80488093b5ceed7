using System.Text;

namespace Securely.Dns.Records;

/// <summary>Base 32 with the extended hex alphabet and without padding, as NSEC3 writes its hashes (RFC 4648, 7).</summary>
internal static class Base32
{
    internal static bool TryRead(ReadOnlySpan<char> text, Span<byte> target, out int length)
    {
        length = 0;
        int bits = 0, held = 0;
        foreach (var letter in text)
        {
            int digit;
            if (char.IsAsciiDigit(letter))
                digit = letter - '0';
            else if ((letter | 0x20) is >= 'a' and <= 'v')
                digit = (letter | 0x20) - 'a' + 10;
            else
                return false;
            held = (held << 5) | digit;
            bits += 5;
            if (bits < 8)
                continue;
            bits -= 8;
            if (length == target.Length)
                return false;
            target[length++] = (byte)(held >> bits);
            held &= (1 << bits) - 1;
        }

        return bits < 5 && held == 0;
    }

    internal static void Write(ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        int bits = 0, held = 0;
        foreach (var value in bytes)
        {
            held = (held << 8) | value;
            bits += 8;
            for (; bits >= 5; bits -= 5)
                text.Append(Digit(held >> (bits - 5)));
            held &= (1 << bits) - 1;
        }

        if (bits > 0)
            text.Append(Digit(held << (5 - bits)));

        static char Digit(int value) => "0123456789abcdefghijklmnopqrstuv"[value & 31];
    }
}
