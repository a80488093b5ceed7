namespace Securely.Http;

/// <summary>
/// Reads a response head (RFC 9112 4, 5), resumable at any byte: the same start is given again with a later end until it is done. Zero
/// copy: the header points into the buffer.
/// </summary>
/// <remarks>
/// The head has to lie in one piece. Between calls it may move, with its start, within its buffer or to a larger one. After a 1xx other
/// than 101 another head follows: reset and go on behind it. Not safe for concurrent use.
/// </remarks>
/// <param name="limits">What is too large.</param>
/// <param name="allowInvalidContentLength">Whether a repeated or malformed Content-Length makes the body end at close instead of an
/// error.</param>
internal struct ResponseParser(HttpLimits limits, bool allowInvalidContentLength = false)
{
    private const int StatusEnd = 12;

    private FieldParser _fields;
    private MessageFraming _framing;
    private HeadError _error;
    private int _scanned;
    private bool _inFields;
    private bool _upgradeRequested;
    private KnownMethod _request;

    /// <summary>How many bytes the head has, once it is done: the body or the next head begins there.</summary>
    public int Consumed { get; private set; }

    /// <summary>Why the response is refused; the status is always 502.</summary>
    public readonly HeadError Error => _error;

    /// <summary>How the body is framed and whether the connection can be used again, once the head is done.</summary>
    public readonly MessageFraming Framing => _framing;

    /// <summary>Gets ready for the next head.</summary>
    /// <param name="request">The method of the request that it answers: HEAD and CONNECT change the framing.</param>
    /// <param name="upgradeRequested">Whether the request asked for an upgrade; else a 101 is refused.</param>
    public void Reset(KnownMethod request, bool upgradeRequested)
    {
        _fields = default;
        _framing = default;
        _error = default;
        _scanned = 0;
        _inFields = false;
        _request = request;
        _upgradeRequested = upgradeRequested;
        Consumed = 0;
    }

    /// <summary>Reads on.</summary>
    /// <param name="header">Where the head goes; empty at the first call.</param>
    /// <param name="buffer">The buffer that holds the head.</param>
    /// <param name="start">Where the head starts in it.</param>
    /// <param name="end">Where the received bytes end.</param>
    public HeadStatus Parse(ResponseHeader header, byte[] buffer, int start, int end)
    {
        header.Attach(buffer, start);
        var head = buffer.AsSpan(start, end - start);
        if (!_inFields)
        {
            var status = ParseStatusLine(header, head);
            if (status != HeadStatus.Done)
            {
                return status;
            }
        }

        var result = _fields.Parse(head, header.Headers, limits.HeaderBytes, limits.Headers, lenient: true, ref _error);
        if (result == HeadStatus.Done)
        {
            Consumed = _fields.Position;
            return ResponseFraming.TryRead(header, _request, _upgradeRequested, allowInvalidContentLength, out _framing, ref _error)
                ? HeadStatus.Done
                : HeadStatus.Error;
        }

        return result == HeadStatus.NeedMore ? result : Refuse(_error.Problem);
    }

    private HeadStatus ParseStatusLine(ResponseHeader header, ReadOnlySpan<byte> line)
    {
        if (line.Length > limits.RequestLine + 2)
        {
            line = line[..(limits.RequestLine + 2)];
        }

        if (!LineScan.IsWorthParsing(line, ref _scanned))
        {
            return Incomplete(line);
        }

        if (line.Length < StatusEnd)
        {
            // Another protocol that waits for us to speak must not be waited for in turn.
            int known = Math.Min(line.Length, "HTTP/1."u8.Length);
            return line[..known].SequenceEqual("HTTP/1."u8[..known]) && !line.ContainsAny(HttpTokens.Controls)
                ? Incomplete(line)
                : Refuse("The response does not begin with a status line");
        }

        if (!VersionText.TryRead(line, out var version))
        {
            return Refuse(VersionText.IsVersion(line)
                ? "The HTTP version is neither 1.0 nor 1.1"
                : "The response does not begin with a status line");
        }

        if (line[8] != ' ' || line[9] is < (byte)'1' or > (byte)'9'
            || !char.IsAsciiDigit((char)line[10]) || !char.IsAsciiDigit((char)line[11]))
        {
            return Refuse("The status is not a number of three digits");
        }

        int length = line[StatusEnd..].IndexOfAny(HttpTokens.Controls);
        int end = StatusEnd + length;
        if (length < 0 || (line[end] == '\r' && end + 1 == line.Length))
        {
            return length > 0 && line[StatusEnd] != ' ' ? Refuse("The status is not followed by a space") : Incomplete(line);
        }

        if (line[end] != '\r' || line[end + 1] != '\n')
        {
            return Refuse(LineScan.ProblemOf(line[end]));
        }

        if (length > 0 && line[StatusEnd] != ' ')
        {
            return Refuse("The status is not followed by a space");
        }

        // Without a reason some servers leave out the space before it too.
        int reason = Math.Min(StatusEnd + 1, end);
        header.Version = version;
        header.SetStartLine(((line[9] - '0') * 100) + ((line[10] - '0') * 10) + line[11] - '0', reason, end - reason);
        _fields.Begin(end + 2);
        _inFields = true;
        return HeadStatus.Done;
    }

    private HeadStatus Incomplete(ReadOnlySpan<byte> line)
    {
        if (line.Length > limits.RequestLine + 1)
        {
            return Refuse("The status line is too long");
        }

        _scanned = LineScan.Settled(line);
        return HeadStatus.NeedMore;
    }

    private HeadStatus Refuse(string problem)
    {
        _error = new HeadError(502, problem);
        return HeadStatus.Error;
    }
}
