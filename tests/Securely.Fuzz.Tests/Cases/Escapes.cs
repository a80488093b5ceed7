using System.Globalization;
using System.Text;

namespace Securely.Fuzz.Tests.Cases;

/// <summary>Bytes as one line of text: <c>\r \n \t \0 \\ \xE9</c>, and all other visible ASCII as it is.</summary>
internal static class Escapes
{
    /// <summary>The text of bytes.</summary>
    public static string Write(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length + 16);
        foreach (byte value in bytes)
        {
            string? name = value switch
            {
                (byte)'\r' => "\\r",
                (byte)'\n' => "\\n",
                (byte)'\t' => "\\t",
                0 => "\\0",
                (byte)'\\' => "\\\\",
                < 32 or > 126 => string.Create(CultureInfo.InvariantCulture, $"\\x{value:X2}"),
                _ => null,
            };
            if (name is null)
                text.Append((char)value);
            else
                text.Append(name);
        }

        return text.ToString();
    }

    /// <summary>The bytes of a text.</summary>
    /// <exception cref="FormatException">It holds an escape that is not known.</exception>
    public static byte[] Read(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (int index = 0; index < text.Length; index++)
        {
            if (text[index] != '\\')
            {
                bytes.Add((byte)text[index]);
                continue;
            }

            char name = ++index < text.Length ? text[index] : ' ';
            switch (name)
            {
                case 'r': bytes.Add((byte)'\r'); break;
                case 'n': bytes.Add((byte)'\n'); break;
                case 't': bytes.Add((byte)'\t'); break;
                case '0': bytes.Add(0); break;
                case '\\': bytes.Add((byte)'\\'); break;
                case 'x' when index + 2 < text.Length:
                    bytes.Add(byte.Parse(text.AsSpan(index + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    index += 2;
                    break;
                default: throw new FormatException($"Escape [\\{name}] in [{text}] is not known; use \\r \\n \\t \\0 \\\\ or \\xE9.");
            }
        }

        return [.. bytes];
    }
}
