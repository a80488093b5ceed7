namespace Securely.Http;

/// <summary>How urgent a response is, and whether parts of it are of use (RFC 9218 4).</summary>
/// <param name="Urgency">From 0, the most urgent, to 7.</param>
/// <param name="IsIncremental">Whether it shares with its equals.</param>
internal readonly record struct StreamPriority(byte Urgency, bool IsIncremental)
{
    /// <summary>What is not said, or not said properly, has its default (RFC 9218 4, 5).</summary>
    internal static StreamPriority Default => new(Http2Stream.DefaultUrgency, false);

    /// <summary>Reads a Priority field: a dictionary of RFC 9651, of which only u and i count.</summary>
    internal static StreamPriority Parse(ReadOnlySpan<byte> value)
    {
        var (urgency, incremental) = (Default.Urgency, false);
        foreach (var member in new HeaderList(value))
        {
            var end = member.IndexOf((byte)';');
            var item = HttpTokens.Trim(end < 0 ? member : member[..end]);
            if (item.Length == 3 && item[0] == 'u' && item[1] == '=' && item[2] is >= (byte)'0' and <= (byte)'7')
                urgency = (byte)(item[2] - '0');
            else if (item.SequenceEqual("i"u8) || item.SequenceEqual("i=?1"u8))
                incremental = true;
            else if (item.SequenceEqual("i=?0"u8))
                incremental = false;
        }

        return new StreamPriority(urgency, incremental);
    }
}
