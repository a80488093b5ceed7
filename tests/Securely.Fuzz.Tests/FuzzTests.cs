using System.Globalization;
using Securely.Fuzz.Tests.Cases;
using Securely.Fuzz.Tests.Reference;
using Securely.Fuzz.Tests.Running;

// A run uses all processors by itself, and is timed.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Securely.Fuzz.Tests;

/// <summary>
/// Damaged request heads, response heads and chunked bodies: the parsers throw nothing, end, and read each as the reference does, however it
/// arrives (rows A1 to A5, A9 to A14, A21).
/// </summary>
/// <remarks>
/// <c>SECURELY_FUZZ_SEED</c> makes other cases, <c>SECURELY_FUZZ_COUNT</c> changes how many the long run has, <c>SECURELY_FUZZ_FIRST</c> where
/// it begins.
/// </remarks>
public sealed class FuzzTests
{
    private const long Short = 50_000;
    private const long Long = 10_000_000;

    [Fact]
    public void Fifty_thousand_damaged_messages_are_read_as_the_reference_reads_them() => Run(0, Short);

    [Fact]
    [Trait("Category", "Long")]
    public void Ten_million_damaged_messages_are_read_as_the_reference_reads_them() =>
        Run(Number("SECURELY_FUZZ_FIRST", 0), Number("SECURELY_FUZZ_COUNT", Long));

    private static void Run(long first, long count)
    {
        var report = new FuzzRun((ulong)Number("SECURELY_FUZZ_SEED", 1)).Run(first, count);
        Console.WriteLine(report);
        Assert.True(report.Findings.Count == 0, report.ToString());
        Assert.Equal(count, report.Cases);
        if (count >= Short)
            Assert.All(Enum.GetValues<CaseKind>(), kind => AssertWorthIt(report, kind));
    }

    /// <summary>Cases that are all refused would prove little; so would cases that are all fine.</summary>
    private static void AssertWorthIt(FuzzReport report, CaseKind kind)
    {
        long accepted = report.Count(kind, Verdict.Accepted);
        long refused = report.Count(kind, Verdict.Refused);
        long unfinished = report.Count(kind, Verdict.Unfinished);
        long all = accepted + refused + unfinished;
        Assert.True(accepted > all / 10 && refused > all / 10 && unfinished > all / 100, report.ToString());
    }

    private static long Number(string variable, long usual)
    {
        string? text = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(text))
            return usual;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new FormatException($"{variable}=[{text}] is not a number; give decimal digits, as in {variable}=7.");
    }
}
