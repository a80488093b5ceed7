namespace Securely.Validation;

/// <summary>UUIDs (RFC 9562) by shape, or by version.</summary>
internal static class UuidSyntax
{
    private const int Length = 36;

    public static bool IsValid(string text, string? version)
    {
        if (version is null)
            return HasShape(text);
        var bare = Bare(text);
        if (!HasShape(bare))
            return false;
        var isNil = !bare.AsSpan().ContainsAnyExcept("0-");
        if (version == "max")
            return !bare.AsSpan().ContainsAnyExcept("fF-");
        var number = Number(version);
        return number == 0 ? isNil : bare[14] - '0' == number && "89abAB".Contains(bare[19], StringComparison.Ordinal);
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

    /// <summary>Without the prefixes and braces that some programs write.</summary>
    private static string Bare(string text) => text.Length <= Length
        ? text
        : text.Replace("urn:", "", StringComparison.Ordinal).Replace("uuid:", "", StringComparison.Ordinal)
            .Replace("URN:", "", StringComparison.Ordinal).Replace("UUID:", "", StringComparison.Ordinal)
            .Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);

    /// <summary>A word is version 0, so <c>nil</c> is too.</summary>
    private static int Number(string version) =>
        version.TakeWhile(char.IsAsciiDigit).Take(4).Aggregate(0, (sum, digit) => (sum * 10) + digit - '0');
}
