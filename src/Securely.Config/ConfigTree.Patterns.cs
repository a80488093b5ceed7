using System.Globalization;

namespace Securely.Config;

public static partial class ConfigTree
{
    /// <summary>
    /// The value of a pattern: <c>*</c> is every child of a list or map and makes a list of what it finds (lists in lists are joined),
    /// <c>{first}</c> and <c>{last}</c> are children by place, and a backslash before any of these takes it as a name.
    /// </summary>
    /// <param name="root">The tree.</param>
    /// <param name="pattern">The pattern; null for the root itself.</param>
    /// <returns>
    /// Null when there is nothing: no such key, or a <c>*</c> over a text. Below a <c>*</c> a missing child is a value that is nothing.
    /// </returns>
    public static ConfigValue? Match(ConfigValue root, string? pattern)
    {
        ArgumentNullException.ThrowIfNull(root);
        return pattern is null ? root : Match(root, pattern.Split('.'));
    }

    /// <summary>The tree with a value at every place that a pattern with <c>*</c> names. A <c>*</c> over a text makes it an empty list.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="value">The value.</param>
    /// <param name="overwrite">Whether what is there is replaced; else only gaps are filled.</param>
    public static ConfigValue SetMatches(ConfigValue root, string pattern, ConfigValue value, bool overwrite = true)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(value);
        return SetMatches(root, pattern.Split('.'), value, overwrite);
    }

    /// <summary>The tree without every child that a pattern with <c>*</c> names. A <c>*</c> at the end removes nothing.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="pattern">The pattern.</param>
    public static ConfigValue ForgetMatches(ConfigValue root, string pattern)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(pattern);
        return ForgetMatches(root, pattern.Split('.'));
    }

    /// <summary>
    /// Lists in order of their values, maps in order of their names, at every depth. Numbers are ordered by what they are worth, before texts.
    /// </summary>
    /// <param name="value">The tree.</param>
    /// <param name="descending">Whether the largest comes first.</param>
    public static ConfigValue Sort(ConfigValue value, bool descending = false)
    {
        ArgumentNullException.ThrowIfNull(value);
        var way = descending ? -1 : 1;
        if (value.Kind is not (ConfigKind.List or ConfigKind.Map))
            return value;
        if (IsList(value))
        {
            var items = Children(value).Select(entry => Sort(entry.Value, descending)).ToArray();
            return ConfigValue.FromList(items.Order(Comparer<ConfigValue>.Create((left, right) => way * Compare(left, right))), value.Origin);
        }

        var entries = value.Entries.Select(entry => entry with { Value = Sort(entry.Value, descending) });
        return ConfigValue.FromMap(entries.Order(Comparer<ConfigEntry>.Create((left, right) => way * CompareTexts(left.Key, right.Key))), value.Origin);
    }

    private static ConfigValue? Match(ConfigValue target, ReadOnlySpan<string> path)
    {
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == "*")
                return MatchAll(target, path[(i + 1)..]);
            var name = path[i] switch
            {
                "\\*" or "\\{first}" or "\\{last}" => path[i][1..],
                "{first}" => Children(target).FirstOrDefault().Key,
                "{last}" => Children(target).LastOrDefault().Key,
                var other => other,
            };
            if (name is null || target.Child(name) is not { } next)
                return null;
            target = next;
        }

        return target;
    }

    private static ConfigValue? MatchAll(ConfigValue target, ReadOnlySpan<string> rest)
    {
        if (target.Kind is not (ConfigKind.List or ConfigKind.Map))
            return null;
        var found = new List<ConfigValue>();
        foreach (var child in Children(target))
            found.Add(Match(child.Value, rest) ?? ConfigValue.Null(child.Value.Origin));
        return rest.Contains("*") ? Join(found, target.Origin) : ConfigValue.FromList(found, target.Origin);
    }

    /// <summary>Lists one after the other; the entries of maps keep their names, and a later one wins.</summary>
    private static ConfigValue Join(List<ConfigValue> containers, ConfigOrigin origin)
    {
        var items = 0;
        var joined = ConfigValue.FromList([], origin);
        foreach (var entry in containers.SelectMany(Children))
            joined = With(joined, ConfigValue.TryGetIndex(entry.Key, out _) ? Name(items++) : entry.Key, entry.Value);
        return joined;
    }

    private static ConfigValue SetMatches(ConfigValue target, ReadOnlySpan<string> path, ConfigValue value, bool overwrite)
    {
        var isContainer = target.Kind is ConfigKind.List or ConfigKind.Map;
        var name = path[0];
        var rest = path[1..];
        if (name == "*")
        {
            if (!isContainer)
                return ConfigValue.FromList([], value.Origin);
            foreach (var child in Children(target).ToArray())
            {
                if (rest.Length > 0)
                    target = With(target, child.Key, SetMatches(child.Value, rest, value, overwrite));
                else if (overwrite)
                    target = With(target, child.Key, value);
            }

            return target;
        }

        if (!isContainer)
            target = ConfigValue.FromList([], value.Origin);
        var existing = target.Child(name);
        if (rest.Length > 0)
            return With(target, name, SetMatches(existing ?? ConfigValue.FromList([], value.Origin), rest, value, overwrite));
        return overwrite || (existing is null && isContainer) ? With(target, name, value) : target;
    }

    private static ConfigValue ForgetMatches(ConfigValue target, ReadOnlySpan<string> path)
    {
        if (target.Kind is not (ConfigKind.List or ConfigKind.Map))
            return target;
        var name = path[0];
        var rest = path[1..];
        if (name != "*")
        {
            if (rest.Length == 0)
                return Without(target, name);
            return target.Child(name) is { } child ? With(target, name, ForgetMatches(child, rest)) : target;
        }

        if (rest.Length == 0)
            return target;
        foreach (var child in Children(target).ToArray())
            target = With(target, child.Key, ForgetMatches(child.Value, rest));
        return target;
    }

    private static int Compare(ConfigValue left, ConfigValue right)
    {
        if (left.Kind != right.Kind)
            return left.Kind.CompareTo(right.Kind);
        if (left.Kind == ConfigKind.Text)
            return CompareTexts(left.Text, right.Text);
        var byCount = Children(left).Count().CompareTo(Children(right).Count());
        return byCount != 0 ? byCount : Children(left).Zip(Children(right), (one, other) => Compare(one.Value, other.Value)).FirstOrDefault(order => order != 0);
    }

    private static int CompareTexts(string left, string right)
    {
        var leftIsNumber = double.TryParse(left, NumberStyles.Float, CultureInfo.InvariantCulture, out var leftNumber);
        var rightIsNumber = double.TryParse(right, NumberStyles.Float, CultureInfo.InvariantCulture, out var rightNumber);
        return leftIsNumber && rightIsNumber ? leftNumber.CompareTo(rightNumber) : string.CompareOrdinal(left, right);
    }
}
