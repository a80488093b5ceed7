using System.Globalization;

namespace Securely.Dns.Records;

/// <summary>
/// What makes data useless although it has all of its fields: a digest of another length than its algorithm's, a rule that rewrites nothing. Whoever adds
/// such a record by hand or by program has made a mistake; what another server sends is passed on as it is.
/// </summary>
internal static class RecordCheck
{
    /// <summary>Whether something may be wrong with data of a type.</summary>
    internal static bool Judges(RecordType type) =>
        type is RecordType.Ds or RecordType.Cds or RecordType.Dlv or RecordType.Ta or RecordType.ZoneMd or RecordType.Sshfp or RecordType.Naptr;

    /// <summary>What is wrong with valid data; null when nothing is.</summary>
    internal static string? Judge(RecordType type, ReadOnlySpan<byte> data) => type switch
    {
        RecordType.Ds or RecordType.Cds or RecordType.Dlv or RecordType.Ta => JudgeDigest(data[4..], data[3] switch { 1 => 20, 2 => 32, 4 => 48, _ => null }),
        RecordType.ZoneMd => data[5] is 1 or 2 ? JudgeDigest(data[6..], data[5] == 1 ? 48 : 64) : data.Length < 18 ? "has a digest of less than 12 bytes" : null,
        RecordType.Sshfp => JudgeDigest(data[2..], data[1] switch { 1 => 20, 2 => 32, _ => null }),
        RecordType.Naptr => IsSubstitution(RegularExpression(data)) ? null : "has a regular expression that is none",
        _ => null,
    };

    private static string? JudgeDigest(ReadOnlySpan<byte> digest, int? length) =>
        length is { } bytes && digest.Length != bytes ? string.Create(CultureInfo.InvariantCulture, $"has a digest of {digest.Length} bytes, not {bytes}") : null;

    // Behind order, preference, flags and services.
    private static ReadOnlySpan<byte> RegularExpression(ReadOnlySpan<byte> data)
    {
        var at = 4;
        at += data[at] + 1;
        at += data[at] + 1;
        return data.Slice(at + 1, data[at]);
    }

    // DELIMITER EXPRESSION DELIMITER REPLACEMENT DELIMITER [i] (RFC 3402, 3.2)
    private static bool IsSubstitution(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return true;
        var delimiter = text[0];
        if (delimiter is 0 or (byte)'i' or (byte)'\\' or (>= (byte)'1' and <= (byte)'9'))
            return false;
        var parts = new List<byte[]> { Array.Empty<byte>() };
        var part = new List<byte>();
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == delimiter)
            {
                parts.Add([.. part]);
                part.Clear();
                continue;
            }

            part.Add(text[i]);
            if (text[i] == (byte)'\\' && ++i < text.Length)
                part.Add(text[i]);
        }

        return parts.Count == 3 && (part.Count == 0 || part is [(byte)'i']) && TryCountGroups(parts[1], out var groups) && RefersTo(parts[2], groups);
    }

    // Whether brackets and parentheses of an extended expression close, and how many groups there are.
    private static bool TryCountGroups(ReadOnlySpan<byte> expression, out int groups)
    {
        groups = 0;
        var open = 0;
        for (var i = 0; i < expression.Length; i++)
        {
            switch (expression[i])
            {
                case (byte)'\\' when ++i == expression.Length:
                    return false;
                case (byte)'[':
                    // A bracket that comes first is one of the letters.
                    var first = i + 1 < expression.Length && expression[i + 1] == (byte)'^' ? i + 2 : i + 1;
                    var close = first + 1 < expression.Length ? expression[(first + 1)..].IndexOf((byte)']') : -1;
                    if (close < 0)
                        return false;
                    i = first + 1 + close;
                    break;
                case (byte)'(':
                    open++;
                    groups++;
                    break;
                case (byte)')' when --open < 0:
                    return false;
            }
        }

        return expression.Length > 0 && open == 0;
    }

    private static bool RefersTo(ReadOnlySpan<byte> replacement, int groups)
    {
        for (var i = 0; i + 1 < replacement.Length; i++)
        {
            if (replacement[i] == (byte)'\\' && replacement[++i] is >= (byte)'0' and <= (byte)'9' and var digit && digit - '0' is var group && (group == 0 || group > groups))
                return false;
        }

        return true;
    }
}
