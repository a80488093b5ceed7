using System.Globalization;

namespace Securely.Testing;

/// <summary>Named phases that one side signals and another awaits, in place of sleeping until something has probably happened.</summary>
/// <remarks>
/// Thread-safe. A signal is remembered: whoever awaits a phase later goes on at once. To hold code under test at a place, let it
/// signal one phase and await another one: <c>barrier.Signal("in filter"); await barrier.WaitAsync("go on");</c>
/// </remarks>
public sealed class PhaseBarrier
{
    private readonly Lock _state = new();
    private readonly Dictionary<string, int> _signals = new(StringComparer.Ordinal);
    private readonly List<(string Phase, int Times, TaskCompletionSource Arrived)> _waiters = [];
    private readonly TimeSpan _limit;

    /// <summary>Makes a barrier whose waits fail after <paramref name="limit"/> of real time (default: 30 s).</summary>
    public PhaseBarrier(TimeSpan? limit = null) => _limit = limit ?? Deadline.Phase;

    /// <summary>Says that <paramref name="phase"/> has been reached, once more.</summary>
    public void Signal(string phase)
    {
        ArgumentException.ThrowIfNullOrEmpty(phase);
        lock (_state)
        {
            var count = _signals.GetValueOrDefault(phase) + 1;
            _signals[phase] = count;
            _waiters.RemoveAll(waiter => waiter.Phase == phase && waiter.Times <= count && waiter.Arrived.TrySetResult());
        }
    }

    /// <summary>How often <paramref name="phase"/> was signalled.</summary>
    public int Count(string phase)
    {
        lock (_state)
            return _signals.GetValueOrDefault(phase);
    }

    /// <summary>Waits until <paramref name="phase"/> has been signalled <paramref name="times"/> times since the barrier was made.</summary>
    /// <exception cref="TimeoutException">The limit has passed; the message names the phase and what was signalled instead.</exception>
    public Task WaitAsync(string phase, int times = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(phase);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_state)
        {
            if (_signals.GetValueOrDefault(phase) >= times)
                return Task.CompletedTask;
            _waiters.Add((phase, times, arrived));
        }
        return Deadline.AwaitAsync(arrived.Task, _limit, () => $"phase [{phase}] x{times.ToString(CultureInfo.InvariantCulture)}; signalled: {Describe()}");
    }

    private string Describe()
    {
        lock (_state)
            return _signals.Count == 0 ? "nothing" : string.Join(", ", _signals.Select(signal => $"[{signal.Key}] x{signal.Value}"));
    }
}
