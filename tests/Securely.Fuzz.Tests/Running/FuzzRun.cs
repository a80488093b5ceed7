using Securely.Fuzz.Tests.Cases;
using Securely.Fuzz.Tests.Reference;

namespace Securely.Fuzz.Tests.Running;

/// <summary>
/// Reads many cases in two ways, on all processors. Which cases there are, and which finding comes first, depends on the seed and the numbers
/// alone.
/// </summary>
internal sealed class FuzzRun
{
    private const int BlockLength = 1024;
    private const int MostFindings = 5;
    private const int MostTrials = 4000;

    private readonly Lock _gate = new();
    private readonly List<Watch> _watches = [];
    private readonly FuzzReport _report;
    private long _next;
    private long _end;
    private long _lowest = long.MaxValue;
    private bool _closed;

    /// <summary>Prepares a run.</summary>
    /// <param name="seed">What the cases are made from.</param>
    public FuzzRun(ulong seed) => _report = new FuzzReport { Seed = seed };

    /// <summary>What is judged; made anew for every block of cases, so that a finding does not depend on who ran before.</summary>
    public Func<ISubject> Subject { get; init; } = static () => new Production();

    /// <summary>What it is judged by.</summary>
    public PlainParser Reference { get; init; } = new();

    /// <summary>How long one case may take before it is called endless. It runs in microseconds; the rest is for a machine that is busy.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Runs cases until all are done, some findings have been made, or one does not end.</summary>
    /// <param name="first">The number of the first case.</param>
    /// <param name="count">How many cases.</param>
    public FuzzReport Run(long first, long count)
    {
        long start = TimeProvider.System.GetTimestamp();
        _next = first;
        _end = first + count;
        int threads = (int)Math.Clamp(count / BlockLength, 1, Environment.ProcessorCount);
        for (int index = 0; index < threads; index++)
        {
            var watch = new Watch();
            _watches.Add(watch);
            // A background thread does not keep the program alive when its case never ends.
            watch.Thread = new Thread(() => RunBlocks(watch)) { IsBackground = true, Name = $"fuzz {index}" };
            watch.Thread.Start();
        }

        foreach (var watch in _watches)
        {
            while (!watch.Thread!.Join(TimeSpan.FromMilliseconds(20)))
            {
                if (FindEndless() is { } endless)
                    return Close(endless, start);
            }
        }

        return Close(null, start);
    }

    private FuzzReport Close(Finding? endless, long start)
    {
        lock (_gate)
        {
            if (endless is not null)
                _report.Findings.Add(endless);
            if (_report.Findings.Count > MostFindings)
                _report.Findings.RemoveRange(MostFindings, _report.Findings.Count - MostFindings);
            _closed = true;
            _report.Elapsed = TimeProvider.System.GetElapsedTime(start);
            return _report;
        }
    }

    private Finding? FindEndless()
    {
        foreach (var watch in _watches)
        {
            long since = Volatile.Read(ref watch.Since);
            long number = Volatile.Read(ref watch.Number);
            if (since != 0 && TimeProvider.System.GetElapsedTime(since) > Patience && Volatile.Read(ref watch.Since) == since)
                return new Finding(CaseMaker.Make(_report.Seed, number), $"not done after {Patience}");
        }

        return null;
    }

    private void RunBlocks(Watch watch)
    {
        var report = new FuzzReport();
        while (true)
        {
            long block = Interlocked.Add(ref _next, BlockLength) - BlockLength;
            if (block >= _end || block > Volatile.Read(ref _lowest))
                break;
            var subject = Subject();
            for (long number = block; number < Math.Min(block + BlockLength, _end) && report.Findings.Count < MostFindings; number++)
                RunCase(number, subject, report, watch);
        }

        lock (_gate)
        {
            if (!_closed)
                _report.Add(report);
        }
    }

    private void RunCase(long number, ISubject subject, FuzzReport report, Watch watch)
    {
        try
        {
            Compare(number, subject, report, watch);
        }
        catch (Exception error)
        {
            var none = new FuzzCase { Number = number, Kind = CaseKind.Request, Bytes = [], Ends = [], Limits = PlainLimits.Usual };
            report.Findings.Add(new Finding(none, $"the fuzzing itself is wrong: {error}"));
        }
    }

    private void Compare(long number, ISubject subject, FuzzReport report, Watch watch)
    {
        long start = TimeProvider.System.GetTimestamp();
        Volatile.Write(ref watch.Number, number);
        Volatile.Write(ref watch.Since, start);
        var one = CaseMaker.Make(_report.Seed, number);
        var expected = one.Read(Reference);
        string? problem = Judge(one, expected, subject);
        var time = TimeProvider.System.GetElapsedTime(start);
        Volatile.Write(ref watch.Since, 0);
        if (problem is not null)
        {
            report.Findings.Add(Shrink(new Finding(one, problem)));
            Interlocked.Exchange(ref _lowest, Math.Min(Volatile.Read(ref _lowest), number));
        }

        report.Add(one, expected.Verdict, time);
    }

    /// <summary>What is wrong when it comes in one piece, or else in its own pieces.</summary>
    private string? Judge(FuzzCase one, PlainReading expected, ISubject subject) =>
        JudgeOnce(one.Whole, expected, subject) is { } whole ? $"in one piece: {whole}"
        : JudgeOnce(one, expected, subject) is { } pieces ? $"in pieces: {pieces}"
        : null;

    private string? JudgeOnce(FuzzCase one, PlainReading expected, ISubject subject)
    {
        try
        {
            return Comparison.Find(one, Reference, expected, subject.Read(one));
        }
        catch (Exception error)
        {
            return $"exception {error.GetType().Name}: {error.Message}";
        }
    }

    /// <summary>Takes away what the finding does not need, as long as something shows in one piece or byte by byte.</summary>
    private Finding Shrink(Finding found)
    {
        int trials = MostTrials;
        for (int length = Math.Max(1, found.Case.Bytes.Length / 2); length >= 1; length /= 2)
        {
            for (int at = 0; at + length <= found.Case.Bytes.Length && trials > 0; trials--)
            {
                byte[] bytes = [.. found.Case.Bytes[..at], .. found.Case.Bytes[(at + length)..]];
                int[] ends = bytes.Length < 2000 ? [.. Enumerable.Range(1, bytes.Length)] : [bytes.Length];
                var smaller = found.Case with { Bytes = bytes, Ends = ends };
                if (Judge(smaller, smaller.Read(Reference), Subject()) is { } problem)
                    found = new Finding(smaller, problem);
                else
                    at += length;
            }
        }

        return found.Problem.StartsWith("in one piece", StringComparison.Ordinal) ? found with { Case = found.Case.Whole } : found;
    }

    /// <summary>Which case a thread is at, since when.</summary>
    private sealed class Watch
    {
        public Thread? Thread;
        public long Number;
        public long Since;
    }
}
