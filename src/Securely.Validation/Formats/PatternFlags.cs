using System.Text.RegularExpressions;

namespace Securely.Validation;

/// <summary>The letters behind the last delimiter of a pattern.</summary>
/// <param name="Options">Those that .NET has too.</param>
/// <param name="IsUnicode"><c>u</c>.</param>
/// <param name="IsWholeEnd"><c>D</c>: a dollar is not before a last line break.</param>
/// <param name="IsAnchored"><c>A</c>.</param>
/// <param name="IsLazy"><c>U</c>: quantifiers take as little as they can, and as much with a question mark.</param>
internal readonly record struct PatternFlags(RegexOptions Options, bool IsUnicode, bool IsWholeEnd, bool IsAnchored, bool IsLazy)
{
    /// <summary>Reads the flags; false with the first letter that is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PatternFlags flags, out char unknown)
    {
        flags = default;
        unknown = '\0';
        foreach (var flag in text)
        {
            switch (flag)
            {
                case 'u': flags = flags with { IsUnicode = true }; break;
                case 'D': flags = flags with { IsWholeEnd = true }; break;
                case 'A': flags = flags with { IsAnchored = true }; break;
                case 'U': flags = flags with { IsLazy = true }; break;
                // Groups of one name are one group in .NET anyhow.
                case 'S' or 'X' or 'J' or '\n' or '\r' or ' ': break;
                default:
                    unknown = flag;
                    if (OptionOf(flag) == RegexOptions.None)
                        return false;
                    flags = flags with { Options = flags.Options | OptionOf(flag) };
                    break;
            }
        }

        return true;
    }

    /// <summary>The option of .NET; none when it has no such one.</summary>
    public static RegexOptions OptionOf(char flag) => flag switch
    {
        'i' => RegexOptions.IgnoreCase,
        'm' => RegexOptions.Multiline,
        's' => RegexOptions.Singleline,
        'x' => RegexOptions.IgnorePatternWhitespace,
        'n' => RegexOptions.ExplicitCapture,
        _ => RegexOptions.None,
    };
}
