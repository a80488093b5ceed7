using System.Net;
using Securely.Config;
using Securely.Dns;

namespace Securely.Cli;

/// <summary>Reads what <c>dns</c> says of names of others: who is asked, who may ask, how answers are kept, and which names are not answered.</summary>
internal static class DnsForwardSection
{
    private static readonly Dictionary<string, ForwardPolicy> _policies = new(StringComparer.Ordinal)
    {
        ["fastest"] = ForwardPolicy.Fastest,
        ["ordered"] = ForwardPolicy.Ordered,
        ["parallel"] = ForwardPolicy.Parallel,
    };

    private static readonly Dictionary<string, BlockedAnswer> _answers = new(StringComparer.Ordinal)
    {
        ["nxdomain"] = BlockedAnswer.NoSuchName,
        ["nodata"] = BlockedAnswer.NoData,
        ["refused"] = BlockedAnswer.Refused,
        ["zero"] = BlockedAnswer.ZeroAddress,
    };

    /// <summary>Null when nobody is asked.</summary>
    /// <param name="section">The section <c>dns</c>.</param>
    /// <param name="networks">Reads a list of networks.</param>
    /// <param name="lists">The lists of blocked names; null for none.</param>
    public static ForwardingOptions? Read(SectionReader section, Func<SectionReader, string, List<IPNetwork>> networks, out NameListOptions? lists)
    {
        lists = null;
        var defaults = new ForwardingOptions();
        var options = defaults with
        {
            Upstreams = ReadUpstreams(section, "forward"),
            Routes = ReadRoutes(section),
            Policy = section.OneOf("forward_policy", ForwardPolicy.Fastest, _policies),
            Timeout = section.Duration("forward_timeout", defaults.Timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
            Cache = section.Map("cache") is { } cache ? ReadCache(cache) : defaults.Cache,
            RebindProtection = section.Boolean("rebind_protection", false),
            RebindExceptions = ReadNames(section, "rebind_allow"),
        };
        if (section.Has("recursion"))
            options = options with { AllowedNetworks = networks(section, "recursion") };
        if (section.Map("block") is { } block)
            (options, lists) = ReadBlock(block, options);
        if (options.Upstreams.Count > 0 || options.Routes.Count > 0)
            return options;
        foreach (var key in (string[])["forward_policy", "forward_timeout", "cache", "rebind_protection", "rebind_allow", "recursion", "block"])
        {
            if (section.Has(key))
                section.Error(key, $"[{key}] is for names of others; say with [forward] or [routes] who is asked for them");
        }

        lists = null;
        return null;
    }

    /// <summary>Reads a list of upstreams: texts, or maps with more about one.</summary>
    public static IReadOnlyList<DnsUpstream> ReadUpstreams(SectionReader section, string key)
    {
        var upstreams = new List<DnsUpstream>();
        foreach (var item in ItemsOf(section, key))
        {
            var upstream = item.Kind == ConfigKind.Map ? ReadUpstream(section.Section(item, key)) : Parse(section, item.Text, item.Origin, key);
            if (upstream is null)
                continue;
            if (upstreams.Contains(upstream))
                section.Diagnostics.Error(item.Origin, $"[{key}]: [{upstream}] stands twice");
            else
                upstreams.Add(upstream);
        }

        return upstreams;
    }

    private static IReadOnlyList<ConfigValue> ItemsOf(SectionReader section, string key)
    {
        if (!section.Has(key))
            return [];
        if (section.Value(key) is { Kind: ConfigKind.Map } map)
            return [map];
        return section.Value(key) is { Kind: ConfigKind.List } ? section.List(key) : section.Items(key);
    }

    private static DnsUpstream? ReadUpstream(SectionReader section)
    {
        section.Require("address");
        var authorities = CertificateValues.ReadAuthorities(section, "ca");
        var name = section.TextOrNull("name");
        if (section.TextOrNull("address") is not { } text || Parse(section, text, section.OriginOf("address"), "address") is not { } upstream)
            return null;
        if ((authorities is not null || name is not null) && upstream.Protocol is not (DnsProtocol.Tls or DnsProtocol.Https))
            section.Error("address", $"[{text}] shows no certificate; [name] and [ca] are for tls:// and https://");
        return upstream with { Authorities = authorities, ServerName = name ?? upstream.ServerName };
    }

    private static DnsUpstream? Parse(SectionReader section, string text, ConfigOrigin origin, string key)
    {
        if (DnsUpstream.TryParse(text, out var upstream, out var error))
            return upstream;
        section.Diagnostics.Error(origin, $"[{key}]: {error}");
        return null;
    }

    /// <summary>Reads other upstreams for some domains.</summary>
    public static List<ForwardRoute> ReadRoutes(SectionReader section)
    {
        var routes = new List<ForwardRoute>();
        foreach (var route in section.Maps("routes"))
        {
            route.Require("domains", "forward");
            TextList.RefuseEmpty(route, "domains", "name the domains that this route is for");
            var upstreams = ReadUpstreams(route, "forward");
            foreach (var item in route.Items("domains"))
            {
                if (!DomainName.TryParse(item.Text, out var domain))
                    section.Diagnostics.Error(item.Origin, $"[domains]: [{item.Text}] is not a domain name");
                else if (routes.Exists(other => other.Domain.Equals(domain)))
                    section.Diagnostics.Error(item.Origin, $"[domains]: [{item.Text}] has a route already");
                else if (upstreams.Count > 0)
                    routes.Add(new ForwardRoute(domain, upstreams));
            }
        }

        return routes;
    }

    private static DnsCacheOptions ReadCache(SectionReader section)
    {
        var defaults = new DnsCacheOptions();
        return new DnsCacheOptions
        {
            Size = section.Size("size", defaults.Size, 0, 64L * 1024 * 1024 * 1024),
            MaximumTtl = section.Duration("max_ttl", defaults.MaximumTtl, TimeSpan.Zero),
            MaximumNegativeTtl = section.Duration("negative_ttl", defaults.MaximumNegativeTtl, TimeSpan.Zero),
            MaximumStale = section.Duration("stale", defaults.MaximumStale, TimeSpan.Zero),
            Prefetches = section.Boolean("prefetch", defaults.Prefetches),
        };
    }

    private static (ForwardingOptions Options, NameListOptions Lists) ReadBlock(SectionReader section, ForwardingOptions options)
    {
        section.Require("lists");
        var defaults = new NameListOptions();
        var lists = new NameListOptions
        {
            Blocked = ReadPlaces(section, "lists"),
            Allowed = ReadPlaces(section, "allow"),
            Refresh = section.Duration("refresh", defaults.Refresh, TimeSpan.FromMinutes(1)),
            MaximumBytes = (int)section.Size("max_bytes", defaults.MaximumBytes, 1024, 1024 * 1024 * 1024),
            MaximumNames = section.Integer("max_names", defaults.MaximumNames, 1),
            Timeout = section.Duration("timeout", defaults.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            Authorities = CertificateValues.ReadAuthorities(section, "ca"),
        };
        return (options with { Names = new NamePolicy { Answer = section.OneOf("answer", BlockedAnswer.NoSuchName, _answers) } }, lists);
    }

    // Paths count from the file that they stand in.
    private static List<string> ReadPlaces(SectionReader section, string key)
    {
        var places = new List<string>();
        foreach (var item in section.Items(key))
        {
            if (item.Text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || item.Text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            {
                if (Uri.TryCreate(item.Text, UriKind.Absolute, out _))
                    places.Add(item.Text);
                else
                    section.Diagnostics.Error(item.Origin, $"[{key}]: [{item.Text}] is no address of a list");
                continue;
            }

            var path = Path.GetFullPath(Path.Combine(item.Origin.Line > 0 ? Path.GetDirectoryName(item.Origin.File) ?? "" : "", item.Text));
            if (File.Exists(path))
                places.Add(path);
            else
                section.Diagnostics.Error(item.Origin, $"[{key}]: The list [{path}] does not exist");
        }

        return places;
    }

    private static List<DomainName> ReadNames(SectionReader section, string key)
    {
        var names = new List<DomainName>();
        foreach (var item in section.Items(key))
        {
            if (DomainName.TryParse(item.Text, out var name))
                names.Add(name);
            else
                section.Diagnostics.Error(item.Origin, $"[{key}]: [{item.Text}] is not a domain name");
        }

        return names;
    }
}
