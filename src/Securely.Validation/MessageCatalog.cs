using System.Collections.Frozen;
using System.Globalization;

namespace Securely.Validation;

/// <summary>
/// The messages of one language: rule to text with placeholders, for rules about sizes <c>max.string</c>, <c>max.numeric</c>, <c>max.array</c>
/// and <c>max.file</c>. Immutable.
/// </summary>
/// <remarks>
/// As in a language file of Laravel, <c>custom.email.required</c> is the message of one rule of one field, <c>attributes.email</c> the name of a
/// field, and <c>values.payment.cc</c> that of a value; a <c>*</c> in the first two stands for anything. What <see cref="ValidatorOptions"/> say
/// goes before all of it.
/// </remarks>
public sealed class MessageCatalog
{
    private const string CustomPrefix = "custom.";
    private const string AttributePrefix = "attributes.";
    private const string ValuePrefix = "values.";

    private readonly FrozenDictionary<string, string> _messages;
    private readonly KeyValuePair<string, string>[] _patterns;
    private readonly bool _hasNames;
    private readonly Func<int, string> _ordinal;

    private MessageCatalog(string language, IEnumerable<KeyValuePair<string, string>> messages, Func<int, string> ordinal)
    {
        Language = language;
        _messages = messages.ToFrozenDictionary(StringComparer.Ordinal);
        _patterns = [.. _messages.Where(entry => entry.Key.Contains('*', StringComparison.Ordinal)).OrderBy(entry => entry.Key, StringComparer.Ordinal)];
        _hasNames = _messages.Keys.Any(key => key.StartsWith(CustomPrefix, StringComparison.Ordinal)
            || key.StartsWith(AttributePrefix, StringComparison.Ordinal) || key.StartsWith(ValuePrefix, StringComparison.Ordinal));
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

    /// <summary>The message of one rule of one field; null when it has none of its own.</summary>
    internal string? FindCustom(string field, string rule, string? sizeType)
    {
        if (!_hasNames)
            return null;
        var key = $"{CustomPrefix}{field}.{rule}";
        return (sizeType is null ? null : Own(key + "." + sizeType, acrossDots: true)) ?? Own(key, acrossDots: true);
    }

    /// <summary>The name of a field; null when it has none.</summary>
    internal string? AttributeName(string field) => _hasNames && Own(AttributePrefix + field, acrossDots: false) is { Length: > 0 } name ? name : null;

    /// <summary>The name of a value of a field; null when it has none.</summary>
    internal string? ValueName(string field, string value) => _hasNames ? _messages.GetValueOrDefault($"{ValuePrefix}{field}.{value}") : null;

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

    private string? Own(string key, bool acrossDots)
    {
        if (_messages.TryGetValue(key, out var own))
            return own;
        foreach (var (pattern, message) in _patterns)
        {
            if (StarPattern.IsMatch(pattern, key, acrossDots))
                return message;
        }

        return null;
    }
}
