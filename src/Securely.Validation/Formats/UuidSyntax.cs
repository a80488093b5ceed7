using System.Buffers;

namespace Securely.Validation;

/// <summary>UUIDs (RFC 9562) by shape, or by version.</summary>
internal static class UuidSyntax
{
    private const int Length = 36;
    private const int LastVersion = 8;
    private static readonly SearchValues<char> _hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly string[] _words = ["urn:", "uuid:", "{", "}", "-"];

    public static bool IsValid(string text, string? version)
    {
        if (version is null)
            return HasShape(text);
        var digits = Digits(text);
        if (digits.Length != 32 || digits.AsSpan().ContainsAnyExcept(_hexadecimal))
            return false;
        if (version == "max")
            return !digits.AsSpan().ContainsAnyExcept("fF");
        var number = Number(version);
        return number == 0
            ? !digits.AsSpan().ContainsAnyExcept('0')
            : number <= LastVersion && digits[12] - '0' == number && "89abAB".Contains(digits[16], StringComparison.Ordinal);
    }

    private static bool HasShape(string text)
    {
        if (text.Length != Length)
            return false;
        for (var i = 0; i < Length; i++)
        {
            if (i is 8 or 13 or 18 or 23 ? text[i] != '-' : !char.IsAsciiHexDigit(text[i]))
                return false;
        }

        return true;
    }

    /// <summary>Without hyphens, and the prefixes and braces that some programs write.</summary>
    private static string Digits(string text)
    {
        foreach (var word in _words)
            text = text.Replace(word, "", StringComparison.OrdinalIgnoreCase);
        return text;
    }

    /// <summary>A word is version 0, so <c>nil</c> is too.</summary>
    private static int Number(string version) =>
        version.TakeWhile(char.IsAsciiDigit).Take(4).Aggregate(0, (sum, digit) => (sum * 10) + digit - '0');
}
