using System.Globalization;
using System.Text;
using Securely.Fuzz.Tests.Cases;
using Securely.Fuzz.Tests.Reference;

namespace Securely.Fuzz.Tests.Running;

/// <summary>A disagreement, an exception or a case that does not end.</summary>
/// <param name="Case">The message, made as small as possible.</param>
/// <param name="Problem">What is wrong.</param>
internal sealed record Finding(FuzzCase Case, string Problem);

/// <summary>What a run did. Filled by one thread, then added up.</summary>
internal sealed class FuzzReport
{
    private readonly long[,] _verdicts = new long[3, 3];

    public ulong Seed { get; init; }

    /// <summary>The findings, those with the lowest numbers first.</summary>
    public List<Finding> Findings { get; } = [];

    public long Cases { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>How long the slowest case took.</summary>
    public TimeSpan Slowest { get; private set; }

    public TimeSpan Elapsed { get; set; }

    /// <summary>How many messages of a kind the reference answered so.</summary>
    public long Count(CaseKind kind, Verdict verdict) => _verdicts[(int)kind, (int)verdict];

    /// <summary>Counts a case.</summary>
    public void Add(FuzzCase one, Verdict verdict, TimeSpan time)
    {
        Cases++;
        Bytes += one.Bytes.Length;
        _verdicts[(int)one.Kind, (int)verdict]++;
        Slowest = time > Slowest ? time : Slowest;
    }

    /// <summary>Adds what another thread did.</summary>
    public void Add(FuzzReport other)
    {
        Cases += other.Cases;
        Bytes += other.Bytes;
        Slowest = other.Slowest > Slowest ? other.Slowest : Slowest;
        for (int index = 0; index < _verdicts.Length; index++)
            _verdicts[index / 3, index % 3] += other._verdicts[index / 3, index % 3];
        Findings.AddRange(other.Findings);
        Findings.Sort(static (one, two) => one.Case.Number.CompareTo(two.Case.Number));
    }

    /// <summary>The figures in one line, then the findings.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"fuzz: seed {Seed}, {Cases} cases, {Bytes} bytes, {Elapsed.TotalSeconds:F1} s, slowest case {Slowest.TotalMilliseconds:F0} ms");
        foreach (var kind in Enum.GetValues<CaseKind>())
        {
            text.Append(CultureInfo.InvariantCulture, $"; {kind} {Count(kind, Verdict.Accepted)} accepted, {Count(kind, Verdict.Refused)} refused, ");
            text.Append(CultureInfo.InvariantCulture, $"{Count(kind, Verdict.Unfinished)} unfinished");
        }

        text.Append(CultureInfo.InvariantCulture, $"; {Findings.Count} findings");
        foreach (var finding in Findings)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {finding.Problem}\n    {finding.Case}");
            text.Append(CultureInfo.InvariantCulture, $"\n    again: SECURELY_FUZZ_SEED={Seed} SECURELY_FUZZ_FIRST={finding.Case.Number} SECURELY_FUZZ_COUNT=1");
        }

        return text.ToString();
    }
}
