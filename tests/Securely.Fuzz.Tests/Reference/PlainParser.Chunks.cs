namespace Securely.Fuzz.Tests.Reference;

/// <content>Chunked bodies and their trailers (RFC 9112 7.1, RFC 9110 6.5).</content>
internal partial class PlainParser
{
    // RFC 9110 6.5.1: framing, routing, request modifiers, authentication, control of the response, and what the content is.
    private static readonly string[] NeverTrailers =
    [
        "Transfer-Encoding", "Content-Length", "Trailer", "TE", "Connection", "Keep-Alive", "Proxy-Connection", "Upgrade",
        "Host", "Via", "Forwarded", "X-Real-IP", "Max-Forwards",
        "Expect", "Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "HTTP2-Settings", "Pragma",
        "Authorization", "WWW-Authenticate", "Proxy-Authorization", "Proxy-Authenticate", "Proxy-Authentication-Info", "Cookie", "Set-Cookie",
        "Cache-Control", "Age", "Date", "Expires", "Location", "Retry-After", "Vary",
        "Content-Type", "Content-Encoding", "Content-Range", "Content-Language", "Content-Location", "Content-Disposition",
        "Content-Security-Policy",
    ];

    /// <summary>The most bytes of a chunk's first line, without CRLF.</summary>
    protected virtual int MostChunkLine => 8192;

    /// <summary>The most bytes of all trailers, with the empty line.</summary>
    protected virtual int MostTrailerBytes => 65536;

    private void ReadChunks(byte[] bytes, PlainBody body, PlainLimits limits, long mostData)
    {
        int at = 0;
        UInt128 total = 0;
        while (true)
        {
            ulong size = ReadChunkLine(bytes, ref at, total, mostData);
            total += size;
            if (size == 0)
                break;
            int came = (int)Math.Min(size, (ulong)(bytes.Length - at));
            body.Data.AddRange(bytes[at..(at + came)]);
            at += came;
            if ((ulong)came < size)
                throw new MoreNeeded();
            ReadDataEnd(bytes, ref at);
        }

        var trailers = new List<PlainField>();
        try
        {
            body.Consumed = ReadFields(bytes, at, trailers, MostTrailerBytes, limits.Fields, isResponse: false);
        }
        catch (Refusal refusal)
        {
            throw new Refusal(refusal.Message, 400);
        }

        body.Fields.AddRange(trailers.Where(trailer => MayBeTrailer(trailer.Name)));
    }

    /// <summary>RFC 9112 7.1: the size in hexadecimal digits, perhaps an extension, CRLF.</summary>
    private ulong ReadChunkLine(byte[] bytes, ref int at, UInt128 total, long mostData)
    {
        int end = Array.IndexOf(bytes, Lf, at);
        byte[] line = bytes[at..(end < 0 ? bytes.Length : end)];
        int digits = line.TakeWhile(IsHexDigit).Count();
        bool isMuch = mostData > 0 && digits is > 0 and <= 16 && total + SizeOf(line[..digits]) > (UInt128)mostData;
        if (end < 0 && (line.Length == 0 || line[^1] == Cr ? line.Length - 1 : line.Length) <= MostChunkLine)
            throw new MoreNeeded();
        try
        {
            ulong size = ReadChunkSize(end < 0 ? line : TextOfLine(line), digits);
            if (total + size > long.MaxValue)
                throw new Refusal("The chunks are over 63 bits", 400);
            if (isMuch)
                throw new Refusal("The body is too long", 413);
            at = end + 1;
            return size;
        }
        catch (Refusal refusal) when (isMuch)
        {
            throw refusal.Or(413);
        }
    }

    /// <summary>
    /// An extension begins with a semicolon that follows at once, for a blank before it is one of two readings. Nobody asks for extensions, so
    /// its own grammar decides nothing.
    /// </summary>
    private ulong ReadChunkSize(byte[] line, int digits)
    {
        if (line.Length > MostChunkLine)
            throw new Refusal("A chunk's first line is too long", 400);
        if (digits == 0 || (digits < line.Length && line[digits] != ';'))
            throw new Refusal("A chunk begins with its size", 400);
        ulong size = SizeOf(line[..digits]);
        if (size > long.MaxValue)
            throw new Refusal("A chunk over 63 bits", 400);
        return size;
    }

    private void ReadDataEnd(byte[] bytes, ref int at)
    {
        for (int index = 0; index < 2; index++, at++)
        {
            if (at == bytes.Length)
                throw new MoreNeeded();
            if (!IsDataEnd(bytes[at], index))
                throw new Refusal("A chunk's data does not end in CRLF", 400);
        }
    }

    /// <summary>RFC 9112 7.1: behind the data come CR and LF.</summary>
    protected virtual bool IsDataEnd(byte letter, int index) => letter == (index == 0 ? Cr : Lf);

    /// <summary>RFC 9112 7.1: a recipient must not let a large size overflow.</summary>
    protected virtual ulong SizeOf(byte[] digits)
    {
        if (digits.Length > 16)
            throw new Refusal("A size has up to sixteen digits", 400);
        return Wrapped(digits);
    }

    /// <summary>The number that these digits are in 64 bits.</summary>
    protected static ulong Wrapped(byte[] digits)
    {
        ulong size = 0;
        foreach (byte digit in digits)
            size = unchecked((size * 16) + (ulong)(IsDigit(digit) ? digit - '0' : (digit | 32) - 'a' + 10));
        return size;
    }

    /// <summary>Whether a field may come behind the body.</summary>
    protected virtual bool MayBeTrailer(byte[] name) =>
        !Array.Exists(NeverTrailers, never => IsWord(name, never)) && !BeginsWithWord(name, "X-Forwarded-");
}
