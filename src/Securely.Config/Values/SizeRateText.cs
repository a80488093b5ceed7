using System.Diagnostics.CodeAnalysis;

namespace Securely.Config;

/// <summary>Sizes a second as they are written in configuration: <c>1KiB/s</c>, <c>500B/s</c>, and <c>0</c>.</summary>
public static class SizeRateText
{
    private const string PerSecond = "/s";

    /// <summary>Reads a rate: a size, a slash and <c>s</c>; only <c>0</c> needs no time.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="bytesPerSecond">The rate in bytes a second.</param>
    /// <param name="error">What is wrong, with the text in brackets and an example.</param>
    public static bool TryParse(string text, out long bytesPerSecond, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        bytesPerSecond = 0;
        error = null;
        if (text is "0")
            return true;
        if (text.EndsWith(PerSecond, StringComparison.Ordinal))
            return SizeText.TryParse(text[..^PerSecond.Length], out bytesPerSecond, out error);
        error = SizeText.TryParse(text, out _, out _)
            ? $"rate [{text}] has no time; write [{text}{PerSecond}] for each second"
            : $"[{text}] is not a size in each second; write a size and the time, as in [1KiB/s] or [500B/s]";
        return false;
    }

    /// <summary>Writes a rate so that it can be read again, in the largest unit that divides it.</summary>
    /// <param name="bytesPerSecond">The rate in bytes a second.</param>
    public static string Format(long bytesPerSecond) => bytesPerSecond == 0 ? "0" : SizeText.Format(bytesPerSecond) + PerSecond;
}
