using System.Net;
using Securely.Config;
using Securely.Dns;
using Securely.Dns.Records;

namespace Securely.Cli;

/// <summary>Reads <c>dns.zones</c>: zones of files, zones that are copied from others, who may change them and who is told.</summary>
internal static class DnsZonesSection
{
    private const int DefaultPort = 53;

    public static List<DnsZoneOptions> Read(SectionReader section, IReadOnlyList<TsigKey> keys) => Read(section, zone => ReadKept(zone, keys));

    /// <summary>Zones that are what their files say.</summary>
    public static List<DnsZoneOptions> ReadFiles(SectionReader section) => Read(section, ReadUnkept);

    // They are seen by some clients only, and what comes from outside concerns the zones that all see.
    private static KeptZone ReadUnkept(SectionReader zone)
    {
        foreach (var key in (string[])["primaries", "notify", "updates", "transfers", "catalog"])
        {
            if (zone.Has(key))
                zone.Error(key, $"[{key}]: a zone of a view is what its file says; give a zone of [dns.zones] this key, or change the file");
        }

        return new KeptZone(DomainName.Root);
    }

    private static List<DnsZoneOptions> Read(SectionReader section, Func<SectionReader, KeptZone> readKept)
    {
        var zones = new List<DnsZoneOptions>();
        foreach (var zone in section.Maps("zones"))
        {
            var text = zone.Require("name") ? zone.TextOrNull("name") : null;
            var file = zone.PathOrNull("file");
            var kept = readKept(zone);
            var isSound = Check(zone, file, kept);
            if (text is null)
                continue;
            if (!DomainName.TryParse(text, out var name))
                zone.Error("name", $"[name]: [{text}] is not a domain name");
            else if (zones.Exists(other => other.Name.Equals(name)))
                zone.Error("name", $"The zone [{text}] stands twice");
            else if (isSound)
                zones.Add(new DnsZoneOptions(name, file) { Kept = kept with { Name = name } });
        }

        return zones;
    }

    private static KeptZone ReadKept(SectionReader zone, IReadOnlyList<TsigKey> keys) => new(DomainName.Root)
    {
        Primaries = ReadPeers(zone, "primaries", keys),
        Notify = ReadPeers(zone, "notify", keys),
        Updates = ReadUpdates(zone, keys),
        Transfers = DnsSection.ReadTransfers(zone, keys),
        IsCatalog = zone.Boolean("catalog", false),
    };

    private static bool Check(SectionReader zone, string? file, KeptZone kept)
    {
        var isCopy = zone.Has("primaries");
        if (!isCopy && file is null)
            zone.Diagnostics.Error(zone.Origin, "[zones]: a zone has a [file], or [primaries] that it is copied from");
        else if (isCopy && file is not null)
            zone.Error("file", "[file]: a zone with [primaries] is kept in the data directory; take [file] out");
        else if (isCopy && kept.Updates.Count > 0)
            zone.Error("updates", "[updates]: a zone with [primaries] is changed there; take [updates] out");
        else if (!isCopy && kept.IsCatalog)
            zone.Error("catalog", "[catalog]: a catalog has [primaries], which its zones are copied from too");
        else if (file is not null && !File.Exists(file))
            zone.Error("file", $"The zone file [{file}] does not exist");
        else
            return true;
        return false;
    }

    private static List<ZonePeer> ReadPeers(SectionReader zone, string key, IReadOnlyList<TsigKey> keys)
    {
        var peers = new List<ZonePeer>();
        // One alone may stand without a list.
        IReadOnlyList<ConfigValue> items = zone.Value(key) is not { } value ? [] : value.Kind == ConfigKind.List ? value.Items : [value];
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].TryGetText(out var text))
            {
                if (TryParse(text, out var endPoint))
                    peers.Add(new ZonePeer(endPoint));
                else
                    zone.Diagnostics.Error(items[i].Origin, Complaint(key, text));
                continue;
            }

            var map = zone.Section(items[i], string.Create(null, $"{key}.{i}"));
            var name = DnsSection.ReadKey(map, keys);
            if (!map.Require("address") || map.TextOrNull("address") is not { } address)
                continue;
            if (TryParse(address, out var mapped))
                peers.Add(new ZonePeer(mapped, name));
            else
                map.Error("address", Complaint("address", address));
        }

        return peers;
    }

    private static string Complaint(string key, string text) => $"[{key}]: [{text}] is neither IP nor IP:PORT";

    private static bool TryParse(string text, out IPEndPoint endPoint)
    {
        endPoint = new IPEndPoint(IPAddress.None, 0);
        if (IPAddress.TryParse(text, out var address))
            endPoint = new IPEndPoint(address, DefaultPort);
        else if (IPEndPoint.TryParse(text, out var given) && given.Port > 0)
            endPoint = given;
        return endPoint.Port > 0;
    }

    private static List<UpdateRule> ReadUpdates(SectionReader zone, IReadOnlyList<TsigKey> keys)
    {
        var rules = new List<UpdateRule>();
        foreach (var rule in zone.Maps("updates"))
        {
            var names = new List<DomainName>();
            var types = new List<RecordType>();
            TextList.RefuseEmpty(rule, "names", "name some, or leave the key out for all");
            TextList.RefuseEmpty(rule, "types", "name some, or leave the key out for all");
            foreach (var item in rule.Items("names"))
            {
                if (DomainName.TryParse(item.Text, out var name))
                    names.Add(name);
                else
                    rule.Diagnostics.Error(item.Origin, $"[names]: [{item.Text}] is not a domain name");
            }

            foreach (var item in rule.Items("types"))
            {
                if (ResourceRecord.TryParseType(item.Text, out var type))
                    types.Add(type);
                else
                    rule.Diagnostics.Error(item.Origin, $"[types]: [{item.Text}] is not a record type");
            }

            if (DnsSection.ReadWho(rule, "updates", keys) is var (network, key))
                rules.Add(new UpdateRule(network, key) { Names = names, Types = types });
        }

        return rules;
    }
}
