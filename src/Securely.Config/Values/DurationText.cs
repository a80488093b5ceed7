using System.Diagnostics.CodeAnalysis;

namespace Securely.Config;

/// <summary>Durations as they are written in configuration: <c>250ms</c>, <c>1s</c>, <c>5m</c>, <c>2h</c>, and <c>0</c>.</summary>
public static class DurationText
{
    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>Reads a duration: a whole number and a unit without a space between them; only <c>0</c> needs no unit.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="duration">The duration.</param>
    /// <param name="error">What is wrong, with the text in brackets and an example.</param>
    public static bool TryParse(string text, out TimeSpan duration, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = default;
        if (!NumberText.TryReadStart(text, out var number, out var unit))
        {
            error = NumberText.StartsWithDigit(text)
                ? $"duration [{text}] is too large"
                : $"[{text}] is not a duration; write a whole number and a unit, as in [250ms], [1s], [5m] or [2h]";
            return false;
        }

        error = null;
        if (unit.IsEmpty && number == 0)
            return true;
        if (unit.IsEmpty)
        {
            error = $"duration [{text}] has no unit; write [{text}s] for seconds or [{text}ms] for milliseconds";
            return false;
        }

        foreach (var (name, ticks) in Units)
        {
            if (!unit.SequenceEqual(name))
                continue;
            if (number > TimeSpan.MaxValue.Ticks / ticks)
            {
                error = $"duration [{text}] is too large";
                return false;
            }

            duration = TimeSpan.FromTicks(number * ticks);
            return true;
        }

        error = $"duration [{text}] is not a whole number with one of the units [ms], [s], [m], [h]; write it as in [250ms] or [90s]";
        return false;
    }

    /// <summary>Writes a duration so that it can be read again, in the largest unit that divides it.</summary>
    /// <param name="duration">A duration of whole milliseconds; what is below is cut off.</param>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
            return "0";
        foreach (var (unit, ticks) in Units)
        {
            if (duration.Ticks % ticks == 0)
                return string.Create(null, $"{duration.Ticks / ticks}{unit}");
        }

        return string.Create(null, $"{duration.Ticks / TimeSpan.TicksPerMillisecond}ms");
    }
}
