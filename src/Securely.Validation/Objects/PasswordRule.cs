using System.Globalization;
using System.Text;

namespace Securely.Validation;

/// <summary>A password: its length and what has to be in it. Each call returns a new rule. An absent field passes; add <c>required</c>.</summary>
public sealed class PasswordRule : RuleEntry, IRule
{
    private readonly int _minimum;

    internal PasswordRule(int minimum) => _minimum = Math.Max(minimum, 1);

    private PasswordRule(PasswordRule other)
    {
        _minimum = other._minimum;
        Maximum = other.Maximum;
        NeedsMixedCase = other.NeedsMixedCase;
        NeedsLetters = other.NeedsLetters;
        NeedsNumbers = other.NeedsNumbers;
        NeedsSymbols = other.NeedsSymbols;
        LeakThreshold = other.LeakThreshold;
    }

    string IRule.Name => "password";

    bool IRule.IsImplicit => true;

    private int? Maximum { get; init; }

    private bool NeedsMixedCase { get; init; }

    private bool NeedsLetters { get; init; }

    private bool NeedsNumbers { get; init; }

    private bool NeedsSymbols { get; init; }

    private int? LeakThreshold { get; init; }

    /// <summary>At most so many characters.</summary>
    public PasswordRule Max(int value) => new(this) { Maximum = value };

    /// <summary>A capital letter and a small one.</summary>
    public PasswordRule MixedCase() => new(this) { NeedsMixedCase = true };

    /// <summary>A letter.</summary>
    public PasswordRule Letters() => new(this) { NeedsLetters = true };

    /// <summary>A digit.</summary>
    public PasswordRule Numbers() => new(this) { NeedsNumbers = true };

    /// <summary>Something that is neither a letter nor a digit; a blank counts.</summary>
    public PasswordRule Symbols() => new(this) { NeedsSymbols = true };

    /// <summary>Not more often in published leaks than so many times; asks <see cref="ValidatorOptions.LeakedPasswords"/>.</summary>
    public PasswordRule Uncompromised(int threshold = 0) => new(this) { LeakThreshold = threshold };

    async ValueTask<bool> IRule.PassesAsync(RuleContext context, CancellationToken cancellationToken)
    {
        if (!context.Has(context.Path) || (context.State.Rules.IsNullable && IsBlank(context.Value)))
            return true;
        if (!Judge(context))
            return false;
        if (LeakThreshold is not { } threshold || context.Value.AsText is not { } password)
            return true;
        var leaks = context.Options.LeakedPasswords
            ?? throw new InvalidOperationException($"Password rule of field [{context.Field}] needs a list of leaks; set ValidatorOptions.LeakedPasswords");
        return await leaks.CountAsync(password, cancellationToken).ConfigureAwait(false) <= threshold || context.FailWith("password.uncompromised");
    }

    internal override void AddTo(List<RulePart> parts, RuleRegistry registry) => Rule.Of(this).AddTo(parts, registry);

    private static bool IsBlank(FieldValue value) => value.IsNull || (value.AsText is { } text && PhpText.IsBlank(text));

    private static bool Has(string text, Func<UnicodeCategory, bool> isWanted) => text.EnumerateRunes().Any(rune => isWanted(Rune.GetUnicodeCategory(rune)));

    /// <summary>All that is missing is said at once. Length is not judged where nothing but blanks is there, and is that of the text even beside <c>numeric</c>.</summary>
    private bool Judge(RuleContext context)
    {
        var passes = true;
        var value = context.Value;
        var isBlankText = value.AsText is { } blank && PhpText.IsBlank(blank);
        if (value.Kind != FieldKind.Text)
            passes = context.FailWith("string");
        if (!isBlankText && FieldSize.TryMeasure(value, isNumeric: false, out var size))
        {
            if (size.CompareTo(DecimalNumber.Of(_minimum)) < 0)
                passes = context.FailWith("min", _minimum.ToString(CultureInfo.InvariantCulture));
            if (Maximum is { } maximum && size.CompareTo(DecimalNumber.Of(maximum)) > 0)
                passes = context.FailWith("max", maximum.ToString(CultureInfo.InvariantCulture));
        }

        return value.AsText is { } text ? JudgeLetters(context, text) && passes : passes;
    }

    private bool JudgeLetters(RuleContext context, string text)
    {
        var passes = true;
        if (NeedsMixedCase && !(Has(text, category => category == UnicodeCategory.LowercaseLetter) && Has(text, category => category == UnicodeCategory.UppercaseLetter)))
            passes = context.FailWith("password.mixed");
        if (NeedsLetters && !Has(text, category => category <= UnicodeCategory.OtherLetter))
            passes = context.FailWith("password.letters");
        if (NeedsSymbols && !Has(text, IsSymbol))
            passes = context.FailWith("password.symbols");
        if (NeedsNumbers && !Has(text, category => category is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber))
            passes = context.FailWith("password.numbers");
        return passes;
    }

    /// <summary>Separators, punctuation and symbols.</summary>
    private static bool IsSymbol(UnicodeCategory category) => category is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation
        or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation
        or UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.OtherSymbol;
}
