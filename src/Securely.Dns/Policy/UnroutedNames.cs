using System.Globalization;

namespace Securely.Dns;

/// <summary>Domains whose names mean something within a network only, if anything: whoever is asked for them elsewhere can only deny them. For any thread.</summary>
internal static class UnroutedNames
{
    private static readonly DomainSet _domains = DomainSet.Build(All().Select(static name => DomainName.Parse(name)).ToDictionary(static name => name, static _ => DomainScope.Both));

    /// <summary>How many labels of a name are below such a domain; -1 for other names.</summary>
    internal static int Find(NameKey name) => _domains.Find(name);

    private static IEnumerable<string> All()
    {
        // RFC 6761, 6.4; RFC 7686; RFC 8375. Not [test]: another machine of the network may serve it for development.
        string[] reserved = ["invalid", "onion", "home.arpa"];
        // RFC 6303, 4; RFC 7793.
        string[] reverse =
        [
            "0.in-addr.arpa", "10.in-addr.arpa", "127.in-addr.arpa", "254.169.in-addr.arpa", "168.192.in-addr.arpa", "2.0.192.in-addr.arpa", "100.51.198.in-addr.arpa",
            "113.0.203.in-addr.arpa", "255.255.255.255.in-addr.arpa", "d.f.ip6.arpa", "8.e.f.ip6.arpa", "9.e.f.ip6.arpa", "a.e.f.ip6.arpa", "b.e.f.ip6.arpa",
            "8.b.d.0.1.0.0.2.ip6.arpa",
        ];
        var zeros = string.Concat(Enumerable.Repeat("0.", 31));
        return
        [
            .. reserved, .. reverse, $"0.{zeros}ip6.arpa", $"1.{zeros}ip6.arpa",
            .. Enumerable.Range(16, 16).Select(static part => string.Create(CultureInfo.InvariantCulture, $"{part}.172.in-addr.arpa")),
            .. Enumerable.Range(64, 64).Select(static part => string.Create(CultureInfo.InvariantCulture, $"{part}.100.in-addr.arpa")),
        ];
    }
}
