using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Securely.Cli;

/// <summary>
/// From which level on messages are written: one level for all, and others for categories. A category stands for all whose names go on with a
/// dot after it; the longest that fits counts. May be changed at any time from any thread; loggers notice at their next message.
/// </summary>
internal sealed class LogLevels
{
    private static readonly (string Name, LogLevel Level)[] Named =
    [
        ("trace", LogLevel.Trace), ("debug", LogLevel.Debug), ("info", LogLevel.Information), ("warning", LogLevel.Warning),
        ("error", LogLevel.Error), ("critical", LogLevel.Critical), ("off", LogLevel.None),
    ];

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly Lock _changing = new();

    // Replaced under the lock, read by everybody; the reference is also what loggers compare.
    private volatile State _state = new(LogLevel.Information, []);

    /// <summary>The names of the levels, the most talkative first.</summary>
    public static IEnumerable<string> Names => Named.Select(named => named.Name);

    /// <summary>The level of all categories that have none of their own. Default: info.</summary>
    public LogLevel Default => _state.Default;

    /// <summary>The categories that have a level of their own.</summary>
    public IReadOnlyDictionary<string, LogLevel> Categories => _state.Categories;

    /// <summary>The categories that loggers have been made for.</summary>
    public IReadOnlyList<string> Known => [.. _known.Keys.Order(StringComparer.Ordinal)];

    /// <summary>What a logger keeps beside its level, to notice a change.</summary>
    internal object Current => _state;

    public static bool TryParse(string name, out LogLevel level)
    {
        level = Array.Find(Named, named => named.Name == name).Level;
        return Names.Contains(name, StringComparer.Ordinal);
    }

    public static string NameOf(LogLevel level) => Array.Find(Named, named => named.Level == level).Name;

    /// <summary>Makes a category known.</summary>
    public void Add(string category) => _known.TryAdd(category, true);

    /// <summary>Whether messages of some logger would be under this category.</summary>
    public bool IsKnown(string category) => _known.Keys.Any(known => IsUnder(known, category));

    public void Set(LogLevel level)
    {
        lock (_changing)
            _state = _state with { Default = level };
    }

    /// <summary>Gives a category a level of its own, or takes it away again.</summary>
    public void Set(string category, LogLevel? level)
    {
        lock (_changing)
        {
            var categories = new SortedDictionary<string, LogLevel>(StringComparer.Ordinal);
            foreach (var (name, its) in _state.Categories)
                categories.Add(name, its);
            categories.Remove(category);
            if (level is { } own)
                categories.Add(category, own);
            _state = _state with { Categories = categories };
        }
    }

    /// <summary>The level that counts for a category.</summary>
    public LogLevel Of(string category)
    {
        var state = _state;
        var longest = state.Categories.Keys.Where(name => IsUnder(category, name)).MaxBy(name => name.Length);
        return longest is null ? state.Default : state.Categories[longest];
    }

    private static bool IsUnder(string category, string name) =>
        category.StartsWith(name, StringComparison.Ordinal) && (category.Length == name.Length || category[name.Length] == '.');

    private sealed record State(LogLevel Default, SortedDictionary<string, LogLevel> Categories);
}
