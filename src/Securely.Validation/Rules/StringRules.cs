using System.Globalization;
using System.Text;
using static Securely.Validation.BuiltInRules;

namespace Securely.Validation;

/// <summary>Rules about the letters of a text.</summary>
internal static class StringRules
{
    public static readonly RuleDefinition[] All =
    [
        Rule("string", context => context.Value.Kind == FieldKind.Text),
        Rule("alpha", context => context.Value.AsText is { } text && AllAre(context, text, IsLetter)),
        Rule("alpha_dash", context => TextOrNumber(context.Value) is { } text && AllAre(context, text, IsLetterDigitOrDash)),
        Rule("alpha_num", context => TextOrNumber(context.Value) is { } text && AllAre(context, text, IsLetterOrDigit)),
        Rule("ascii", context => context.Value.AsText is { } text && text.All(letter => letter is '\t' or '\n' or '\r' or '\x10' or '\x13' or (>= ' ' and <= '~'))),
        Rule("lowercase", context => context.Value.AsText is { } text && text == LetterCase.Lower(text)),
        Rule("uppercase", context => context.Value.AsText is { } text && text == LetterCase.Upper(text)),
        Rule("starts_with", context => TextOrNumber(context.Value) is { } text && Starts(context, text)),
        Rule("doesnt_start_with", context => TextOrNumber(context.Value) is { } text && !Starts(context, text)),
        Rule("ends_with", context => TextOrNumber(context.Value) is { } text && Ends(context, text)),
        Rule("doesnt_end_with", context => TextOrNumber(context.Value) is { } text && !Ends(context, text)),
    ];

    /// <summary>The text, or the number as text; null for everything else.</summary>
    public static string? TextOrNumber(FieldValue value) => value.Kind switch
    {
        FieldKind.Text => value.AsText,
        FieldKind.Integer or FieldKind.Float => PhpText.Of(value),
        _ => null,
    };

    private static bool AllAre(RuleContext context, string text, Func<Rune, bool> isAllowed)
    {
        var isAscii = context.Parameter(0) == "ascii";
        foreach (var rune in text.EnumerateRunes())
        {
            if ((isAscii && !rune.IsAscii) || rune == Rune.ReplacementChar || !isAllowed(rune))
                return false;
        }

        return text.Length > 0;
    }

    private static bool IsLetter(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
        or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    private static bool IsLetterOrDigit(Rune rune) => IsLetter(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static bool IsLetterDigitOrDash(Rune rune) => rune.Value is '-' or '_' || IsLetterOrDigit(rune);

    private static bool Starts(RuleContext context, string text)
    {
        foreach (var part in context.Parameters)
        {
            if (!string.IsNullOrEmpty(part) && text.StartsWith(part, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static bool Ends(RuleContext context, string text)
    {
        foreach (var part in context.Parameters)
        {
            if (!string.IsNullOrEmpty(part) && text.EndsWith(part, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
