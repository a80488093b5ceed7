namespace Securely.Validation;

/// <summary>Text with bounds. Each call returns a new rule.</summary>
public sealed class StringRule : RuleEntry
{
    private readonly string[] _rules;

    internal StringRule(params string[] rules) => _rules = rules.Length == 0 ? ["string"] : rules;

    /// <summary>Letters only.</summary>
    public StringRule Alpha(bool ascii = false) => With("alpha" + Ascii(ascii));

    /// <summary>Letters, digits, hyphens and underscores only.</summary>
    public StringRule AlphaDash(bool ascii = false) => With("alpha_dash" + Ascii(ascii));

    /// <summary>Letters and digits only.</summary>
    public StringRule AlphaNumeric(bool ascii = false) => With("alpha_num" + Ascii(ascii));

    /// <summary>ASCII only.</summary>
    public StringRule Ascii() => With("ascii");

    /// <summary>At least and at most so many characters.</summary>
    public StringRule Between(int minimum, int maximum) => With($"between:{minimum},{maximum}");

    /// <summary>Ends with none of these.</summary>
    public StringRule DoesntEndWith(params IEnumerable<string> values) => With("doesnt_end_with", values);

    /// <summary>Starts with none of these.</summary>
    public StringRule DoesntStartWith(params IEnumerable<string> values) => With("doesnt_start_with", values);

    /// <summary>Ends with one of these.</summary>
    public StringRule EndsWith(params IEnumerable<string> values) => With("ends_with", values);

    /// <summary>Exactly so many characters.</summary>
    public StringRule Exactly(int value) => With($"size:{value}");

    /// <summary>Without capital letters.</summary>
    public StringRule Lowercase() => With("lowercase");

    /// <summary>At most so many characters.</summary>
    public StringRule Max(int value) => With($"max:{value}");

    /// <summary>At least so many characters.</summary>
    public StringRule Min(int value) => With($"min:{value}");

    /// <summary>Starts with one of these.</summary>
    public StringRule StartsWith(params IEnumerable<string> values) => With("starts_with", values);

    /// <summary>Without small letters.</summary>
    public StringRule Uppercase() => With("uppercase");

    internal override void AddTo(List<RulePart> parts, RuleRegistry registry) => new TextEntry(_rules).AddTo(parts, registry);

    private static string Ascii(bool ascii) => ascii ? ":ascii" : "";

    private StringRule With(string rule, IEnumerable<string> values) => With(rule + ":" + string.Join(',', values.Select(RuleParser.Quote)));

    private StringRule With(string rule) => _rules.Contains(rule, StringComparer.Ordinal) ? this : new([.. _rules, rule]);
}
