using System.Text;

namespace Securely.Fuzz.Tests.Cases;

/// <summary>What cases are made of, from <c>tests/data/http1</c>.</summary>
internal static class Corpus
{
    /// <summary>Whole request heads.</summary>
    public static Pieces Requests { get; } = Pieces.Load("requests");

    /// <summary>Whole response heads.</summary>
    public static Pieces Responses { get; } = Pieces.Load("responses");

    /// <summary>Chunked bodies.</summary>
    public static Pieces Bodies { get; } = Pieces.Load("bodies");

    /// <summary>Single field lines that matter to framing, with their line ends.</summary>
    public static Pieces Fields { get; } = Pieces.Load("fields");

    /// <summary>Single chunks.</summary>
    public static Pieces Chunks { get; } = Pieces.Load("chunks");

    /// <summary>Targets and hosts.</summary>
    public static Pieces Targets { get; } = Pieces.Load("targets");

    /// <summary>What is set into a message anywhere.</summary>
    public static Pieces Tokens { get; } = Pieces.Load("tokens");
}

/// <summary>The lines of one file.</summary>
/// <param name="Good">What is accepted, or fine in its place.</param>
/// <param name="Bad">What is refused.</param>
internal sealed record Pieces(IReadOnlyList<byte[]> Good, IReadOnlyList<byte[]> Bad)
{
    private const string Comment = "#";
    private const string Refused = "# Refused";

    /// <summary>
    /// Reads a file: one piece a line, with escapes; empty lines and comments are left out, and behind the comment <c># Refused</c> stands
    /// what is bad.
    /// </summary>
    public static Pieces Load(string name)
    {
        using var stream = typeof(Pieces).Assembly.GetManifestResourceStream(name)
            ?? throw new FileNotFoundException($"Corpus [{name}] is not in the test program; is tests/data/http1/{name}.txt there?");
        using var reader = new StreamReader(stream, Encoding.ASCII);
        string[] lines = reader.ReadToEnd().Split('\n');
        int refused = Array.FindIndex(lines, static line => line.StartsWith(Refused, StringComparison.Ordinal));
        return refused < 0 ? new Pieces(Read(lines), []) : new Pieces(Read(lines[..refused]), Read(lines[refused..]));
    }

    /// <summary>One of them, mostly a good one: where all is bad, only the first mistake is ever looked at.</summary>
    public byte[] Pick(Dice dice) => dice.Of(Bad.Count > 0 && dice.OneIn(3) ? Bad : Good);

    private static byte[][] Read(string[] lines) =>
        [.. lines.Where(static line => line.Length > 0 && !line.StartsWith(Comment, StringComparison.Ordinal)).Select(Escapes.Read)];
}
