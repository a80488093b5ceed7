namespace Securely.Http;

/// <summary>
/// Reads a request head (RFC 9112 3, 5), resumable at any byte: the same start is given again with a later end until it is done. Zero copy:
/// the header points into the buffer.
/// </summary>
/// <remarks>
/// The head has to lie in one piece. Between calls it may move, with its start, within its buffer or to a larger one. After an error the
/// connection has to be closed. Not safe for concurrent use.
/// </remarks>
/// <param name="limits">What is too large.</param>
internal struct RequestParser(HttpLimits limits)
{
    private const int MostEmptyLines = 2;

    private FieldParser _fields;
    private MessageFraming _framing;
    private HeadError _error;
    private int _line;
    private int _scanned;
    private bool _inFields;

    /// <summary>How many bytes the head has, once it is done: the body begins there.</summary>
    public int Consumed { get; private set; }

    /// <summary>Why the request is refused.</summary>
    public readonly HeadError Error => _error;

    /// <summary>How the body is framed and what the connection is used for, once the head is done.</summary>
    public readonly MessageFraming Framing => _framing;

    /// <summary>Whether nothing but empty lines has come yet, so that a close is a quiet one.</summary>
    public readonly bool IsAtStart => !_inFields && _scanned == 0;

    /// <summary>Gets ready for the next message.</summary>
    public void Reset()
    {
        _fields = default;
        _framing = default;
        _error = default;
        _line = 0;
        _scanned = 0;
        _inFields = false;
        Consumed = 0;
    }

    /// <summary>Reads on.</summary>
    /// <param name="header">Where the head goes; empty at the first call.</param>
    /// <param name="buffer">The buffer that holds the head.</param>
    /// <param name="start">Where the head starts in it.</param>
    /// <param name="end">Where the received bytes end.</param>
    public HeadStatus Parse(RequestHeader header, byte[] buffer, int start, int end)
    {
        header.Attach(buffer, start);
        var head = buffer.AsSpan(start, end - start);
        if (!_inFields)
        {
            var status = ParseRequestLine(header, head);
            if (status != HeadStatus.Done)
            {
                return status;
            }
        }

        var result = _fields.Parse(head, header.Headers, limits.HeaderBytes, limits.Headers, lenient: false, ref _error);
        if (result != HeadStatus.Done)
        {
            return result;
        }

        Consumed = _fields.Position;
        return RequestFraming.TryRead(header, limits, out _framing, ref _error) ? HeadStatus.Done : HeadStatus.Error;
    }

    private HeadStatus ParseRequestLine(RequestHeader header, ReadOnlySpan<byte> head)
    {
        var status = SkipEmptyLines(head);
        if (status != HeadStatus.Done)
        {
            return status;
        }

        // Looking no further than the limit makes the answer the same, however the bytes arrive.
        var line = head[_line..];
        if (line.Length > limits.RequestLine + 2)
        {
            line = line[..(limits.RequestLine + 2)];
        }

        if (!LineScan.IsWorthParsing(line, ref _scanned))
        {
            return Incomplete(line);
        }

        int methodLength = line.IndexOfAnyExcept(HttpTokens.Token);
        if (methodLength < 0)
        {
            return Incomplete(line);
        }

        if (methodLength == 0 || line[methodLength] != ' ')
        {
            return Refuse("The request line does not begin with a method and a space");
        }

        var rest = line[(methodLength + 1)..];
        int targetLength = rest.IndexOfAnyExcept(RequestTarget.Allowed);
        if (targetLength < 0)
        {
            return Incomplete(line);
        }

        if (targetLength == 0 || rest[targetLength] != ' ')
        {
            return Refuse("The request target is empty or holds a character that is not allowed");
        }

        var end = rest[(targetLength + 1)..];
        if (end.Length < VersionText.LineLength)
        {
            int control = end.IndexOfAny(HttpTokens.Controls);
            return control < 0 || (control == VersionText.Length && end[control] == '\r')
                ? Incomplete(line)
                : Refuse("The request line does not end in a version and CRLF");
        }

        if (!ReadVersion(header, end))
        {
            return HeadStatus.Error;
        }

        var method = Methods.Recognise(line[..methodLength]);
        if (!RequestTarget.TrySplit(method, rest[..targetLength], out var parts))
        {
            return Refuse("The request target has a form that the method does not allow");
        }

        header.SetStartLine(method, methodLength, _line, _line + methodLength + 1, targetLength, in parts);
        _line += methodLength + targetLength + 2 + VersionText.LineLength;
        _fields.Begin(_line);
        _inFields = true;
        return HeadStatus.Done;
    }

    /// <summary>Skips up to two empty lines that a client may have sent after the message before (RFC 9112 2.2).</summary>
    private HeadStatus SkipEmptyLines(ReadOnlySpan<byte> head)
    {
        while (true)
        {
            if (_line == head.Length || (_line + 1 == head.Length && head[_line] == '\r'))
            {
                return HeadStatus.NeedMore;
            }

            if (head[_line] != '\r')
            {
                return HeadStatus.Done;
            }

            if (head[_line + 1] != '\n' || _line >= MostEmptyLines * 2)
            {
                return Refuse("There are too many line ends before the request line");
            }

            _line += 2;
        }
    }

    private bool ReadVersion(RequestHeader header, ReadOnlySpan<byte> end)
    {
        if (VersionText.TryRead(end, out var version) && end[VersionText.Length] == '\r' && end[VersionText.Length + 1] == '\n')
        {
            header.Version = version;
            return true;
        }

        bool other = VersionText.IsVersion(end) && end[VersionText.Length] == '\r' && end[VersionText.Length + 1] == '\n';
        _error = other
            ? new HeadError(505, "The HTTP version is neither 1.0 nor 1.1")
            : new HeadError(400, "The request line does not end in a version and CRLF");
        return false;
    }

    private HeadStatus Incomplete(ReadOnlySpan<byte> line)
    {
        if (line.Length > limits.RequestLine + 1)
        {
            _error = new HeadError(414, "The request line is too long");
            return HeadStatus.Error;
        }

        _scanned = LineScan.Settled(line);
        return HeadStatus.NeedMore;
    }

    private HeadStatus Refuse(string problem)
    {
        _error = new HeadError(400, problem);
        return HeadStatus.Error;
    }
}
