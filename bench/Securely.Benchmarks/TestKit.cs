using BenchmarkDotNet.Attributes;
using Securely.Testing;

namespace Securely.Benchmarks;

/// <summary>What tests spend on time that does not pass by itself, and on bytes in pieces.</summary>
[MemoryDiagnoser]
public class TestKit
{
    private static readonly byte[] Message = new byte[1024];

    /// <summary>A thousand timers, one a second.</summary>
    [Benchmark]
    public int AdvanceTime()
    {
        var time = new ManualTimeProvider();
        var fired = 0;
        for (var i = 1; i <= 1000; i++)
            time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(i), Timeout.InfiniteTimeSpan);
        time.Advance(TimeSpan.FromSeconds(1000));
        return fired;
    }

    /// <summary>A kilobyte, byte by byte.</summary>
    [Benchmark]
    public int Fragment() => Fragmenter.Split(Message, Delivery.Bytes).Sum(piece => piece.Length);
}
