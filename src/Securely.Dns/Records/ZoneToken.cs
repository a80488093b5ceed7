namespace Securely.Dns.Records;

/// <summary>One word of a zone file, where it stands in the text; escapes are still in it.</summary>
/// <param name="Start">Its first character, behind a quote.</param>
/// <param name="Length">How many characters.</param>
/// <param name="IsQuoted">Whether quotes were around it.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Its column, from 1.</param>
internal readonly record struct ZoneToken(int Start, int Length, bool IsQuoted, int Line, int Column)
{
    /// <summary>The word itself.</summary>
    internal ReadOnlySpan<char> In(string text) => text.AsSpan(Start, Length);
}
