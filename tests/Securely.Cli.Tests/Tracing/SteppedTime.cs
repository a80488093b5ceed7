using Securely.Testing;

namespace Securely.Cli.Tests.Tracing;

/// <summary>A clock that a test advances, and that tells it when somebody begins to wait: signals <c>timer</c>.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private readonly ManualTimeProvider _time = new();
    private readonly PhaseBarrier _phases = new();

    public override long TimestampFrequency => _time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

    public override long GetTimestamp() => _time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = _time.CreateTimer(callback, state, dueTime, period);
        if (dueTime != Timeout.InfiniteTimeSpan)
            _phases.Signal("timer");
        return timer;
    }

    /// <summary>Lets a span pass as soon as somebody has begun to wait for the n-th time.</summary>
    public async Task PassAsync(int timer, TimeSpan span)
    {
        await _phases.WaitAsync("timer", timer);
        _time.Advance(span);
    }
}
