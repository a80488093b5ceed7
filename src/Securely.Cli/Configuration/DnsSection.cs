using System.Net;
using Securely.Config;
using Securely.Dns;
using Securely.Net;

namespace Securely.Cli;

/// <summary>Reads <c>dns</c>: the name server, its zones, and who may ask it what.</summary>
internal static class DnsSection
{
    public const string Name = "dns";
    private const int MostNetworks = 10_000;

    /// <summary>Null when the file does not have the section.</summary>
    /// <param name="root">The file.</param>
    /// <param name="time">Tells which certificates have expired.</param>
    public static DnsOptions? Read(SectionReader root, TimeProvider time)
    {
        if (root.Map(Name) is not { } section)
            return null;
        section.Require("listen");
        var server = new DnsServerOptions
        {
            Threads = section.IntegerOrNull("threads", 1, 1024),
            MaximumUdpPayload = section.Integer("udp_size", new DnsServerOptions().MaximumUdpPayload, 512, 4096),
            ServerId = ReadText(section, "id"),
            Version = ReadText(section, "version"),
            AllowedNetworks = ReadNetworks(section, "allow"),
            RequiresCookies = section.Boolean("require_cookies", false),
            ResponsesPerSecond = section.Integer("responses_per_second", 0, 0, 1_000_000),
            Slip = section.Integer("slip", new DnsServerOptions().Slip, 0, 100),
            Keys = ReadKeys(section),
            Forwarding = DnsForwardSection.Read(section, ReadNetworks, out var lists),
        };
        var listen = ReadListen(section);
        CheckUpstreams(section, listen, server.Forwarding);
        var options = new DnsOptions(listen, DnsZonesSection.Read(section, server.Keys), server with { Transfers = ReadTransfers(section, server.Keys) })
        {
            QueryLog = section.Map("query_log") is { } log ? new DnsQueryLogOptions { Path = AccessLogSection.ReadPath(log), Sample = AccessLogSection.ReadSample(log) } : null,
            Lists = lists,
            Dot = section.Map("dot") is { } dot ? ReadEncrypted(dot, time, isHttp: false) : null,
            Doh = section.Map("doh") is { } doh ? ReadEncrypted(doh, time, isHttp: true) : null,
            Views = ReadViews(section, server.Forwarding),
        };
        if (section.Map("local") is not { } local)
            return options;
        var (names, addresses) = ReadLocal(local, options.Zones);
        return options with { LocalNames = names, LocalAddresses = addresses };
    }

    private static (IReadOnlyList<DomainName> Names, IReadOnlyList<IPAddress> Addresses) ReadLocal(SectionReader section, IReadOnlyList<DnsZoneOptions> zones)
    {
        var names = new List<DomainName>();
        var addresses = new List<IPAddress>();
        TextList.RefuseEmpty(section, "tlds", "name domains, or leave the key out for [test]");
        TextList.RefuseEmpty(section, "address", "name addresses, or leave the key out for this machine");
        foreach (var item in section.Has("tlds") ? section.Items("tlds") : [ConfigValue.FromText("test", section.Origin)])
        {
            // Neither wildcards nor spaces: all names below a domain are meant anyhow.
            if (!DomainName.TryParse(item.Text, out var name) || item.Text.Any(letter => letter is not ('.' or '-') && !char.IsLetterOrDigit(letter)))
                section.Diagnostics.Error(item.Origin, $"[tlds]: [{item.Text}] is not a domain name; write it as [test], which has all names below it");
            else if (LocalZone.ReasonAgainst(name) is { } reason)
                section.Diagnostics.Error(item.Origin, $"[tlds]: {reason}");
            else if (names.Contains(name) || zones.Any(zone => zone.Name.Equals(name)))
                section.Diagnostics.Error(item.Origin, $"The zone [{item.Text}] stands twice");
            else
                names.Add(name);
        }

        foreach (var item in section.Items("address"))
        {
            if (IPAddress.TryParse(item.Text, out var address))
                addresses.Add(address);
            else
                section.Diagnostics.Error(item.Origin, $"[address]: [{item.Text}] is not an IP address");
        }

        return (names, addresses.Count > 0 ? addresses : [IPAddress.Loopback, IPAddress.IPv6Loopback]);
    }

    // A question that comes back to where it came from has no answer.
    private static void CheckUpstreams(SectionReader section, List<string> listen, ForwardingOptions? forwarding)
    {
        foreach (var upstream in forwarding?.Upstreams ?? [])
        {
            if (upstream.Protocol is DnsProtocol.Udp or DnsProtocol.Tcp && listen.Contains(upstream.Address.ToString()))
                section.Error("forward", $"[forward]: [{upstream}] is this server itself; name one that knows the answers");
        }
    }

    private static DnsEncryptedOptions ReadEncrypted(SectionReader section, TimeProvider time, bool isHttp)
    {
        section.Require("listen");
        if (!isHttp)
            section.Require(ListenerTlsSection.Name);
        var tls = ListenerTlsSection.Read(section, time);
        var path = isHttp ? section.Text("path", "/dns-query") : "";
        if (isHttp && (path[0] != '/' || path.AsSpan().ContainsAny(" ?#")))
            section.Error("path", $"[path]: [{path}] is no path; write it as [/dns-query]");
        return new DnsEncryptedOptions(ReadListen(section), tls, path);
    }

    private static List<DnsViewOptions> ReadViews(SectionReader section, ForwardingOptions? forwarding)
    {
        var views = new List<DnsViewOptions>();
        foreach (var view in section.Maps("views"))
        {
            view.Require("networks");
            var zones = DnsZonesSection.ReadFiles(view);
            var (names, addresses) = view.Map("local") is { } local ? ReadLocal(local, zones) : ([], []);
            views.Add(new DnsViewOptions(ReadNetworks(view, "networks"), zones, ReadForwarding(view, forwarding)) { LocalNames = names, LocalAddresses = addresses });
        }

        return views;
    }

    // What a view does not say of its own is as for all.
    private static ForwardingOptions? ReadForwarding(SectionReader view, ForwardingOptions? all)
    {
        var upstreams = DnsForwardSection.ReadUpstreams(view, "forward");
        var routes = DnsForwardSection.ReadRoutes(view);
        if (upstreams.Count == 0 && routes.Count == 0)
            return null;
        var own = all ?? new ForwardingOptions();
        return own with { Upstreams = upstreams.Count > 0 ? upstreams : own.Upstreams, Routes = routes.Count > 0 ? routes : own.Routes };
    }

    private static List<string> ReadListen(SectionReader section)
    {
        var addresses = new List<string>();
        TextList.RefuseEmpty(section, "listen", "name addresses such as [127.0.0.1:53]");
        foreach (var item in section.Items("listen"))
        {
            if (!ListenAddress.TryParse(item.Text, out var endPoint, out var error))
                section.Diagnostics.Error(item.Origin, error!.TrimEnd('.'));
            else if (endPoint is not IPEndPoint { Port: var port })
                section.Diagnostics.Error(item.Origin, $"[listen]: [{item.Text}] is no address of the network; a name server listens on IP:PORT");
            else if (port > 0 && addresses.Contains(item.Text))
                section.Diagnostics.Error(item.Origin, $"[listen]: [{item.Text}] stands twice");
            else
                addresses.Add(item.Text);
        }

        return addresses;
    }

    private static string? ReadText(SectionReader section, string key)
    {
        if (section.TextOrNull(key) is not { } text || System.Text.Encoding.UTF8.GetByteCount(text) <= 255)
            return section.TextOrNull(key);
        section.Error(key, $"[{key}] is longer than 255 bytes");
        return null;
    }

    private static List<IPNetwork> ReadNetworks(SectionReader section, string key)
    {
        var networks = new List<IPNetwork>();
        TextList.RefuseEmpty(section, key, "name networks" + key switch
        {
            "allow" => ", or leave the key out for everybody",
            "recursion" => ", or leave the key out for this machine and private networks",
            _ => "",
        });
        foreach (var item in section.Items(key).Take(MostNetworks))
        {
            if (TryParseNetwork(item.Text, out var network))
                networks.Add(network);
            else
                section.Diagnostics.Error(item.Origin, $"[{key}]: [{item.Text}] is neither an address nor a network such as 192.0.2.0/24");
        }

        return networks;
    }

    public static bool TryParseNetwork(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network))
            return true;
        if (text.Contains('/', StringComparison.Ordinal) || !IPAddress.TryParse(text, out var address))
            return false;
        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }

    private static List<TsigKey> ReadKeys(SectionReader section)
    {
        var keys = new List<TsigKey>();
        foreach (var key in section.NamedMaps("keys"))
        {
            var algorithm = key.Text("algorithm", "hmac-sha256");
            var secret = key.Require("secret") ? key.TextOrNull("secret") : null;
            if (!TsigKey.IsKnownAlgorithm(algorithm))
                key.Error("algorithm", $"[algorithm]: [{algorithm}] is not known; use hmac-sha1, hmac-sha256, hmac-sha384 or hmac-sha512");
            else if (!DomainName.TryParse(key.Key, out var name))
                key.Error("algorithm", $"The key's name [{key.Key}] is not a domain name");
            else if (secret is not null && !TryDecode(secret, out var bytes))
                key.Error("secret", "[secret] is not Base64");
            else if (secret is not null)
                keys.Add(new TsigKey(name, algorithm, Convert.FromBase64String(secret)));
        }

        return keys;
    }

    private static bool TryDecode(string secret, out byte[] bytes)
    {
        bytes = new byte[secret.Length];
        return Convert.TryFromBase64String(secret, bytes, out var length) && length > 0;
    }

    public static List<TransferRule> ReadTransfers(SectionReader section, IReadOnlyList<TsigKey> keys)
    {
        var rules = new List<TransferRule>();
        foreach (var rule in section.Maps("transfers"))
        {
            if (ReadWho(rule, "transfers", keys) is var (network, key))
                rules.Add(new TransferRule(network, key));
        }

        return rules;
    }

    /// <summary>Whom a rule is about; null when it cannot be read.</summary>
    public static (IPNetwork? Network, DomainName? Key)? ReadWho(SectionReader rule, string section, IReadOnlyList<TsigKey> keys)
    {
        var text = rule.TextOrNull("network");
        IPNetwork network = default;
        var hasKey = rule.Has("key");
        var key = ReadKey(rule, keys);
        if (!hasKey && text is null)
            rule.Diagnostics.Error(rule.Origin, $"[{section}]: a rule has a [network], a [key], or both");
        else if (text is not null && !TryParseNetwork(text, out network))
            rule.Error("network", $"[network]: [{text}] is neither an address nor a network such as 192.0.2.0/24");
        else if (!hasKey || key is not null)
            return (text is null ? null : network, key);
        return null;
    }

    /// <summary>The name of the key in <c>key</c>; null when there is none, or none of that name.</summary>
    public static DomainName? ReadKey(SectionReader rule, IReadOnlyList<TsigKey> keys)
    {
        if (rule.TextOrNull("key") is not { } text)
            return null;
        var key = keys.FirstOrDefault(known => DomainName.TryParse(text, out var wanted) && known.Name.Equals(wanted));
        if (key is null)
            rule.Error("key", $"The key [{text}] is not defined in [dns.keys]");
        return key?.Name;
    }
}
