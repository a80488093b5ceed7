namespace Securely.Fuzz.Tests.Reference;

/// <summary>What became of some bytes.</summary>
internal enum Verdict
{
    /// <summary>They may be the beginning of a message.</summary>
    Unfinished,

    /// <summary>They begin with a whole message.</summary>
    Accepted,

    /// <summary>They are refused.</summary>
    Refused,
}

/// <summary>How the end of a body is found (RFC 9112 6.3).</summary>
internal enum BodyEnd
{
    /// <summary>There is no body.</summary>
    NoBody,

    /// <summary>After so many bytes.</summary>
    AfterLength,

    /// <summary>Behind the last chunk.</summary>
    AfterLastChunk,

    /// <summary>Where the sender closes.</summary>
    AtClose,

    /// <summary>What follows is no HTTP any more.</summary>
    OtherProtocol,
}

/// <summary>What was read, by whichever parser.</summary>
internal abstract class PlainReading
{
    public Verdict Verdict { get; set; }

    /// <summary>The statuses that a refusal may be answered with; several when a message has several faults that meet in one line.</summary>
    public IReadOnlyList<int> Statuses { get; set; } = [];

    /// <summary>Why it is refused.</summary>
    public string Problem { get; set; } = "";

    /// <summary>How many bytes belong to it, when it is accepted.</summary>
    public int Consumed { get; set; }

    /// <summary>The fields of a head, or the trailers of a body.</summary>
    public List<PlainField> Fields { get; } = [];
}

/// <summary>A head, of a request or a response.</summary>
internal sealed class PlainHead : PlainReading
{
    public byte[] Method { get; set; } = [];

    public byte[] Target { get; set; } = [];

    public byte[] Path { get; set; } = [];

    public byte[] Query { get; set; } = [];

    public byte[] Host { get; set; } = [];

    public int StatusCode { get; set; }

    public byte[] Reason { get; set; } = [];

    /// <summary>1 for HTTP/1.1, 0 for HTTP/1.0.</summary>
    public int MinorVersion { get; set; }

    public BodyEnd Body { get; set; }

    public long BodyLength { get; set; }

    public bool KeepAlive { get; set; }

    /// <summary>The seconds of <c>Keep-Alive: timeout=N</c>; -1 when there are none.</summary>
    public int KeepAliveSeconds { get; set; } = -1;

    public bool ExpectsContinue { get; set; }

    public bool Upgrade { get; set; }
}

/// <summary>A chunked body; its fields are the trailers that may be kept.</summary>
internal sealed class PlainBody : PlainReading
{
    /// <summary>The data; of an unfinished body what has come.</summary>
    public List<byte> Data { get; } = [];
}

/// <summary>A field line: name and value as they came, without the blanks around the value.</summary>
internal readonly record struct PlainField(byte[] Name, byte[] Value);

/// <summary>How large a message may be.</summary>
/// <param name="StartLine">The most bytes of a request line or status line, without CRLF.</param>
/// <param name="FieldBytes">The most bytes of all field lines, with the empty line.</param>
/// <param name="Fields">The most fields.</param>
/// <param name="Body">The most bytes of a request body; 0 is no limit.</param>
internal sealed record PlainLimits(int StartLine, int FieldBytes, int Fields, long Body)
{
    /// <summary>What applies when nobody says otherwise.</summary>
    public static PlainLimits Usual { get; } = new(8 * 1024, 64 * 1024, 128, 0);
}

/// <summary>What a response answers.</summary>
/// <param name="Method">The method of the request: HEAD and CONNECT change where a response ends.</param>
/// <param name="UpgradeRequested">Whether the request asked for another protocol.</param>
/// <param name="ForgivesLength">Whether a bad Content-Length is taken for none.</param>
internal sealed record PlainQuestion(string Method, bool UpgradeRequested, bool ForgivesLength);

/// <summary>A message is not accepted.</summary>
internal sealed class Refusal(string problem, params int[] statuses) : Exception(problem)
{
    /// <summary>With which statuses that may be said.</summary>
    public IReadOnlyList<int> Statuses => statuses;

    /// <summary>The same, which may also be said in another way.</summary>
    public Refusal Or(int status) => new(Message, [.. statuses, status]);
}

/// <summary>A message goes on behind what has come.</summary>
internal sealed class MoreNeeded() : Exception("More is needed");
