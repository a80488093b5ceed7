using System.Net;
using System.Net.Sockets;

namespace Securely.Dns;

/// <summary>Zones for development: every name below a top-level domain leads to the same addresses, and no name below it is missing (RFC 6761).</summary>
public static class LocalZone
{
    private static readonly string[] _forcedToTls = ["app", "dev", "page", "new", "day", "foo"];

    /// <summary>Says why a top-level domain cannot be used for this.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The reason with the way out; null where there is none.</returns>
    public static string? ReasonAgainst(DomainName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var text = name.ToString().TrimEnd('.').ToLowerInvariant();
        if (name.IsRoot)
            return "The root cannot be a local name; use [test]";
        if (text == "local")
            return "[local] belongs to multicast DNS (RFC 6762); use [test]";
        return _forcedToTls.Contains(text) ? $"Browsers speak nothing but TLS to [{text}]; use [test]" : null;
    }

    /// <summary>Makes the zone of a top-level domain.</summary>
    /// <param name="name">The domain, as in <c>test</c>.</param>
    /// <param name="addresses">What all names lead to; at least one.</param>
    /// <param name="ttl">How long answers are remembered, in seconds. Default: 60.</param>
    /// <returns>A zone with a wildcard: other types than addresses are answered with no data.</returns>
    /// <exception cref="ArgumentException">There is no address.</exception>
    public static Zone Build(DomainName name, IReadOnlyList<IPAddress> addresses, uint ttl = 60)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(addresses);
        if (addresses.Count == 0)
            throw new ArgumentException($"The local names of [{name}] lead nowhere; give at least one address.", nameof(addresses));
        var suffix = name.IsRoot ? "." : "." + name;
        var server = "ns" + suffix;
        var records = new List<ResourceRecord>
        {
            ResourceRecord.Parse(name, RecordType.Soa, ttl, $"{server} hostmaster{suffix} 1 3600 600 86400 {ttl}"),
            ResourceRecord.Parse(name, RecordType.Ns, ttl, server),
        };
        foreach (var owner in (DomainName[])[name, DomainName.Parse("*" + suffix)])
        {
            foreach (var address in addresses)
                records.Add(new ResourceRecord(owner, address.AddressFamily == AddressFamily.InterNetwork ? RecordType.A : RecordType.Aaaa, ttl, address.GetAddressBytes()));
        }

        return Zone.Build(name, records);
    }
}
