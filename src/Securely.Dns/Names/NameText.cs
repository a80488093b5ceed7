using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Securely.Dns;

/// <summary>Names as people write them: labels with dots between, <c>\.</c> for a dot inside, <c>\DDD</c> for any byte (RFC 1035, 5.1).</summary>
internal static class NameText
{
    /// <summary>Reads a name.</summary>
    /// <param name="text">The text; one without a final dot is relative.</param>
    /// <param name="origin">What a relative name is completed with; null takes it for absolute.</param>
    /// <param name="wire">Takes the name; 255 bytes.</param>
    /// <param name="length">How many bytes it has.</param>
    /// <param name="error">What is wrong; null when nothing is.</param>
    internal static bool TryParse(ReadOnlySpan<char> text, DomainName? origin, Span<byte> wire, out int length, [NotNullWhen(false)] out string? error)
    {
        length = 0;
        error = null;
        if (text is "@" && origin is not null)
        {
            origin.Wire.CopyTo(wire);
            length = origin.Wire.Length;
            return true;
        }

        if (text.IsEmpty)
            return Fail("is empty", out error);
        if (text is ".")
        {
            wire[length++] = 0;
            return true;
        }

        return TryReadLabels(text, wire, out var at, out var isAbsolute, out error) && Complete(isAbsolute ? null : origin, wire, at, out length, out error);
    }

    private static bool TryReadLabels(ReadOnlySpan<char> text, Span<byte> wire, out int label, out bool absolute, [NotNullWhen(false)] out string? error)
    {
        // The byte at label holds the length of the label that is being read.
        label = 0;
        absolute = false;
        error = null;
        var at = 1;
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            absolute = letter == '.';
            if (absolute)
            {
                if (at == label + 1)
                    return Fail("has an empty label", out error);
                wire[label] = (byte)(at - label - 1);
                label = at++;
                if (label >= WireName.Maximum)
                    return Fail("is longer than 255 bytes", out error);
                continue;
            }

            if (!TryReadByte(text, ref i, out var value))
                return Fail("has a character or an escape that is no byte", out error);
            if (at - label > 63)
                return Fail("has a label of more than 63 bytes", out error);
            if (at >= WireName.Maximum - 1)
                return Fail("is longer than 255 bytes", out error);
            wire[at++] = value;
        }

        if (!absolute)
        {
            wire[label] = (byte)(at - label - 1);
            label = at;
        }

        return true;
    }

    /// <summary>Writes a name, always with its final dot.</summary>
    internal static void Format(ReadOnlySpan<byte> name, StringBuilder text)
    {
        if (name[0] == 0)
        {
            text.Append('.');
            return;
        }

        for (var at = 0; name[at] != 0; at += name[at] + 1)
        {
            foreach (var value in name.Slice(at + 1, name[at]))
                AppendByte(value, text);
            text.Append('.');
        }
    }

    /// <summary>Reads one character or escape of a text as a byte; <paramref name="at"/> is left on its last character.</summary>
    internal static bool TryReadByte(ReadOnlySpan<char> text, ref int at, out byte value)
    {
        value = 0;
        var letter = text[at];
        if (letter != '\\')
        {
            value = (byte)letter;
            return letter <= 0xFF;
        }

        if (++at >= text.Length)
            return false;
        letter = text[at];
        if (!char.IsAsciiDigit(letter))
        {
            value = (byte)letter;
            return letter <= 0xFF;
        }

        if (at + 2 >= text.Length || !char.IsAsciiDigit(text[at + 1]) || !char.IsAsciiDigit(text[at + 2]))
            return false;
        var number = ((letter - '0') * 100) + ((text[at + 1] - '0') * 10) + text[at + 2] - '0';
        at += 2;
        value = (byte)number;
        return number <= 255;
    }

    private static void AppendByte(byte value, StringBuilder text)
    {
        if (value is (byte)'.' or (byte)'\\' or (byte)'"' or (byte)';' or (byte)'(' or (byte)')' or (byte)'@' or (byte)'$')
            text.Append('\\').Append((char)value);
        else if (value is > 32 and < 127)
            text.Append((char)value);
        else
            text.Append('\\').Append((char)('0' + (value / 100))).Append((char)('0' + (value / 10 % 10))).Append((char)('0' + (value % 10)));
    }

    private static bool Complete(DomainName? origin, Span<byte> wire, int at, out int length, [NotNullWhen(false)] out string? error)
    {
        length = 0;
        var tail = origin is null ? [0] : origin.Wire;
        if (at + tail.Length > WireName.Maximum)
            return Fail("is longer than 255 bytes", out error);
        tail.CopyTo(wire[at..]);
        length = at + tail.Length;
        error = null;
        return true;
    }

    private static bool Fail(string message, out string error)
    {
        error = message;
        return false;
    }
}
