namespace Securely.Net;

/// <summary>Probes of the kernel that find a peer that has silently gone.</summary>
/// <param name="Idle">How long nothing must have happened before the first probe; rounded up to whole seconds.</param>
/// <param name="Interval">Between probes; rounded up to whole seconds.</param>
/// <param name="Count">How many probes go unanswered before the connection is broken.</param>
public sealed record TcpKeepAlive(TimeSpan Idle, TimeSpan Interval, int Count)
{
    /// <summary>How long sent bytes may stay unacknowledged (TCP_USER_TIMEOUT, Linux). Null: the kernel's default.</summary>
    public TimeSpan? UserTimeout { get; init; }
}
