using System.Globalization;
using System.Text.Json;

namespace Securely.Components.Tests.Conformance;

/// <summary>
/// Where the recorded cases of other systems are, and where their rates are reported: the folder is <c>CONFORMANCE_DIR</c>, else
/// <c>tests/data/conformance</c> of this repository; the report is the file that <c>SECURELY_CONFORMANCE_REPORT</c> names.
/// </summary>
internal static class RecordedCases
{
    private static readonly Lock Reporting = new();

    /// <summary>The folder of one kind of cases, for instance <c>laravel</c>.</summary>
    public static string Folder(string kind)
    {
        var root = Environment.GetEnvironmentVariable("CONFORMANCE_DIR");
        var folder = Path.Combine(string.IsNullOrEmpty(root) ? Path.Combine(RepositoryRoot.Data, "conformance") : root, kind);
        return Directory.Exists(folder)
            ? folder
            : throw new DirectoryNotFoundException($"The folder of recorded cases [{folder}] is not there; CONFORMANCE_DIR names another.");
    }

    /// <summary>One of Laravel's files, for instance <c>events.json</c>; the caller disposes of it.</summary>
    public static JsonDocument Laravel(string file) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder("laravel"), file)));

    /// <summary>Writes the line <c>FILE right/total</c>.</summary>
    public static void Report(string file, int right, int total)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{file} {right}/{total}\n");
        Console.Write(line);
        if (Environment.GetEnvironmentVariable("SECURELY_CONFORMANCE_REPORT") is { Length: > 0 } report)
        {
            lock (Reporting)
            {
                File.AppendAllText(report, line);
            }
        }
    }
}
