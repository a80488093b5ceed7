using System.Diagnostics.CodeAnalysis;

namespace Securely.Config;

/// <summary>Rates as they are written in configuration: <c>100/s</c>, <c>1000/m</c>, <c>5000/h</c>.</summary>
public static class RateText
{
    /// <summary>Reads a rate: a whole number of at least 1, a slash, and a second, minute or hour.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="rate">The rate.</param>
    /// <param name="error">What is wrong, with the text in brackets and an example.</param>
    public static bool TryParse(string text, out ConfigRate rate, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        rate = default;
        if (!NumberText.TryReadStart(text, out var count, out var unit))
        {
            error = NumberText.StartsWithDigit(text)
                ? $"rate [{text}] is too large"
                : $"[{text}] is not a rate; write a whole number and a time, as in [100/s] or [1000/m]";
            return false;
        }

        TimeSpan? per = unit switch
        {
            "/s" => TimeSpan.FromSeconds(1),
            "/m" => TimeSpan.FromMinutes(1),
            "/h" => TimeSpan.FromHours(1),
            _ => null,
        };
        error = (per, count) switch
        {
            (null, _) when unit.IsEmpty => $"rate [{text}] has no time; write [{text}/s] for each second or [{text}/m] for each minute",
            (null, _) => $"rate [{text}] is not a whole number with one of the times [/s], [/m], [/h]; write it as in [100/s]",
            (_, 0) => $"rate [{text}] lets nothing through; write at least [1{unit}]",
            _ => null,
        };
        if (error is not null)
            return false;
        rate = new ConfigRate(count, per!.Value);
        return true;
    }

    /// <summary>Writes a rate so that it can be read again.</summary>
    /// <param name="rate">The rate.</param>
    public static string Format(ConfigRate rate)
    {
        var per = DurationText.Format(rate.Per);
        return string.Create(null, $"{rate.Count}/{(per.StartsWith('1') && per.Length == 2 ? per[1..] : per)}");
    }
}
