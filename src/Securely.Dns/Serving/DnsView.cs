using System.Net;

namespace Securely.Dns;

/// <summary>What the clients of some networks see in place of what all others see (split horizon). Immutable but for the zones of its catalog.</summary>
/// <param name="Networks">The clients; the first view that has a client's address is its view.</param>
/// <param name="Catalog">Its own zones; one takes the place of the server's zone of the same name, the server's other zones are seen too.</param>
public sealed record DnsView(IReadOnlyList<IPNetwork> Networks, Catalog Catalog)
{
    /// <summary>Who is asked for names of others; null for the server's own upstreams.</summary>
    public ForwardingOptions? Forwarding { get; init; }
}

/// <summary>A view as it is served: for any thread.</summary>
internal sealed class ServerView(AccessList networks, Catalog? own, Catalog common, Recursion? recursion, int number)
{
    /// <summary>Its place among the views, from 1; 0 for what all others see.</summary>
    internal int Number { get; } = number;

    internal AccessList Networks { get; } = networks;

    internal Recursion? Recursion { get; } = recursion;

    /// <summary>The zone that a name is in: the one with the longest name, of the view rather than of all.</summary>
    internal Zone? Find(NameKey name, int away = 0)
    {
        var shared = common.Table.Find(name, away);
        return own?.Table.Find(name, away) is { } zone && zone.ApexLabels >= (shared?.ApexLabels ?? 0) ? zone : shared;
    }

    /// <summary>The zone of that name.</summary>
    internal Zone? FindExact(NameKey name) => own?.Table.FindExact(name, 0) ?? common.Table.FindExact(name, 0);
}
