using System.Text;

namespace Securely.Dns;

/// <summary>
/// Reads zone files as BIND writes and reads them: <c>$ORIGIN</c>, <c>$TTL</c>, <c>$INCLUDE</c> with an origin, <c>$GENERATE</c>, parentheses,
/// escapes, times with units, types without a name (RFC 1035, 5; RFC 2308, 4; RFC 3597, 5). It goes on after an error, so that all are found at once.
/// </summary>
/// <example>
/// <code>
/// using Securely.Dns;
///
/// var file = ZoneFileReader.ReadText("@ 300 IN SOA ns1 admin 1 2h 30m 2w 5m\n@ 300 IN NS ns1\nns1 300 IN A 192.0.2.53\n", "example.zone", DomainName.Parse("example.test"));
/// foreach (var problem in file.Problems)
///     Console.Error.WriteLine(problem);
/// </code>
/// </example>
public static class ZoneFileReader
{
    /// <summary>The most records that one <c>$GENERATE</c> may make.</summary>
    public const int MostGenerated = 65_536;

    /// <summary>How deep files may include files.</summary>
    public const int DeepestInclude = 16;

    /// <summary>Reads a file, and the files that it includes.</summary>
    /// <param name="path">The file; problems name it as it is written here.</param>
    /// <param name="apex">The zone's name, which is the first origin.</param>
    /// <param name="includeRoot">The directory that included files have to be in, links followed; the file's own when null.</param>
    /// <returns>The records and the problems; a file that cannot be read is a problem too.</returns>
    public static ZoneFile Read(string path, DomainName apex, string? includeRoot = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(apex);
        var zone = new ZoneFile(apex, path);
        var state = ZoneFile.StateOf(path);
        try
        {
            var root = includeRoot ?? Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
            new ZoneFileSession(zone, ReadBytes(path), path, root, state).Run(apex);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (zone.Files.Count == 0)
                zone.AddFile(path, state);
            zone.Add(new ZoneProblem(path, 0, 0, ZoneProblemSeverity.Error, $"The zone file [{path}] cannot be read: {error.Message}"));
        }

        return zone;
    }

    /// <summary>Reads a text; it can include nothing.</summary>
    /// <param name="text">What would be in the file.</param>
    /// <param name="name">What problems call it.</param>
    /// <param name="apex">The zone's name, which is the first origin.</param>
    /// <returns>The records and the problems.</returns>
    public static ZoneFile ReadText(string text, string name, DomainName apex)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(apex);
        var zone = new ZoneFile(apex, name);
        new ZoneFileSession(zone, text, name, null).Run(apex);
        return zone;
    }

    /// <summary>Reads a file's bytes, not letters: each becomes the character of its number, but where a mark at its beginning says otherwise.</summary>
    internal static string ReadBytes(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return bytes is [0xEF, 0xBB, 0xBF, ..] or [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..] or [0, 0, 0xFE, 0xFF, ..] ? File.ReadAllText(path, Encoding.Latin1) : Encoding.Latin1.GetString(bytes);
    }
}
