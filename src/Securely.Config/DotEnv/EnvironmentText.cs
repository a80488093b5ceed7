namespace Securely.Config;

/// <summary>What the text of an environment variable means (Laravel's <c>env()</c>, row 1.1).</summary>
public static class EnvironmentText
{
    /// <summary>
    /// <c>true</c>, <c>false</c>, <c>null</c> and <c>empty</c>, each also in round brackets and in any case, become a boolean, nothing and an empty
    /// text. One pair of quotes around a text is taken away. Everything else stays a text.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="origin">Where it stands.</param>
    /// <param name="quoted">Whether it stood in quotes, so that <c>5</c> is a text and no number.</param>
    public static ConfigValue ToValue(string text, ConfigOrigin origin, bool quoted = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.ToLowerInvariant() switch
        {
            "true" or "(true)" => ConfigValue.FromText("true", origin),
            "false" or "(false)" => ConfigValue.FromText("false", origin),
            "null" or "(null)" => ConfigValue.Null(origin),
            "empty" or "(empty)" => ConfigValue.FromText("", origin, quoted: true),
            _ when text is ['"', .., '"'] or ['\'', .., '\''] && !text.Contains('\n', StringComparison.Ordinal) => ConfigValue.FromText(text[1..^1], origin, quoted: true),
            _ => ConfigValue.FromText(text, origin, quoted || text.Length == 0),
        };
    }
}
