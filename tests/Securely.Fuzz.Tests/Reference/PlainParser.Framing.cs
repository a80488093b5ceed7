namespace Securely.Fuzz.Tests.Reference;

/// <content>Where a message ends and what becomes of its connection (RFC 9112 6.3, 9.3; RFC 9110 7.6.1, 7.8, 10.1.1).</content>
internal partial class PlainParser
{
    /// <summary>What all Transfer-Encoding fields together ask for.</summary>
    protected enum Coding
    {
        Chunked,
        Identity,
        Faulty,
        Endless,
        Unknown,
    }

    /// <summary>RFC 9112 4: version, three digits, and perhaps a reason; servers that have none may leave out the space before it.</summary>
    private static void ReadStatusLine(byte[] line, PlainHead head)
    {
        if (line.Length < 12 || line[8] != ' ' || (line.Length > 12 && line[12] != ' '))
            throw new Refusal("A status line has a version and a status", 502);
        head.MinorVersion = ReadVersion(line[..8]);
        byte[] status = line[9..12];
        if (!Array.TrueForAll(status, IsDigit) || status[0] == '0')
            throw new Refusal("A status has three digits", 502);
        head.StatusCode = ((status[0] - '0') * 100) + ((status[1] - '0') * 10) + status[2] - '0';
        head.Reason = line.Length > 12 ? line[13..] : [];
    }

    private void ReadRequestFraming(PlainHead head, PlainLimits limits)
    {
        ReadConnection(head, 400);
        if (head.MinorVersion == 1)
        {
            head.Upgrade = AsksForUpgrade(head);
            head.ExpectsContinue = HasMember(head.Fields, "Expect", "100-continue");
        }

        bool isConnect = head.Method.AsSpan().SequenceEqual("CONNECT"u8);
        var codings = Values(head.Fields, "Transfer-Encoding");
        var lengths = Values(head.Fields, "Content-Length");
        if (codings.Count > 0)
        {
            if (!MayHaveCoding(head.MinorVersion) || ContradictsCoding(lengths) || isConnect)
                throw new Refusal("A coding on HTTP/1.0, or beside a length, or in CONNECT", 400);
            head.Body = ReadCoding(codings) switch
            {
                Coding.Chunked => BodyEnd.AfterLastChunk,
                Coding.Unknown => throw new Refusal("A coding that nobody knows", 501),
                _ => throw new Refusal("The last coding is not chunked, or not alone", 400),
            };
        }
        else if (lengths.Count > 0)
        {
            head.BodyLength = ReadLength(lengths);
            head.Body = head.BodyLength == 0 ? BodyEnd.NoBody : BodyEnd.AfterLength;
            if (isConnect && head.BodyLength > 0)
                throw new Refusal("CONNECT has no body", 400);
            if (limits.Body > 0 && head.BodyLength > limits.Body)
                throw new Refusal("The body is too long", 413);
        }
    }

    private void ReadResponseFraming(PlainHead head, PlainQuestion question)
    {
        ReadConnection(head, 502);
        if (head.StatusCode == 101)
        {
            // RFC 9110 15.2.2: only to a client that asked for it, and only in HTTP/1.1.
            if (!question.UpgradeRequested || head.MinorVersion == 0)
                throw new Refusal("Nobody asked for another protocol", 502);
            head.Upgrade = AsksForUpgrade(head);
            BecomeOtherProtocol(head);
        }
        else if (head.StatusCode < 200)
        {
            RemoveFraming(head);
        }
        else if (question.Method == "CONNECT" && head.StatusCode < 300)
        {
            BecomeOtherProtocol(head);
        }
        else
        {
            ReadResponseBody(head, question);
        }
    }

    /// <summary>RFC 9112 6.3, in the order of its list; a head that answers HEAD says what GET would get.</summary>
    private void ReadResponseBody(PlainHead head, PlainQuestion question)
    {
        var codings = Values(head.Fields, "Transfer-Encoding");
        var lengths = Values(head.Fields, "Content-Length");
        head.Body = BodyEnd.AtClose;
        if (codings.Count > 0)
        {
            head.Body = ReadCoding(codings) switch
            {
                Coding.Chunked => BodyEnd.AfterLastChunk,
                Coding.Identity => BodyEnd.AtClose,
                _ => throw new Refusal("A coding that cannot be undone", 502),
            };
            if (lengths.Count > 0)
                throw new Refusal("A coding beside a length", 502);
            // RFC 9112 6.1: whoever says 1.0 and uses a coding is not trusted with a second message; neither is who says identity.
            head.KeepAlive &= head.MinorVersion == 1 && head.Body == BodyEnd.AfterLastChunk;
        }
        else if (lengths.Count > 0)
        {
            ReadResponseLength(head, lengths, question.ForgivesLength);
        }

        if (HasNoBody(head.StatusCode, question.Method))
        {
            head.Body = BodyEnd.NoBody;
            head.BodyLength = 0;
            if (head.StatusCode == 204)
                RemoveFraming(head);
        }

        head.KeepAlive &= head.Body != BodyEnd.AtClose;
    }

    private void ReadResponseLength(PlainHead head, List<byte[]> lengths, bool forgives)
    {
        try
        {
            head.BodyLength = ReadLength(lengths);
            head.Body = head.BodyLength == 0 ? BodyEnd.NoBody : BodyEnd.AfterLength;
        }
        catch (Refusal) when (forgives)
        {
            head.Fields.RemoveAll(field => IsWord(field.Name, "Content-Length"));
            head.KeepAlive = false;
        }
    }

    /// <summary>RFC 9112 6.3: whatever its fields say, a response to HEAD, a 204 and a 304 have no body.</summary>
    protected virtual bool HasNoBody(int status, string method) => method == "HEAD" || status is 204 or 304;

    /// <summary>RFC 9112 6.1: HTTP/1.0 knows no transfer codings, so its sender and we would disagree.</summary>
    protected virtual bool MayHaveCoding(int minorVersion) => minorVersion == 1;

    /// <summary>RFC 9112 6.1: a length beside a coding is an attempt to smuggle.</summary>
    protected virtual bool ContradictsCoding(List<byte[]> lengths) => lengths.Count > 0;

    /// <summary>
    /// RFC 9112 6.1, 6.3, 7: chunked and nothing else is undone here; it has no parameters and stands alone. The last coding decides between
    /// 400 and 501 (row A2).
    /// </summary>
    protected virtual Coding ReadCoding(List<byte[]> values)
    {
        var names = new List<byte[]>();
        foreach (byte[] member in Members(values))
        {
            int semicolon = Array.IndexOf(member, (byte)';');
            byte[] name = semicolon < 0 ? member : TrimEnd(member[..semicolon]);
            if (!IsToken(name) || (semicolon >= 0 && IsWord(name, "chunked")))
                return Coding.Faulty;
            names.Add(name);
        }

        // Only what comes last decides: behind another coding chunked is right by its place and yet of no use, for we cannot undo the other.
        if (IsWord(names[^1], "chunked"))
            return names.Count == 1 ? Coding.Chunked : Coding.Faulty;
        if (names.Count == 1 && IsWord(names[0], "identity"))
            return Coding.Identity;
        string[] registered = ["gzip", "x-gzip", "compress", "x-compress", "deflate", "identity"];
        return Array.Exists(registered, name => IsWord(names[^1], name)) ? Coding.Endless : Coding.Unknown;
    }

    /// <summary>RFC 9110 8.6: one field of digits. A list of equal lengths might be taken for one; strict is to refuse it.</summary>
    protected virtual long ReadLength(List<byte[]> values)
    {
        if (values.Count != 1)
            throw new Refusal("There are two lengths", 400);
        return ReadNumber(values[0]);
    }

    /// <summary>One to nineteen digits that fit into 63 bits.</summary>
    protected static long ReadNumber(byte[] digits)
    {
        if (digits.Length is 0 or > 19 || !Array.TrueForAll(digits, IsDigit))
            throw new Refusal("A length is up to nineteen digits", 400);
        UInt128 number = 0;
        foreach (byte digit in digits)
            number = (number * 10) + digit - '0';
        if (number > long.MaxValue)
            throw new Refusal("A length over 63 bits", 400);
        return (long)number;
    }

    /// <summary>RFC 9112 9.3: close ends it; without, 1.1 goes on, and 1.0 where it asks to. Nobody names more than a hundred fields, empty names counted.</summary>
    private static void ReadConnection(PlainHead head, int refusal)
    {
        if (Members(Values(head.Fields, "Connection")).Count > 100)
            throw new Refusal("Connection names too many fields", refusal);
        bool close = HasMember(head.Fields, "Connection", "close");
        bool keep = HasMember(head.Fields, "Connection", "keep-alive");
        head.KeepAlive = !close && (head.MinorVersion == 1 || keep);
        var parameters = Values(head.Fields, "Keep-Alive");
        foreach (byte[] parameter in Members(parameters.Count > 0 ? [parameters[0]] : []))
        {
            int sign = Array.IndexOf(parameter, (byte)'=');
            if (sign > 0 && IsWord(TrimEnd(parameter[..sign]), "timeout"))
            {
                byte[] seconds = Trim(parameter[(sign + 1)..]);
                if (seconds.Length is > 0 and < 10 && Array.TrueForAll(seconds, IsDigit))
                    head.KeepAliveSeconds = (int)ReadNumber(seconds);
                return;
            }
        }
    }

    /// <summary>RFC 9110 7.8: Connection says upgrade, and Upgrade says to what.</summary>
    private static bool AsksForUpgrade(PlainHead head) =>
        HasMember(head.Fields, "Connection", "upgrade") && Members(Values(head.Fields, "Upgrade")).Exists(protocol => protocol.Length > 0);

    private static void BecomeOtherProtocol(PlainHead head)
    {
        head.Body = BodyEnd.OtherProtocol;
        head.KeepAlive = false;
        RemoveFraming(head);
    }

    /// <summary>Lengths and codings that mean nothing are not passed on.</summary>
    private static void RemoveFraming(PlainHead head) =>
        head.Fields.RemoveAll(field => IsWord(field.Name, "Content-Length") || IsWord(field.Name, "Transfer-Encoding"));
}
