namespace Securely.Network.Tests.Proxy.LoadBalancing;

/// <summary>A clock whose only timer fires when told.</summary>
internal sealed class TickingTime : TimeProvider
{
    private Action? _tick;

    public TimeSpan Period { get; private set; }

    public void Tick() => _tick!();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _tick = () => callback(state);
        Period = period;
        return new Handle();
    }

    private sealed class Handle : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
