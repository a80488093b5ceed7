namespace Securely.Fuzz.Tests.Reference;

/// <summary>
/// A second opinion on HTTP/1 messages, written from RFC 9110, RFC 9112, RFC 3986 and the strict rules of this project, to be compared with
/// the parsers that serve.
/// </summary>
/// <remarks>
/// Slow and obvious on purpose: a message is an array, it is read line by line, and every rule stands alone. It shares no type and no table
/// with the library; the house tests compile this folder by itself. Rules that well-known servers got wrong are virtual, so that a test
/// can plant their mistakes. Safe to share between threads.
/// </remarks>
internal partial class PlainParser
{
    private const byte Cr = 13;
    private const byte Lf = 10;
    private const int LongestName = 65535;

    /// <summary>Reads the head of a request.</summary>
    public virtual PlainHead ReadRequest(byte[] bytes, PlainLimits limits)
    {
        var head = new PlainHead();
        Settle(head, () =>
        {
            int start = SkipEmptyLines(bytes);
            int fields = ReadStartLine(bytes, start, limits.StartLine, line => ReadRequestLine(line, head));
            head.Consumed = ReadFields(bytes, fields, head.Fields, limits.FieldBytes, limits.Fields, isResponse: false);
            ReadHost(head);
            ReadRequestFraming(head, limits);
        });
        return head;
    }

    /// <summary>Reads the head of a response; whatever is wrong with it is answered 502.</summary>
    public PlainHead ReadResponse(byte[] bytes, PlainQuestion question, PlainLimits limits)
    {
        var head = new PlainHead();
        Settle(head, () =>
        {
            int fields = ReadStartLine(bytes, 0, limits.StartLine, line => ReadStatusLine(line, head));
            head.Consumed = ReadFields(bytes, fields, head.Fields, limits.FieldBytes, limits.Fields, isResponse: true);
            ReadResponseFraming(head, question);
        });
        AnswerBadGateway(head);
        return head;
    }

    /// <summary>Reads a chunked body; whatever is wrong with that of a response is answered 502.</summary>
    public virtual PlainBody ReadChunked(byte[] bytes, bool isResponse, PlainLimits limits)
    {
        var body = new PlainBody();
        Settle(body, () => ReadChunks(bytes, body, limits, isResponse ? 0 : limits.Body));
        if (isResponse)
            AnswerBadGateway(body);
        return body;
    }

    private static void Settle(PlainReading reading, Action read)
    {
        try
        {
            read();
            reading.Verdict = Verdict.Accepted;
        }
        catch (MoreNeeded)
        {
            reading.Verdict = Verdict.Unfinished;
        }
        catch (Refusal refusal)
        {
            reading.Verdict = Verdict.Refused;
            reading.Statuses = refusal.Statuses;
            reading.Problem = refusal.Message;
        }
    }

    private static void AnswerBadGateway(PlainReading reading)
    {
        if (reading.Verdict == Verdict.Refused)
            reading.Statuses = [502];
    }

    /// <summary>RFC 9112 2.2: empty lines before a request are skipped; here two, because no client has a reason for more.</summary>
    private static int SkipEmptyLines(byte[] bytes)
    {
        int at = 0;
        for (int count = 0; count < 3; count++)
        {
            if (at == bytes.Length || (at + 1 == bytes.Length && bytes[at] == Cr))
                throw new MoreNeeded();
            if (bytes[at] != Cr || bytes[at + 1] != Lf)
                return at;
            at += 2;
        }

        throw new Refusal("Three empty lines before the request", 400);
    }

    /// <summary>Reads the first line, which may be too long, and says where the next one begins.</summary>
    private int ReadStartLine(byte[] bytes, int start, int most, Action<byte[]> read)
    {
        int end = Array.IndexOf(bytes, Lf, start);
        if (end < 0)
        {
            if (bytes.Length - start > most + 1)
                throw new Refusal("The first line is too long and goes on", 414, 400);
            throw new MoreNeeded();
        }

        bool tooLong = end - start - 1 > most;
        try
        {
            read(TextOfLine(bytes[start..end]));
        }
        catch (Refusal refusal) when (tooLong)
        {
            throw refusal.Or(414);
        }

        if (tooLong)
            throw new Refusal("The first line is too long", 414);
        return end + 1;
    }

    /// <summary>Reads field lines up to the empty line and says where what follows begins (RFC 9112 5).</summary>
    private int ReadFields(byte[] bytes, int start, List<PlainField> fields, int mostBytes, int mostFields, bool isResponse)
    {
        int at = start;
        while (true)
        {
            int end = Array.IndexOf(bytes, Lf, at);
            if (end < 0)
            {
                if (bytes.Length - start >= mostBytes)
                    throw new Refusal("The fields are too long and go on", 431, 400);
                throw new MoreNeeded();
            }

            bool tooLong = end + 1 - start > mostBytes;
            try
            {
                byte[] line = TextOfLine(bytes[at..end]);
                at = end + 1;
                if (line.Length == 0 && !tooLong)
                    return at;
                if (line.Length > 0)
                    ReadFieldLine(line, fields, mostFields, isResponse);
            }
            catch (Refusal refusal) when (tooLong)
            {
                throw refusal.Or(431);
            }

            if (tooLong)
                throw new Refusal("The fields are too long", 431);
        }
    }

    private void ReadFieldLine(byte[] line, List<PlainField> fields, int mostFields, bool isResponse)
    {
        if (IsBlank(line[0]))
        {
            // RFC 9112 5.2: a server answers 400 to a folded line, a proxy joins those of a response.
            if (!JoinsFoldedLines(isResponse) || fields.Count == 0)
                throw new Refusal("A line begins with a blank", 400);
            fields[^1] = new PlainField(fields[^1].Name, Join(fields[^1].Value, Trim(line)));
            return;
        }

        int colon = Array.IndexOf(line, (byte)':');
        if (colon < 0)
            throw new Refusal("A field line without a colon", 400);
        byte[] name = NameBeforeColon(line[..colon], isResponse);
        if (!IsToken(name))
            throw new Refusal("A field name that is no token", 400);
        if (fields.Count >= mostFields || name.Length > LongestName)
            throw new Refusal("Too many fields, or a field name over 64 KiB", 431);
        fields.Add(new PlainField(name, Trim(line[(colon + 1)..])));
    }

    /// <summary>
    /// The text of a line that was cut off before its LF. RFC 9112 2.2 lets a recipient take a bare LF for a line's end, and 2.2 and 5.5 want
    /// a bare CR to be replaced or refused; strict is to refuse both, and all other controls but the tab.
    /// </summary>
    protected virtual byte[] TextOfLine(byte[] line)
    {
        if (line.Length == 0 || line[^1] != Cr)
            throw new Refusal("A line ends in LF without CR", 400);
        return TextWithoutControls(line[..^1]);
    }

    /// <summary>RFC 9112 5.1: a blank between name and colon is refused in a request, and taken away from a response.</summary>
    protected virtual byte[] NameBeforeColon(byte[] text, bool isResponse) => isResponse ? TrimEnd(text) : text;

    /// <summary>Whether a line that begins with a blank goes on with the field before it.</summary>
    protected virtual bool JoinsFoldedLines(bool isResponse) => isResponse;

    /// <summary>The text itself, once it holds no control character but the tab.</summary>
    protected static byte[] TextWithoutControls(byte[] text)
    {
        foreach (byte letter in text)
        {
            if ((letter < 32 && letter != '\t') || letter == 127)
                throw new Refusal("A control character in a line", 400);
        }

        return text;
    }
}
