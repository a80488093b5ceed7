using System.Collections.Frozen;
using System.Globalization;

namespace Securely.Validation;

/// <summary>
/// The messages of one language: rule to text with placeholders, for rules about sizes <c>max.string</c>, <c>max.numeric</c>, <c>max.array</c>
/// and <c>max.file</c>. Immutable.
/// </summary>
public sealed class MessageCatalog
{
    private readonly FrozenDictionary<string, string> _messages;
    private readonly Func<int, string> _ordinal;

    private MessageCatalog(string language, IEnumerable<KeyValuePair<string, string>> messages, Func<int, string> ordinal)
    {
        Language = language;
        _messages = messages.ToFrozenDictionary(StringComparer.Ordinal);
        _ordinal = ordinal;
    }

    /// <summary>English.</summary>
    public static MessageCatalog English { get; } = new("en", EnglishMessages.All, EnglishMessages.Ordinal);

    /// <summary>German.</summary>
    public static MessageCatalog German { get; } = new("de", GermanMessages.All, number => $"{number}.");

    /// <summary>The language as a tag of BCP 47.</summary>
    public string Language { get; }

    /// <summary>The keys that have a message, sorted.</summary>
    public IReadOnlyList<string> Keys => [.. _messages.Keys.Order(StringComparer.Ordinal)];

    internal string Title => _messages["problem.title"];

    /// <summary>The catalogue of a language by its tag (<c>de</c>, <c>de-AT</c>); null when there is none.</summary>
    public static MessageCatalog? Of(string language)
    {
        ArgumentNullException.ThrowIfNull(language);
        return language.Split('-', '_')[0].ToLowerInvariant() switch
        {
            "en" => English,
            "de" => German,
            _ => null,
        };
    }

    /// <summary>A catalogue with other messages in the place of these, or of another language when all are given.</summary>
    public MessageCatalog With(IEnumerable<KeyValuePair<string, string>> messages, string? language = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var all = _messages.ToDictionary(StringComparer.Ordinal);
        foreach (var (key, message) in messages)
            all[key] = message;
        return new MessageCatalog(language ?? Language, all, _ordinal);
    }

    /// <summary>The message of a rule; null when there is none.</summary>
    public string? Find(string rule, string? sizeType = null) =>
        sizeType is not null && _messages.TryGetValue(rule + "." + sizeType, out var sized) ? sized : _messages.GetValueOrDefault(rule);

    internal string Word(string word) => _messages["word." + word];

    internal string Ordinal(int number) => _ordinal(number);

    internal string Summary(ErrorBag errors)
    {
        var more = errors.Count - 1;
        if (more < 1)
            return errors.Any ? errors.First(format: ":message") : Title;
        var key = more == 1 ? "problem.one_more" : "problem.more";
        return errors.First(format: ":message") + " " + _messages[key].Replace(":count", more.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }
}
