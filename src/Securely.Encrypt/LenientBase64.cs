namespace Securely.Encrypt;

/// <summary>
/// Base64 as PHP reads it: leniently, where everything outside the alphabet is passed over and padding is not asked for; or strictly,
/// where only blanks are passed over.
/// </summary>
internal static class LenientBase64
{
    private const byte None = 0xff;
    private const byte Blank = 0xfe;

    private static readonly byte[] Values = MakeValues();

    /// <summary>Decodes; the two spans may be the same, because writing never overtakes reading.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes, bool strict, out int written)
    {
        var (letters, padding, held) = (0, 0, 0);
        written = 0;
        foreach (var letter in text)
        {
            if (letter == '=')
            {
                padding++;
                continue;
            }

            var value = Values[letter];
            if (value >= Blank)
            {
                if (strict && value == None)
                    return false;
                continue;
            }

            if (strict && padding > 0)
                return false;
            held = (held << 6) | value;
            if ((letters & 3) != 0)
                bytes[written++] = (byte)(held >> (6 - (2 * (letters & 3))));
            letters++;
        }

        return !strict || ((letters & 3) != 1 && (padding == 0 || (padding <= 2 && ((letters + padding) & 3) == 0)));
    }

    private static byte[] MakeValues()
    {
        var values = new byte[256];
        Array.Fill(values, None);
        foreach (var blank in " \t\r\n"u8)
            values[blank] = Blank;
        var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8;
        for (var i = 0; i < alphabet.Length; i++)
            values[alphabet[i]] = (byte)i;
        return values;
    }
}
