namespace Securely.Http;

/// <summary>
/// Reads the fields of a head or a trailer section up to the empty line (RFC 9112 5), resumable at any byte. Fields are added to a map in
/// place; the map must be attached to the start of the head.
/// </summary>
/// <remarks>
/// Strict: only CRLF ends a line, no control characters in values, no blank before the colon, no folded lines (rows A9, A10). Lenient, for
/// responses: blanks before the colon are dropped, and a folded line is joined to the one before it with one space, in the buffer.
/// </remarks>
internal struct FieldParser
{
    private int _start;
    private int _line;
    private int _scanned;

    private enum Line : byte
    {
        Field,
        End,
        Incomplete,
        Refused,
    }

    /// <summary>Where the section ends, relative to the start of the head; the start of the unfinished line before that.</summary>
    public readonly int Position => _line;

    /// <summary>Begins a section.</summary>
    /// <param name="start">Where it starts, relative to the start of the head.</param>
    public void Begin(int start)
    {
        _start = start;
        _line = start;
        _scanned = 0;
    }

    /// <summary>Reads on.</summary>
    /// <param name="head">All that has come since the start of the head.</param>
    /// <param name="headers">Where the fields go.</param>
    /// <param name="maxBytes">The most bytes of the section, its empty line included.</param>
    /// <param name="maxFields">The most fields.</param>
    /// <param name="lenient">Whether to accept what servers send.</param>
    /// <param name="error">Why it is refused: 400 or 431.</param>
    public HeadStatus Parse(Span<byte> head, HeaderMap headers, int maxBytes, int maxFields, bool lenient, ref HeadError error)
    {
        if (head.Length - _start > maxBytes)
        {
            head = head[..(_start + maxBytes)];
        }

        while (true)
        {
            switch (ParseLine(head, headers, maxFields, lenient, ref error))
            {
                case Line.Field:
                    continue;
                case Line.End:
                    return HeadStatus.Done;
                case Line.Refused:
                    return HeadStatus.Error;
            }

            if (head.Length - _start < maxBytes)
            {
                return HeadStatus.NeedMore;
            }

            error = new HeadError(431, "The header fields have too many bytes");
            return HeadStatus.Error;
        }
    }

    private Line ParseLine(Span<byte> head, HeaderMap headers, int maxFields, bool lenient, ref HeadError error)
    {
        var line = head[_line..];
        if (!LineScan.IsWorthParsing(line, ref _scanned))
        {
            return Line.Incomplete;
        }

        int colon = line.IndexOfAnyExcept(HttpTokens.Token);
        if (colon < 0)
        {
            return Incomplete(line);
        }

        int nameLength = colon;
        if (line[colon] != ':' || colon == 0)
        {
            if (colon == 0)
            {
                return ParseNameless(head, headers, lenient, ref error);
            }

            colon += lenient ? line[colon..].IndexOfAnyExcept((byte)' ', (byte)'\t') : 0;
            if (colon < nameLength)
            {
                return Incomplete(line);
            }

            if (line[colon] != ':')
            {
                return Refuse(ProblemInName(line[colon]), ref error);
            }
        }

        int start = colon + 1;
        var value = FindValue(line, ref start, out int length, ref error);
        if (value != Line.Field)
        {
            return value;
        }

        if (headers.Count >= maxFields || nameLength > ushort.MaxValue)
        {
            error = new HeadError(431, headers.Count >= maxFields ? "There are too many header fields" : "A header name is too long");
            return Line.Refused;
        }

        int trimmed = length;
        while (trimmed > 0 && HttpTokens.IsBlank(line[start + trimmed - 1]))
        {
            trimmed--;
        }

        bool wholeLine = trimmed == length && start == nameLength + 2 && line[start - 1] == ' ';
        headers.AppendInPlace(KnownHeaders.Recognise(line[..nameLength]), _line, nameLength, _line + start, trimmed, wholeLine);
        Advance(start + length + 2);
        return Line.Field;
    }

    /// <summary>Finds the value that begins at <paramref name="start"/>: skips blanks and looks for the end of the line.</summary>
    private Line FindValue(ReadOnlySpan<byte> line, ref int start, out int length, ref HeadError error)
    {
        while (start < line.Length && HttpTokens.IsBlank(line[start]))
        {
            start++;
        }

        var rest = line[start..];
        length = rest.IndexOfAny(HttpTokens.Controls);
        if (length >= 0 && length + 1 < rest.Length && rest[length] == '\r' && rest[length + 1] == '\n')
        {
            return Line.Field;
        }

        return length < 0 || (rest[length] == '\r' && length + 1 == rest.Length)
            ? Incomplete(line)
            : Refuse(LineScan.ProblemOf(rest[length]), ref error);
    }

    /// <summary>A line that does not begin with a name: the empty line, a folded line, or a mistake.</summary>
    private Line ParseNameless(Span<byte> head, HeaderMap headers, bool lenient, ref HeadError error)
    {
        var line = head[_line..];
        switch (line[0])
        {
            case (byte)'\r' when line.Length == 1:
                _scanned = 0;
                return Line.Incomplete;
            case (byte)'\r' when line[1] == '\n':
                Advance(2);
                return Line.End;
            case (byte)' ' or (byte)'\t' when !lenient:
                return Refuse("A header line is folded", ref error);
            case (byte)' ' or (byte)'\t' when headers.Count == 0:
                return Refuse("The first header line begins with a blank", ref error);
            case (byte)' ' or (byte)'\t':
                return JoinFolded(head, headers, ref error);
            case (byte)':':
                return Refuse("A header name is empty", ref error);
            default:
                return Refuse(ProblemInName(line[0]), ref error);
        }
    }

    /// <summary>Moves the text of a folded line behind the value before it, with one space between (RFC 9112 5.2).</summary>
    private Line JoinFolded(Span<byte> head, HeaderMap headers, ref HeadError error)
    {
        int start = 0;
        var result = FindValue(head[_line..], ref start, out int length, ref error);
        if (result != Line.Field)
        {
            return result;
        }

        int index = headers.Count - 1;
        var (offset, valueLength) = headers.ValueInPlace(index);
        var more = HttpTokens.Trim(head.Slice(_line + start, length));
        if (!more.IsEmpty)
        {
            if (valueLength > 0)
            {
                head[offset + valueLength++] = (byte)' ';
            }

            more.CopyTo(head[(offset + valueLength)..]);
            headers.SetValueInPlace(index, offset, valueLength + more.Length);
        }

        Advance(start + length + 2);
        return Line.Field;
    }

    private void Advance(int bytes)
    {
        _line += bytes;
        _scanned = 0;
    }

    private Line Incomplete(ReadOnlySpan<byte> line)
    {
        _scanned = LineScan.Settled(line);
        return Line.Incomplete;
    }

    private static Line Refuse(string problem, ref HeadError error)
    {
        error = new HeadError(400, problem);
        return Line.Refused;
    }

    private static string ProblemInName(byte value) => value switch
    {
        (byte)' ' or (byte)'\t' => "A header name is followed by a blank",
        (byte)'\r' or (byte)'\n' => "A header line has no colon",
        < 0x20 or 0x7F => LineScan.ProblemOf(value),
        _ => "A header name holds a character that is not allowed",
    };
}
