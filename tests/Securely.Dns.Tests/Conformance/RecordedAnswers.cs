using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Securely.Dns.Tests.Conformance;

/// <summary>
/// The recorded answers of BIND, NSD, Knot and PowerDNS: the folder is <c>dns</c> below <c>CONFORMANCE_DIR</c>, else below the repository's
/// <c>tests/data/conformance</c>, packed as <c>ferret.tar.xz</c> or unpacked as <c>ferret</c>.
/// </summary>
internal sealed class RecordedAnswers : IDisposable
{
    private static readonly Lock Reporting = new();
    private readonly TemporaryDirectory? _unpacked;
    private readonly string _folder;

    public RecordedAnswers()
    {
        var root = Environment.GetEnvironmentVariable("CONFORMANCE_DIR");
        var kind = Path.Combine(string.IsNullOrEmpty(root) ? Path.Combine(Repository.Root, "tests", "data", "conformance") : root, "dns");
        _folder = Path.Combine(kind, "ferret");
        var packed = _folder + ".tar.xz";
        if (Directory.Exists(_folder))
            return;
        if (!File.Exists(packed))
            throw new DirectoryNotFoundException($"Neither [{_folder}] nor [{packed}] is there; CONFORMANCE_DIR names another folder.");
        _unpacked = new TemporaryDirectory();
        using var tar = Process.Start("tar", ["-xJf", packed, "-C", _unpacked.Path]);
        tar.WaitForExit();
        _folder = Path.Combine(_unpacked.Path, "ferret");
        Assert.Equal(0, tar.ExitCode);
    }

    public void Dispose() => _unpacked?.Dispose();

    /// <summary>Every question with its zone and its answers, in a steady order.</summary>
    public IEnumerable<RecordedCase> Cases()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_folder, "ExpectedResponses"), "*.json").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var zone = File.ReadAllText(Path.Combine(_folder, "ZoneFiles", name + ".txt"));
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var entry in document.RootElement.EnumerateArray())
            {
                var query = entry.GetProperty("Query");
                yield return new RecordedCase(name, zone, query.GetProperty("Name").GetString()!, query.GetProperty("Type").GetString()!, [.. Answers(entry)]);
            }
        }
    }

    /// <summary>Writes the line <c>NAME right/total</c>.</summary>
    public static void Report(string name, int right, int total)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{name} {right}/{total}\n");
        Console.Write(line);
        if (Environment.GetEnvironmentVariable("SECURELY_CONFORMANCE_REPORT") is not { Length: > 0 } report)
            return;
        lock (Reporting)
            File.AppendAllText(report, line);
    }

    private static IEnumerable<RecordedAnswer> Answers(JsonElement entry)
    {
        foreach (var answer in entry.GetProperty("Expected Response").EnumerateArray())
        {
            if (answer.GetProperty("Response").ValueKind != JsonValueKind.Array)
                continue;
            var servers = answer.GetProperty("Server/s").GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
            yield return RecordedAnswer.Read(servers, [.. answer.GetProperty("Response").EnumerateArray().Select(line => line.GetString()!)]);
        }
    }
}

/// <summary>One question.</summary>
internal sealed record RecordedCase(string Name, string Zone, string Question, string Type, IReadOnlyList<RecordedAnswer> Answers);

/// <summary>What some servers answered alike.</summary>
internal sealed record RecordedAnswer(int Servers, string Code, bool IsAuthoritative, IReadOnlyList<string> Answer, IReadOnlyList<string> Authority)
{
    /// <summary>Whether it sends the client to another server.</summary>
    public bool IsReferral => !IsAuthoritative && Answer.Count == 0 && Authority.Count > 0;

    public static RecordedAnswer Read(int servers, string[] lines)
    {
        var code = lines.First(line => line.StartsWith("rcode ", StringComparison.Ordinal))[6..];
        var flags = lines.First(line => line.StartsWith("flags", StringComparison.Ordinal)).Split(' ');
        return new RecordedAnswer(servers, code, flags.Contains("AA"), Section(lines, ";ANSWER"), Section(lines, ";AUTHORITY"));
    }

    private static List<string> Section(string[] lines, string head) =>
        [.. lines.SkipWhile(line => line != head).Skip(1).TakeWhile(line => !line.StartsWith(';')).Select(Normalize).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>A record in one form, whoever wrote it.</summary>
    public static string Normalize(string line)
    {
        var parts = line.Split(' ', 5);
        Assert.True(ResourceRecord.TryParseType(parts[3], out var type));
        return ResourceRecord.Parse(DomainName.Parse(parts[0]), type, uint.Parse(parts[1], CultureInfo.InvariantCulture), parts[4]).ToString().ToLowerInvariant();
    }
}
