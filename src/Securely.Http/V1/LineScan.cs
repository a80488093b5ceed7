namespace Securely.Http;

/// <summary>
/// Remembers how much of an unfinished line was looked at, so that a head that arrives byte by byte costs no more than twice its length.
/// </summary>
internal static class LineScan
{
    /// <summary>
    /// Looks at what is new in a line. True when it is worth parsing now: it is complete, or holds a control character that no line may
    /// hold.
    /// </summary>
    /// <param name="line">From the start of the line to the end of what has come.</param>
    /// <param name="scanned">How many bytes are known to be no control characters; 0 when the line was not looked at yet.</param>
    public static bool IsWorthParsing(ReadOnlySpan<byte> line, ref int scanned)
    {
        if (scanned == 0)
        {
            return true;
        }

        int found = line[scanned..].IndexOfAny(HttpTokens.Controls);
        if (found < 0)
        {
            scanned = line.Length;
            return false;
        }

        scanned += found;
        return scanned < line.Length - 1 || line[scanned] != '\r';
    }

    /// <summary>How much of an unfinished line needs no second look: all but a CR that waits for its LF.</summary>
    public static int Settled(ReadOnlySpan<byte> line) => line.Length > 1 && line[^1] == '\r' ? line.Length - 1 : line.Length;

    /// <summary>What is wrong with a line that ends, or holds, a control character where a CRLF was expected.</summary>
    public static string ProblemOf(byte control) => control switch
    {
        (byte)'\n' => "A line ends in a bare LF",
        (byte)'\r' => "A CR is not followed by LF",
        0 => "A line holds a NUL",
        _ => "A line holds a control character",
    };
}
