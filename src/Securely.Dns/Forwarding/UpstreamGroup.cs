using System.Security.Cryptography;

namespace Securely.Dns;

/// <summary>Upstreams that know the same names, and the order in which they are asked. For any thread.</summary>
internal sealed class UpstreamGroup(UpstreamState[] upstreams, ForwardPolicy policy, bool isRoute)
{
    // One question in so many goes to another upstream first, so that one that has become faster is found.
    private const int Exploration = 32;

    /// <summary>Whether it is asked for a domain of its own.</summary>
    internal bool IsRoute { get; } = isRoute;

    /// <summary>Whether there is nobody to ask.</summary>
    internal bool IsEmpty { get; } = upstreams.Length == 0;

    /// <summary>How many are asked at once.</summary>
    internal int AtOnce { get; } = policy == ForwardPolicy.Parallel ? 2 : 1;

    /// <summary>Everybody who may be asked, the best first; those that are down last.</summary>
    internal List<UpstreamState> Rank()
    {
        var ranked = upstreams.Where(upstream => !upstream.IsLoop).OrderBy(upstream => upstream.IsDown);
        var order = (policy == ForwardPolicy.Ordered ? ranked : ranked.ThenBy(upstream => upstream.Latency)).ToList();
        if (policy == ForwardPolicy.Ordered || order.Count < 2 || RandomNumberGenerator.GetInt32(Exploration) > 0)
            return order;
        var other = RandomNumberGenerator.GetInt32(1, order.Count);
        if (!order[other].IsDown)
            (order[0], order[other]) = (order[other], order[0]);
        return order;
    }
}
