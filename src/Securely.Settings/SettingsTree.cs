namespace Securely.Settings;

/// <summary>
/// Settings as a tree by the words of their names: <c>DB_HOST</c> and <c>DB_PORT</c> stand under <c>DB</c>. A word that only one name goes through is no
/// level of its own. Unchangeable.
/// </summary>
/// <param name="Word">The part of the name that is added here; empty for the root.</param>
/// <param name="Setting">The setting that ends here; null for a level alone.</param>
/// <param name="Children">What lies below, in the order of the file.</param>
public sealed record SettingsTree(string Word, Setting? Setting, IReadOnlyList<SettingsTree> Children)
{
    /// <summary>Builds the tree.</summary>
    /// <param name="settings">The settings.</param>
    public static SettingsTree Of(IEnumerable<Setting> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Build("", settings.Select(setting => (setting, setting.Name)).ToArray());
    }

    /// <summary>Draws the tree, one setting or level a line.</summary>
    /// <param name="show">What stands behind the name of a setting.</param>
    public IEnumerable<string> Draw(Func<Setting, string> show)
    {
        ArgumentNullException.ThrowIfNull(show);
        return Draw(this, "", show);
    }

    private static SettingsTree Build(string word, IReadOnlyList<(Setting Setting, string Tail)> group)
    {
        var own = group.FirstOrDefault(one => one.Tail.Length == 0).Setting;
        var children = new List<SettingsTree>();
        // A__B and A.B are two names of the same words; each is drawn.
        children.AddRange(group.Where(one => one.Tail.Length == 0).Skip(1).Select(one => new SettingsTree(one.Setting.Name, one.Setting, [])));
        foreach (var below in group.Where(one => one.Tail.Length > 0).GroupBy(one => Head(one.Tail), StringComparer.Ordinal))
        {
            var members = below.Select(one => (one.Setting, WithoutSeparators(one.Tail[below.Key.Length..]))).ToArray();
            var child = Build(below.Key, members);
            if (members.Length == 1)
                child = new SettingsTree(below.First().Tail, members[0].Setting, []);
            else if (child is { Setting: null, Children: [var only] })
                child = only with { Word = below.First().Tail[..(below.First().Tail.IndexOf(only.Word, child.Word.Length, StringComparison.Ordinal) + only.Word.Length)] };
            children.Add(child);
        }

        return new SettingsTree(word, own, children);
    }

    private static string WithoutSeparators(string tail) => tail.TrimStart('_', '.') is { Length: > 0 } word ? word : tail;

    private static string Head(string rest)
    {
        var end = rest.AsSpan(1).IndexOfAny('_', '.');
        return end < 0 ? rest : rest[..(end + 1)];
    }

    private static IEnumerable<string> Draw(SettingsTree tree, string indent, Func<Setting, string> show)
    {
        for (var i = 0; i < tree.Children.Count; i++)
        {
            var (child, isLast) = (tree.Children[i], i + 1 == tree.Children.Count);
            yield return indent + (isLast ? "└── " : "├── ") + child.Word + (child.Setting is { } setting ? " = " + show(setting) : "");
            foreach (var line in Draw(child, indent + (isLast ? "    " : "│   "), show))
                yield return line;
        }
    }
}
