using System.Globalization;
using Securely.Fuzz.Tests.Reference;

namespace Securely.Fuzz.Tests.Cases;

/// <summary>What kind of message a case is.</summary>
internal enum CaseKind
{
    Request,
    Response,
    Chunked,
}

/// <summary>One message to be read in two ways.</summary>
internal sealed record FuzzCase
{
    private const int MostShown = 1000;

    /// <summary>Its number in the run.</summary>
    public required long Number { get; init; }

    public required CaseKind Kind { get; init; }

    public required byte[] Bytes { get; init; }

    /// <summary>Where the pieces end in which it arrives; the last one is its length.</summary>
    public required int[] Ends { get; init; }

    public required PlainLimits Limits { get; init; }

    /// <summary>What a response head answers.</summary>
    public PlainQuestion Question { get; init; } = new("GET", UpgradeRequested: false, ForgivesLength: false);

    /// <summary>Whether a chunked body is that of a response.</summary>
    public bool IsResponseBody { get; init; }

    /// <summary>The same in one piece.</summary>
    public FuzzCase Whole => this with { Ends = Bytes.Length == 0 ? [] : [Bytes.Length] };

    /// <summary>What the reference makes of it.</summary>
    public PlainReading Read(PlainParser parser) => Kind switch
    {
        CaseKind.Request => parser.ReadRequest(Bytes, Limits),
        CaseKind.Response => parser.ReadResponse(Bytes, Question, Limits),
        _ => parser.ReadChunked(Bytes, IsResponseBody, Limits),
    };

    /// <summary>Everything that is needed to write it down as a test.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"case {Number}, {Describe()}, {Limits}, pieces end at {string.Join(' ', Ends)}\n    {Text()}");

    private string Text() => Bytes.Length <= MostShown
        ? $"[{Escapes.Write(Bytes)}]"
        : $"[{Escapes.Write(Bytes.AsSpan(0, MostShown / 2))}] ... [{Escapes.Write(Bytes.AsSpan(Bytes.Length - (MostShown / 2)))}], {Bytes.Length} bytes";

    private string Describe() => Kind switch
    {
        CaseKind.Request => "request head",
        CaseKind.Response => $"response head, {Question}",
        _ => IsResponseBody ? "chunked body of a response" : "chunked body of a request",
    };
}
