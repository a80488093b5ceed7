using System.Diagnostics.CodeAnalysis;

namespace Securely.Config;

/// <summary>Sizes as they are written in configuration: <c>64KiB</c>, <c>10MiB</c>, <c>1GiB</c>, or plain bytes.</summary>
public static class SizeText
{
    private static readonly (string Unit, long Bytes)[] Units = [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("B", 1)];

    /// <summary>Reads a size: a whole number of bytes, or a whole number and a unit without a space between them.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="bytes">The size in bytes.</param>
    /// <param name="error">What is wrong, with the text in brackets and an example.</param>
    public static bool TryParse(string text, out long bytes, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        bytes = 0;
        if (!NumberText.TryReadStart(text, out var number, out var unit))
        {
            error = NumberText.StartsWithDigit(text)
                ? $"size [{text}] is too large"
                : $"[{text}] is not a size; write a whole number of bytes or one with a unit, as in [8192], [64KiB] or [10MiB]";
            return false;
        }

        error = null;
        bytes = number;
        if (unit.IsEmpty)
            return true;
        foreach (var (name, factor) in Units)
        {
            if (!unit.SequenceEqual(name))
                continue;
            if (number > long.MaxValue / factor)
            {
                error = $"size [{text}] is too large";
                return false;
            }

            bytes = number * factor;
            return true;
        }

        error = $"size [{text}] is not a whole number with one of the units [B], [KiB], [MiB], [GiB]{Hint(number, unit)}";
        return false;
    }

    /// <summary>Writes a size so that it can be read again, in the largest unit that divides it.</summary>
    /// <param name="bytes">The size in bytes.</param>
    public static string Format(long bytes)
    {
        foreach (var (unit, factor) in Units)
        {
            if (factor > 1 && bytes != 0 && bytes % factor == 0)
                return string.Create(null, $"{bytes / factor}{unit}");
        }

        return bytes.ToString((IFormatProvider?)null);
    }

    // KB, kb and K mean 1000 to some and 1024 to others, so they are named and not guessed.
    private static string Hint(long number, ReadOnlySpan<char> unit)
    {
        var proper = char.ToUpperInvariant(unit[0]) switch { 'K' => "KiB", 'M' => "MiB", 'G' => "GiB", 'B' => "B", _ => null };
        return proper is null ? "; write it as in [64KiB]" : string.Create(null, $"; write [{number}{proper}]");
    }
}
