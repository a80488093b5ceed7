using System.Text;

namespace Securely.Fuzz.Tests.Cases;

/// <summary>
/// What cases are made of, from <c>tests/data/http1</c>: one piece a line, with escapes; empty lines and lines that begin with # are left out.
/// </summary>
internal static class Corpus
{
    /// <summary>Whole request heads, good and bad.</summary>
    public static IReadOnlyList<byte[]> Requests { get; } = Read("requests");

    /// <summary>Whole response heads.</summary>
    public static IReadOnlyList<byte[]> Responses { get; } = Read("responses");

    /// <summary>Chunked bodies.</summary>
    public static IReadOnlyList<byte[]> Bodies { get; } = Read("bodies");

    /// <summary>Single field lines that matter to framing, with their line ends.</summary>
    public static IReadOnlyList<byte[]> Fields { get; } = Read("fields");

    /// <summary>Single chunks, whole and broken.</summary>
    public static IReadOnlyList<byte[]> Chunks { get; } = Read("chunks");

    /// <summary>Hosts and targets.</summary>
    public static IReadOnlyList<byte[]> Targets { get; } = Read("targets");

    /// <summary>What is set into a message anywhere.</summary>
    public static IReadOnlyList<byte[]> Tokens { get; } = Read("tokens");

    private static byte[][] Read(string name)
    {
        using var stream = typeof(Corpus).Assembly.GetManifestResourceStream(name)
            ?? throw new FileNotFoundException($"Corpus [{name}] is not in the test program; is tests/data/http1/{name}.txt there?");
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return [.. reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(Escapes.Read)];
    }
}
