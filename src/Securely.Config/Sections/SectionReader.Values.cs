using System.Diagnostics.CodeAnalysis;

namespace Securely.Config;

public sealed partial class SectionReader
{
    // Longer ones are mistakes, and fit no timer.
    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(30);

    private delegate bool TextParser<T>(string text, out T value, out string? error);

    /// <summary>A text, with or without quotes.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means.</param>
    /// <param name="mayBeEmpty">Whether <c>""</c> is a value; an error otherwise.</param>
    public string Text(string key, string fallback, bool mayBeEmpty = false) => ReadText(Find(key, false), key, mayBeEmpty) ?? fallback;

    /// <summary>A text, with or without quotes, or null when there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="mayBeEmpty">Whether <c>""</c> is a value; an error otherwise.</param>
    public string? TextOrNull(string key, bool mayBeEmpty = false) => ReadText(Find(key, true), key, mayBeEmpty);

    /// <summary>The full path of a file or directory, or null when there is none. A relative one is relative to the configuration file.</summary>
    /// <param name="key">The key.</param>
    public string? PathOrNull(string key)
    {
        var value = Find(key, true);
        if (ReadText(value, key, mayBeEmpty: false) is not { } path)
            return null;
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            Diagnostics.Error(value!.Origin, $"[{key}] is not a path: it has a zero character");
            return null;
        }

        // A value that no file gave (environment, code) is relative to the working directory.
        var directory = value!.Origin.Line > 0 ? System.IO.Path.GetDirectoryName(value.Origin.File) ?? "" : "";
        return System.IO.Path.GetFullPath(System.IO.Path.Combine(directory, path));
    }

    /// <summary>A whole number.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means.</param>
    /// <param name="minimum">The smallest that is allowed.</param>
    /// <param name="maximum">The largest that is allowed.</param>
    [SuppressMessage("Naming", "CA1720", Justification = "A configuration knows whole numbers, not the integer types of a language.")]
    public int Integer(string key, int fallback, int minimum = 0, int maximum = int.MaxValue) =>
        ReadInteger(Find(key, false), key, minimum, maximum) ?? fallback;

    /// <summary>A whole number, or null when there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="minimum">The smallest that is allowed.</param>
    /// <param name="maximum">The largest that is allowed.</param>
    public int? IntegerOrNull(string key, int minimum = 0, int maximum = int.MaxValue) =>
        ReadInteger(Find(key, true), key, minimum, maximum);

    /// <summary><c>true</c> or <c>false</c>; nothing else.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means.</param>
    public bool Boolean(string key, bool fallback) => ReadBoolean(Find(key, false), key) ?? fallback;

    /// <summary><c>true</c> or <c>false</c>, or null when there is none.</summary>
    /// <param name="key">The key.</param>
    public bool? BooleanOrNull(string key) => ReadBoolean(Find(key, true), key);

    /// <summary>A duration such as <c>250ms</c> or <c>5m</c>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means.</param>
    /// <param name="minimum">The shortest that is allowed; zero when not given.</param>
    /// <param name="maximum">The longest that is allowed; 30 days when not given.</param>
    public TimeSpan Duration(string key, TimeSpan fallback, TimeSpan? minimum = null, TimeSpan? maximum = null) =>
        ReadDuration(Find(key, false), key, minimum, maximum) ?? fallback;

    /// <summary>A duration such as <c>250ms</c> or <c>5m</c>, or null when there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="minimum">The shortest that is allowed; zero when not given.</param>
    /// <param name="maximum">The longest that is allowed; 30 days when not given.</param>
    public TimeSpan? DurationOrNull(string key, TimeSpan? minimum = null, TimeSpan? maximum = null) =>
        ReadDuration(Find(key, true), key, minimum, maximum);

    /// <summary>A size in bytes, written as <c>64KiB</c>, <c>10MiB</c> or plain bytes.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means.</param>
    /// <param name="minimum">The smallest that is allowed, in bytes.</param>
    /// <param name="maximum">The largest that is allowed, in bytes.</param>
    public long Size(string key, long fallback, long minimum = 0, long maximum = long.MaxValue) =>
        ReadSize(Find(key, false), key, minimum, maximum) ?? fallback;

    /// <summary>A size in bytes, written as <c>64KiB</c>, <c>10MiB</c> or plain bytes, or null when there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="minimum">The smallest that is allowed, in bytes.</param>
    /// <param name="maximum">The largest that is allowed, in bytes.</param>
    public long? SizeOrNull(string key, long minimum = 0, long maximum = long.MaxValue) =>
        ReadSize(Find(key, true), key, minimum, maximum);

    /// <summary>A rate such as <c>100/s</c>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means.</param>
    public ConfigRate Rate(string key, ConfigRate fallback) => Parse<ConfigRate>(Find(key, false), key, "a rate", RateText.TryParse) ?? fallback;

    /// <summary>A rate such as <c>100/s</c>, or null when there is none.</summary>
    /// <param name="key">The key.</param>
    public ConfigRate? RateOrNull(string key) => Parse<ConfigRate>(Find(key, true), key, "a rate", RateText.TryParse);

    /// <summary>A size in each second, such as <c>1KiB/s</c>, in bytes.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means.</param>
    /// <param name="minimum">The smallest that is allowed, in bytes a second.</param>
    /// <param name="maximum">The largest that is allowed, in bytes a second.</param>
    public long SizeRate(string key, long fallback, long minimum = 0, long maximum = long.MaxValue) =>
        ReadSizeRate(Find(key, false), key, minimum, maximum) ?? fallback;

    /// <summary>A size in each second, such as <c>1KiB/s</c>, in bytes, or null when there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="minimum">The smallest that is allowed, in bytes a second.</param>
    /// <param name="maximum">The largest that is allowed, in bytes a second.</param>
    public long? SizeRateOrNull(string key, long minimum = 0, long maximum = long.MaxValue) =>
        ReadSizeRate(Find(key, true), key, minimum, maximum);

    /// <summary>One of some names. An error names them all, and the nearest.</summary>
    /// <typeparam name="T">What the names stand for.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means.</param>
    /// <param name="names">The names and what they stand for.</param>
    /// <param name="announced">Names that are documented but that this version does not have: <c>[h2] is not available yet</c>.</param>
    public T OneOf<T>(string key, T fallback, IReadOnlyDictionary<string, T> names, IReadOnlyCollection<string>? announced = null)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (Find(key, false) is not { } value || !IsText(value, key, "a name", out var name))
            return fallback;
        if (names.TryGetValue(name, out var found))
            return found;
        if (announced is not null && announced.Contains(name))
        {
            Diagnostics.Error(value.Origin, $"[{name}] is not available yet");
            return fallback;
        }

        var known = string.Join(", ", names.Keys.Select(n => $"[{n}]"));
        var suggestion = NearestName.Suggestion(name, names.Keys.Concat(announced ?? []));
        Diagnostics.Error(value.Origin, $"[{key}] must be one of {known}, not {value.Describe()}{suggestion}");
        return fallback;
    }

    private string? ReadText(ConfigValue? value, string key, bool mayBeEmpty)
    {
        if (value is null || !IsText(value, key, "a text", out var text))
            return null;
        if (text.Length > 0 || mayBeEmpty)
            return Reveal(value, key, text);
        Diagnostics.Error(value.Origin, $"[{key}] must not be empty");
        return null;
    }

    private int? ReadInteger(ConfigValue? value, string key, int minimum, int maximum)
    {
        if (value is null)
            return null;
        if (value.TryGetInteger(out var number))
            return IsWithin(number, minimum, maximum, value, key, n => n.ToString((IFormatProvider?)null), int.MaxValue) ? (int)number : null;
        var way = value.IsQuoted && ConfigValue.FromText(value.Text, value.Origin).TryGetInteger(out _) ? "; write it without quotes" : "";
        Diagnostics.Error(value.Origin, $"[{key}] must be a whole number, not {value.Describe()}{way}");
        return null;
    }

    private bool? ReadBoolean(ConfigValue? value, string key)
    {
        if (value is null)
            return null;
        if (value.TryGetBoolean(out var flag))
            return flag;
        var way = value.IsQuoted && value.Text is "true" or "false" ? "; write it without quotes" : "";
        Diagnostics.Error(value.Origin, $"[{key}] must be [true] or [false], not {value.Describe()}{way}");
        return null;
    }

    private TimeSpan? ReadDuration(ConfigValue? value, string key, TimeSpan? minimum, TimeSpan? maximum)
    {
        if (Parse<TimeSpan>(value, key, "a duration", DurationText.TryParse) is not { } duration)
            return null;
        return IsWithin(duration, minimum ?? TimeSpan.Zero, maximum ?? LongestDuration, value!, key, DurationText.Format, TimeSpan.MaxValue) ? duration : null;
    }

    private long? ReadSize(ConfigValue? value, string key, long minimum, long maximum)
    {
        if (Parse<long>(value, key, "a size", SizeText.TryParse) is not { } size)
            return null;
        return IsWithin(size, minimum, maximum, value!, key, SizeText.Format, long.MaxValue) ? size : null;
    }

    private long? ReadSizeRate(ConfigValue? value, string key, long minimum, long maximum)
    {
        if (Parse<long>(value, key, "a size in each second", SizeRateText.TryParse) is not { } rate)
            return null;
        return IsWithin(rate, minimum, maximum, value!, key, SizeRateText.Format, long.MaxValue) ? rate : null;
    }

    private T? Parse<T>(ConfigValue? value, string key, string what, TextParser<T> parse) where T : struct
    {
        if (value is null || !IsText(value, key, what, out var text))
            return null;
        if (parse(text, out var parsed, out var error))
            return parsed;
        Diagnostics.Error(value.Origin, $"[{key}]: {error}");
        return null;
    }

    private bool IsText(ConfigValue value, string key, string what, out string text)
    {
        if (value.TryGetText(out var found))
        {
            text = found;
            return true;
        }

        text = "";
        Diagnostics.Error(value.Origin, $"[{key}] must be {what}, not {value.Describe()}");
        return false;
    }

    private bool IsWithin<T>(T number, T minimum, T maximum, ConfigValue value, string key, Func<T, string> format, T unlimited) where T : IComparable<T>
    {
        if (number.CompareTo(minimum) >= 0 && number.CompareTo(maximum) <= 0)
            return true;
        var bounds = maximum.CompareTo(unlimited) >= 0 ? $"at least [{format(minimum)}]" : $"between [{format(minimum)}] and [{format(maximum)}]";
        // Below the minimum only the minimum matters; above it, an unlimited maximum still ends somewhere.
        if (maximum.CompareTo(unlimited) >= 0 && number.CompareTo(minimum) >= 0)
            bounds = $"at most [{format(maximum)}]";
        Diagnostics.Error(value.Origin, $"[{key}] must be {bounds}, not {value.Describe()}");
        return false;
    }
}
