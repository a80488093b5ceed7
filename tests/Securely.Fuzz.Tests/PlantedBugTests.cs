using Securely.Fuzz.Tests.Cases;
using Securely.Fuzz.Tests.Reference;
using Securely.Fuzz.Tests.Running;

namespace Securely.Fuzz.Tests;

/// <summary>The same cases find a mistake that was planted: fuzzing that finds nothing proves something.</summary>
public sealed class PlantedBugTests
{
    private const long Most = 50_000;

    [Fact]
    public void Finds_that_chunked_with_identity_behind_it_is_taken_as_chunked() => Find(new Planted.ChunkedAnywhere());

    [Fact]
    public void Finds_that_the_last_of_two_lengths_wins() => Find(new Planted.LastLengthWins());

    [Fact]
    public void Finds_that_equal_lengths_are_taken_as_one() => Find(new Planted.EqualLengthsAreOne());

    [Fact]
    public void Finds_that_a_blank_before_the_colon_is_trimmed() => Find(new Planted.BlankBeforeColon());

    [Fact]
    public void Finds_that_a_chunk_size_wraps_at_64_bits() => Find(new Planted.SizeWraps());

    [Fact]
    public void Finds_that_a_bare_line_feed_ends_a_line() => Find(new Planted.BareLineFeed());

    [Fact]
    public void Finds_that_a_nul_is_let_through() => Find(new Planted.NulInLine());

    [Fact]
    public void Finds_that_a_folded_line_of_a_request_is_joined() => Find(new Planted.FoldedRequest());

    [Fact]
    public void Finds_that_a_coding_counts_on_http_1_0() => Find(new Planted.CodingOnOldVersion());

    [Fact]
    public void Finds_that_a_length_beside_a_coding_is_overlooked() => Find(new Planted.LengthBesideCoding());

    [Fact]
    public void Finds_that_the_end_of_a_chunk_is_not_checked() => Find(new Planted.UncheckedDataEnd());

    [Fact]
    public void Finds_that_a_response_without_a_body_is_given_one() => Find(new Planted.BodyOfNotModified());

    [Fact]
    public void Finds_that_trailers_hold_what_is_forbidden() => Find(new Planted.AnyTrailer());

    [Fact]
    public void Finds_that_a_request_line_is_one_byte_too_long() => Find(new Planted.OneTooMany(static limits => limits.StartLine));

    [Fact]
    public void Finds_that_fields_are_one_byte_too_long() => Find(new Planted.OneTooMany(static limits => limits.FieldBytes));

    [Fact]
    public void Finds_one_field_too_many() => Find(new Planted.OneTooMany(static limits => limits.Fields));

    [Fact]
    public void Finds_that_a_body_is_one_byte_too_long() => Find(new Planted.OneTooMany(static limits => limits.Body));

    [Fact]
    public void Finds_that_an_extension_is_one_byte_too_long() => Find(new Planted.LongExtension(), mostBytes: 8300);

    [Fact]
    public void Finds_that_trailers_are_one_byte_too_long() => Find(new Planted.LongTrailers(), mostBytes: 65_700);

    [Fact]
    public void Finds_an_exception_that_escapes() => FindIn(new FuzzRun(1) { Subject = static () => new Broken(Throw) }, "exception FormatException");

    [Fact]
    public void Says_that_the_reference_itself_has_failed()
    {
        var report = new FuzzRun(1) { Reference = new Planted.Failing() }.Run(0, 1);
        Assert.StartsWith("the fuzzing itself is wrong: System.FormatException", Assert.Single(report.Findings).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Finds_that_the_answer_depends_on_the_pieces() => FindIn(new FuzzRun(1) { Subject = static () => new Broken(Forget) }, "in pieces: ");

    [Fact]
    public void Finds_a_case_that_does_not_end()
    {
        using var released = new ManualResetEventSlim();
        var run = new FuzzRun(1) { Subject = () => new Broken(Hang), Patience = TimeSpan.FromMilliseconds(50) };
        var report = run.Run(7, 1);
        released.Set();
        Assert.Equal(7, Assert.Single(report.Findings).Case.Number);
        Assert.StartsWith("not done after", report.Findings[0].Problem, StringComparison.Ordinal);

        PlainReading Hang(FuzzCase one, PlainReading reading)
        {
            released.Wait(TestContext.Current.CancellationToken);
            return reading;
        }
    }

    [Fact]
    public void Says_the_same_about_the_same_seed()
    {
        var first = new FuzzRun(3) { Reference = new Planted.FoldedRequest() }.Run(0, Most);
        var second = new FuzzRun(3) { Reference = new Planted.FoldedRequest() }.Run(0, Most);
        Assert.Equal(first.Findings[0].ToString(), second.Findings[0].ToString());
    }

    private static void Find(PlainParser mistaken, int mostBytes = 150) => FindIn(new FuzzRun(1) { Reference = mistaken }, "", mostBytes);

    private static void FindIn(FuzzRun run, string problem, int mostBytes = 150)
    {
        var report = run.Run(0, Most);
        Assert.NotEmpty(report.Findings);
        Assert.Contains(problem, report.Findings[0].Problem, StringComparison.Ordinal);
        // Small enough to be read, whatever the message was.
        Assert.InRange(report.Findings[0].Case.Bytes.Length, 1, mostBytes);
    }

    private static PlainReading Throw(FuzzCase one, PlainReading reading) =>
        one.Bytes.AsSpan().IndexOf("keep"u8) < 0 ? reading : throw new FormatException("planted");

    private static PlainReading Forget(FuzzCase one, PlainReading reading)
    {
        if (one.Ends.Length > 1 && reading is PlainHead { KeepAlive: true } head)
            head.KeepAlive = false;
        return reading;
    }

    private sealed class Broken(Func<FuzzCase, PlainReading, PlainReading> mistake) : ISubject
    {
        private readonly Production _inner = new();

        public PlainReading Read(FuzzCase one) => mistake(one, _inner.Read(one));
    }
}
