using System.Buffers;

namespace Securely.Http;

/// <summary>The character classes of RFC 9110 5.5 and 5.6.2, prepared for vectorised search.</summary>
internal static class HttpTokens
{
    private const string TokenCharacters = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>The bytes of a token: field names and methods are made of them.</summary>
    public static readonly SearchValues<byte> Token = SearchValues.Create(System.Text.Encoding.ASCII.GetBytes(TokenCharacters));

    /// <summary>The characters of a token.</summary>
    public static readonly SearchValues<char> TokenText = SearchValues.Create(TokenCharacters);

    /// <summary>The bytes that a field value never holds: controls other than tab, and DEL.</summary>
    public static readonly SearchValues<byte> Controls = SearchValues.Create(ControlBytes());

    /// <summary>The characters that a field value never holds.</summary>
    public static readonly SearchValues<char> ControlsText =
        SearchValues.Create(Array.ConvertAll(ControlBytes(), static value => (char)value));

    /// <summary>Whether the bytes are one token.</summary>
    public static bool IsToken(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && !bytes.ContainsAnyExcept(Token);

    /// <summary>Whether the characters are one token.</summary>
    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenText);

    /// <summary>Without the spaces and tabs around it (RFC 9110 5.6.3).</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value)
    {
        int start = 0;
        int end = value.Length;
        while (start < end && IsBlank(value[start]))
        {
            start++;
        }

        while (end > start && IsBlank(value[end - 1]))
        {
            end--;
        }

        return value[start..end];
    }

    /// <summary>Whether the byte is a space or a tab.</summary>
    public static bool IsBlank(byte value) => value is (byte)' ' or (byte)'\t';

    private static byte[] ControlBytes()
    {
        var bytes = new List<byte>();
        for (int value = 0; value < 0x20; value++)
        {
            if (value != '\t')
            {
                bytes.Add((byte)value);
            }
        }

        bytes.Add(0x7F);
        return [.. bytes];
    }
}
