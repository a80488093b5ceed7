using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>
/// The parts of a request that an answer depends on, read in one pass over its bytes. No number in the message decides how much memory is taken.
/// Reused; one thread at a time.
/// </summary>
internal sealed class QueryReader
{
    // OPT and TSIG, and two more that nobody sends.
    private const int MostAdditionals = 4;

    /// <summary>The question's name.</summary>
    internal NameKey Name { get; } = new();

    /// <summary>Behind the question.</summary>
    internal int QuestionEnd { get; private set; }

    /// <summary>Whether there is a question that could be read.</summary>
    internal bool HasQuestion { get; private set; }

    internal RecordType Type { get; private set; }

    internal RecordClass Class { get; private set; }

    internal bool HasEdns { get; private set; }

    /// <summary>The client's size, at least 512 (RFC 6891, 6.2.3).</summary>
    internal int PayloadSize { get; private set; }

    internal byte EdnsVersion { get; private set; }

    /// <summary>DO.</summary>
    internal bool WantsProof { get; private set; }

    internal bool WantsNsid { get; private set; }

    /// <summary>The client wants to know how long its stream may stay idle.</summary>
    internal bool WantsKeepAlive { get; private set; }

    /// <summary>The client wants that the size of the answer says nothing.</summary>
    internal bool WantsPadding { get; private set; }

    /// <summary>Where the cookie begins; 0 for none.</summary>
    internal int CookieStart { get; private set; }

    internal int CookieLength { get; private set; }

    /// <summary>Where the owner of TSIG begins; 0 for none.</summary>
    internal int TsigStart { get; private set; }

    /// <summary>Reads a request that has a header.</summary>
    /// <returns>False when it is malformed; <see cref="QuestionEnd"/> is 12 where even the question is.</returns>
    internal bool TryRead(ReadOnlySpan<byte> message)
    {
        Clear();
        var questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        if (questions != 1)
            return questions == 0 && TryReadCookieAlone(message);
        var length = Name.TryLoad(message[12..]);
        if (length == 0 || 12 + length + 4 > message.Length)
            return false;
        Type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(message[(12 + length)..]);
        Class = (RecordClass)BinaryPrimitives.ReadUInt16BigEndian(message[(14 + length)..]);
        QuestionEnd = 16 + length;
        HasQuestion = true;
        // Nothing but the question is what most resolvers do not send, but what costs nothing to see.
        if (BinaryPrimitives.ReadUInt32BigEndian(message[6..]) == 0 && BinaryPrimitives.ReadUInt16BigEndian(message[10..]) == 0)
            return message.Length == QuestionEnd;
        return TryReadRecords(message);
    }

    /// <summary>Forgets the last request.</summary>
    internal void Clear()
    {
        QuestionEnd = 12;
        HasQuestion = HasEdns = WantsProof = WantsNsid = WantsKeepAlive = WantsPadding = false;
        PayloadSize = 512;
        EdnsVersion = 0;
        CookieStart = CookieLength = TsigStart = 0;
    }

    /// <summary>Whether a message that is not read further shows that its sender knows EDNS.</summary>
    internal static bool ShowsEdns(ReadOnlySpan<byte> message)
    {
        var walker = new RecordWalker(message);
        while (walker.Next())
        {
            if (walker.Type == RecordType.Opt && message[walker.Start] == 0)
                return true;
        }

        return false;
    }

    // A client may ask for a cookie and nothing else (RFC 7873, 5.4).
    private bool TryReadCookieAlone(ReadOnlySpan<byte> message)
    {
        Name.TryLoad([0]);
        (Type, Class) = (RecordType.None, RecordClass.In);
        return ((message[2] >> 3) & 15) == (int)OpCode.Query && TryReadRecords(message) && CookieLength > 0;
    }

    private bool TryReadRecords(ReadOnlySpan<byte> message)
    {
        var isQuery = ((message[2] >> 3) & 15) == (int)OpCode.Query;
        var answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        var authorities = BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        var additionals = BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        // A question for changes brings the SOA that its sender has (RFC 1995, 3).
        if (additionals > MostAdditionals || (isQuery && (answers > 0 || authorities > (Type == RecordType.Ixfr ? 1 : 0))))
            return false;
        var walker = new RecordWalker(message);
        var before = answers + authorities;
        for (var index = 0; walker.Next(); index++)
        {
            if (walker.Type is not (RecordType.Opt or RecordType.Tsig))
                continue;
            if (index < before || TsigStart > 0)
                return false;
            if (walker.Type == RecordType.Opt ? HasEdns || message[walker.Start] != 0 || !TryReadEdns(message, walker) : !walker.IsLast)
                return false;
            if (walker.Type == RecordType.Tsig)
                TsigStart = walker.Start;
        }

        return !walker.IsMalformed && walker.Position == message.Length;
    }

    private bool TryReadEdns(ReadOnlySpan<byte> message, in RecordWalker walker)
    {
        HasEdns = true;
        PayloadSize = Math.Max((int)walker.Class, 512);
        EdnsVersion = (byte)(walker.Ttl >> 16);
        WantsProof = (walker.Ttl & 0x8000) != 0;
        for (var at = walker.DataStart; at < walker.Position;)
        {
            if (at + 4 > walker.Position)
                return false;
            var length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
            if (at + 4 + length > walker.Position)
                return false;
            switch ((EdnsOptionCode)BinaryPrimitives.ReadUInt16BigEndian(message[at..]))
            {
                case EdnsOptionCode.Nsid:
                    WantsNsid = true;
                    break;
                case EdnsOptionCode.TcpKeepAlive:
                    WantsKeepAlive = true;
                    break;
                case EdnsOptionCode.Padding:
                    WantsPadding = true;
                    break;
                case EdnsOptionCode.Cookie when CookieLength == 0:
                    // A client's alone, or with a server's of 8 to 32 bytes (RFC 7873, 4).
                    if (length is not 8 and (< 16 or > 40))
                        return false;
                    (CookieStart, CookieLength) = (at + 4, length);
                    break;
                default:
                    break;
            }

            at += 4 + length;
        }

        return true;
    }
}
