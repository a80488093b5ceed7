using System.Text.RegularExpressions;
using static Securely.Validation.BuiltInRules;

namespace Securely.Validation;

/// <summary>Regular expressions. A value that takes longer than the timeout fails, whether it should match or not.</summary>
internal static class PatternRules
{
    public static readonly RuleDefinition[] All =
    [
        Rule("regex", context => Matches(context) is true, 1, prepare: Read),
        Rule("not_regex", context => Matches(context) is false, 1, prepare: Read),
    ];

    private static void Read(RuleUse use) => use.Prepared = PhpPattern.Parse(use.Parameters[0] ?? "");

    private static bool? Matches(RuleContext context)
    {
        if (StringRules.TextOrNumber(context.Value) is not { } text)
            return null;
        try
        {
            return ((PhpPattern)context.Use.Prepared!).IsMatch(text, context.Options.PatternTimeout);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }
}
