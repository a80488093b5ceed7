namespace Securely.Fuzz.Tests.Cases;

/// <summary>Takes a message of the corpus and damages it: whole lines first, as attackers do, then bytes, as the network does.</summary>
internal sealed class Mutator(CaseKind kind, Dice dice)
{
    private readonly List<byte> _bytes = [];

    /// <summary>A message; one in ten is as the corpus has it.</summary>
    public byte[] Mutate()
    {
        _bytes.AddRange(Seeds.Pick(dice));
        if (!dice.OneIn(10))
        {
            for (int edits = dice.Below(3); edits > 0; edits--)
                EditLine();
            // Mostly few: what is broken everywhere is refused at its first byte.
            for (int edits = Math.Max(0, dice.Below(6) - 3); edits > 0; edits--)
                EditBytes();
        }

        return [.. _bytes];
    }

    private Pieces Seeds => kind switch
    {
        CaseKind.Request => Corpus.Requests,
        CaseKind.Response => Corpus.Responses,
        _ => Corpus.Bodies,
    };

    private void EditLine()
    {
        var starts = LineStarts();
        int line = dice.Below(starts.Count);
        int start = starts[line];
        int length = (line + 1 < starts.Count ? starts[line + 1] : _bytes.Count) - start;
        byte[] piece = (kind == CaseKind.Chunked && !dice.OneIn(3) ? Corpus.Chunks : Corpus.Fields).Pick(dice);
        switch (dice.Below(10))
        {
            case 0 or 1 or 2 or 3:
                _bytes.InsertRange(AfterFirstLine(starts, line), piece);
                break;
            case 4:
                _bytes.RemoveRange(start, length);
                _bytes.InsertRange(start, piece);
                break;
            case 5:
                _bytes.InsertRange(start, _bytes.GetRange(start, length));
                break;
            case 6:
                _bytes.RemoveRange(start, length);
                break;
            case 7:
                MoveLine(starts, start, length);
                break;
            case 8 when kind != CaseKind.Chunked:
                ReplaceTarget();
                break;
            case 8 when dice.OneIn(20):
                InflateExactly();
                break;
            default:
                Splice();
                break;
        }
    }

    private void EditBytes()
    {
        int at = dice.Below(_bytes.Count + 1);
        int length = Math.Min(dice.Between(1, dice.OneIn(3) ? 20 : 3), _bytes.Count - at);
        switch (dice.Below(10))
        {
            case 0 when at < _bytes.Count:
                _bytes[at] ^= (byte)(1 << dice.Below(8));
                break;
            case 1 when at < _bytes.Count:
                _bytes[at] = dice.Of(Corpus.Tokens.Pick(dice));
                break;
            case 2:
                _bytes.RemoveRange(at, length);
                break;
            case 3:
                _bytes.InsertRange(at, _bytes.GetRange(at, length));
                break;
            case 4:
                ChangeCase(at, length);
                break;
            case 5:
                ReplaceNumber(at);
                break;
            case 6:
                ReplaceLineEnd(at);
                break;
            case 7 when dice.OneIn(60):
                Inflate(at);
                break;
            case 8:
                _bytes.RemoveRange(at, length);
                _bytes.InsertRange(at, Corpus.Tokens.Pick(dice));
                break;
            default:
                _bytes.InsertRange(at, Corpus.Tokens.Pick(dice));
                break;
        }
    }

    private List<int> LineStarts()
    {
        var starts = new List<int> { 0 };
        for (int index = 1; index < _bytes.Count; index++)
        {
            if (_bytes[index - 1] == '\n')
                starts.Add(index);
        }

        return starts;
    }

    /// <summary>A field in front of a start line is of little use, so mostly it comes behind it.</summary>
    private int AfterFirstLine(List<int> starts, int line) =>
        line > 0 || kind == CaseKind.Chunked || starts.Count == 1 || dice.OneIn(10) ? starts[line] : starts[1];

    private void MoveLine(List<int> starts, int start, int length)
    {
        int to = dice.Of(starts);
        var moved = _bytes.GetRange(start, length);
        _bytes.RemoveRange(start, length);
        _bytes.InsertRange(to > start ? Math.Max(start, to - length) : to, moved);
    }

    /// <summary>Sets another target between the first two spaces, or another host behind the first <c>Host:</c>.</summary>
    private void ReplaceTarget()
    {
        byte[] bytes = [.. _bytes];
        bool isHost = dice.OneIn(2);
        int start = isHost ? bytes.AsSpan().IndexOf("Host: "u8) + 6 : Array.IndexOf(bytes, (byte)' ') + 1;
        int end = Array.IndexOf(bytes, (byte)(isHost ? '\r' : ' '), Math.Min(start, bytes.Length));
        if (start < (isHost ? 6 : 1) || end < 0)
            return;
        _bytes.RemoveRange(start, end - start);
        _bytes.InsertRange(start, Corpus.Targets.Pick(dice));
    }

    private void Splice()
    {
        byte[] other = Seeds.Pick(dice);
        int keep = dice.Below(_bytes.Count + 1);
        _bytes.RemoveRange(keep, _bytes.Count - keep);
        _bytes.AddRange(other[dice.Below(other.Length)..]);
    }

    private void ChangeCase(int at, int length)
    {
        for (int index = at; index < at + length; index++)
        {
            if (char.IsAsciiLetter((char)_bytes[index]))
                _bytes[index] ^= 0x20;
        }
    }

    private void ReplaceNumber(int at)
    {
        int start = _bytes.FindIndex(Math.Min(at, _bytes.Count), static value => char.IsAsciiDigit((char)value));
        if (start < 0)
            return;
        int end = start;
        while (end < _bytes.Count && char.IsAsciiDigit((char)_bytes[end]))
            end++;
        string number = dice.Below(3) switch
        {
            0 => new string((char)('0' + dice.Below(10)), dice.Between(1, 21)),
            1 => $"{dice.Below(50)}",
            _ => $"{(ulong)dice.Below(int.MaxValue) * (ulong)dice.Below(int.MaxValue) * (ulong)dice.Between(1, 9)}",
        };
        _bytes.RemoveRange(start, end - start);
        _bytes.InsertRange(start, number.Select(static digit => (byte)digit));
    }

    private void ReplaceLineEnd(int at)
    {
        int end = _bytes.IndexOf((byte)'\n', Math.Min(at, _bytes.Count));
        if (end < 1 || _bytes[end - 1] != '\r')
            return;
        byte[][] ends = [[(byte)'\n'], [(byte)'\r'], "\r\r\n"u8.ToArray(), "\n\r"u8.ToArray(), " \r\n"u8.ToArray(), "\r\n "u8.ToArray(), "\0\r\n"u8.ToArray()];
        _bytes.RemoveRange(end - 1, 2);
        _bytes.InsertRange(end - 1, dice.Of(ends));
    }

    /// <summary>Makes a message so large that it meets a limit that is no setting, or a usual one.</summary>
    private void Inflate(int at)
    {
        if (dice.OneIn(3))
        {
            var line = dice.OneIn(2) ? "a:b\r\n"u8.ToArray() : Corpus.Fields.Pick(dice);
            for (int count = dice.Between(115, 130); count > 0; count--)
                _bytes.InsertRange(Math.Min(at, _bytes.Count), line);
            return;
        }

        int length = (dice.OneIn(4) ? 65_536 : 8192) + dice.Between(-40, 8);
        _bytes.InsertRange(at, Enumerable.Repeat(dice.Of("xA0; "u8.ToArray()), length));
    }

    /// <summary>Brings the first line of a body to the length that is just allowed, or its trailers, or one byte more or less.</summary>
    private void InflateExactly()
    {
        byte[] bytes = [.. _bytes];
        bool isTrailer = dice.OneIn(2);
        int last = bytes.AsSpan().IndexOf("\n0\r\n"u8);
        if (isTrailer && last < 0)
            return;
        int start = isTrailer ? last + 4 : 0;
        int end = bytes.AsSpan(start).IndexOf(isTrailer ? "\n\r\n"u8 : "\r\n"u8);
        if (end < 0)
            return;
        byte[] frame = isTrailer ? "p:\r\n"u8.ToArray() : ";"u8.ToArray();
        int missing = isTrailer ? 65_536 - (end + 3) - frame.Length : 8192 - end - frame.Length;
        var padding = Enumerable.Repeat((byte)'p', Math.Max(0, missing + dice.Between(-1, 1)));
        _bytes.InsertRange(isTrailer ? start : end, [.. frame[..^(isTrailer ? 2 : 0)], .. padding, .. frame[(isTrailer ? 2 : 1)..]]);
    }
}
