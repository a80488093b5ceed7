using Securely.Config;

namespace Securely.Cli;

/// <summary>Reads a list of texts whose positions matter.</summary>
internal static class TextList
{
    /// <summary>Reports a list of nothing, which nobody writes to mean everything, as leaving the key out does.</summary>
    /// <param name="section">The section.</param>
    /// <param name="key">The key.</param>
    /// <param name="wayOut">What to write.</param>
    public static void RefuseEmpty(SectionReader section, string key, string wayOut)
    {
        if (section.Value(key) is { Kind: ConfigKind.List, Items.Count: 0 })
            section.Error(key, $"[{key}] is empty; {wayOut}");
    }

    /// <summary>The texts of a key, where one text stands for a list of one; what is no text is reported and replaced.</summary>
    /// <param name="section">The section.</param>
    /// <param name="key">The key.</param>
    /// <param name="placeholder">What stands at the position of a text that cannot be read.</param>
    public static IReadOnlyList<string> Read(SectionReader section, string key, Func<int, string> placeholder)
    {
        var readable = section.Items(key);
        if (section.Value(key) is not { Kind: ConfigKind.List } list)
            return [.. readable.Select(item => item.Text)];
        return [.. list.Items.Select((item, index) => item.TryGetText(out var text) && text.Length > 0 ? text : placeholder(index))];
    }
}
