using Securely.Fuzz.Tests.Reference;

namespace Securely.Fuzz.Tests.Cases;

/// <summary>Makes cases: a piece of the corpus, damaged with some sense, with limits near its size, cut into pieces.</summary>
internal static class CaseMaker
{
    private static readonly string[] Methods = ["GET", "GET", "POST", "HEAD", "CONNECT"];

    private static readonly byte[][] Tails =
    [
        "\r\n\r\n"u8.ToArray(), "\r\n"u8.ToArray(), "\r\n\r\nhello"u8.ToArray(),
        "\r\n\r\nGET /next HTTP/1.1\r\nHost: b\r\n\r\n"u8.ToArray(), "\r\n0\r\n\r\n"u8.ToArray(),
    ];

    /// <summary>The case of a number; the same for the same seed, always.</summary>
    public static FuzzCase Make(ulong seed, long number)
    {
        var dice = Dice.For(seed, number);
        var kind = dice.Below(20) switch { < 8 => CaseKind.Request, < 14 => CaseKind.Response, _ => CaseKind.Chunked };
        var mutator = new Mutator(kind, dice);
        byte[] bytes = mutator.Mutate();
        if (dice.OneIn(3))
            bytes = [.. bytes, .. dice.Of(Tails)];
        return new FuzzCase
        {
            Number = number,
            Kind = kind,
            Bytes = bytes,
            Ends = Cut(bytes, dice),
            Limits = ChooseLimits(bytes, dice),
            Question = new PlainQuestion(dice.Of(Methods), dice.OneIn(2), dice.OneIn(6)),
            IsResponseBody = dice.OneIn(3),
        };
    }

    /// <summary>The usual limits, or some that the message just meets or just breaks.</summary>
    private static PlainLimits ChooseLimits(byte[] bytes, Dice dice)
    {
        if (dice.OneIn(2))
            return PlainLimits.Usual;
        int line = Math.Max(0, Array.IndexOf(bytes, (byte)'\n'));
        int end = bytes.AsSpan(line).IndexOf("\r\n\r\n"u8);
        int fieldBytes = end < 0 ? bytes.Length - line : end + 3;
        int fields = bytes.AsSpan(line, Math.Min(fieldBytes, bytes.Length - line)).Count((byte)'\n') - 2;
        var usual = PlainLimits.Usual;
        return new PlainLimits(
            dice.OneIn(3) ? Math.Max(16, line - 1 + dice.Between(-2, 2)) : usual.StartLine,
            dice.OneIn(3) ? Math.Max(2, fieldBytes + dice.Between(-2, 2)) : usual.FieldBytes,
            dice.OneIn(3) ? Math.Max(1, fields + dice.Between(-1, 1)) : usual.Fields,
            dice.OneIn(2) ? dice.Between(1, 45) : 0);
    }

    /// <summary>Where the message is cut: at every byte, at some places, around its line ends, or once.</summary>
    private static int[] Cut(byte[] bytes, Dice dice)
    {
        int way = dice.Below(5);
        // Every piece moves what has come, so a long message gets few.
        int longest = bytes.Length > 2000 ? bytes.Length / 8 : way == 1 ? 16 : 3;
        int once = dice.Below(bytes.Length + 1);
        var ends = new List<int>();
        int next = 0;
        for (int end = 1; end < bytes.Length; end++)
        {
            bool here = way switch
            {
                0 when bytes.Length <= 2000 => true,
                0 or 1 or 2 => end == next,
                3 => bytes[end - 1] is (byte)'\r' or (byte)'\n' || bytes[end] == '\r',
                _ => end == once,
            };
            if (here || next == 0)
                next = end + dice.Between(1, longest);
            if (here && (way != 3 || ends.Count < 400))
                ends.Add(end);
        }

        if (bytes.Length > 0)
            ends.Add(bytes.Length);
        return [.. ends];
    }
}
