namespace Securely.Dns;

public sealed partial class ZoneKeeper
{
    private const uint DefaultTtl = 3600;

    /// <summary>Changes records of a zone of our own: all of the changes, or none. For any thread.</summary>
    /// <param name="zone">The zone's name.</param>
    /// <param name="changes">The changes, made one after the other.</param>
    /// <param name="cancellationToken">Ends the wait; the changes are made all the same.</param>
    /// <returns>The serial number of the zone when they are on the disk; the old one when nothing has changed.</returns>
    /// <exception cref="ZoneChangeException">They cannot be made.</exception>
    /// <exception cref="IOException">They cannot be saved.</exception>
    public async Task<uint> ChangeAsync(DomainName zone, IReadOnlyList<RecordChange> changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(zone);
        ArgumentNullException.ThrowIfNull(changes);
        if (Find(zone) is not { } kept)
            throw new ZoneChangeException($"The zone [{zone}] is not one whose records can be changed; dns:zones shows those that are");
        if (kept.IsSecondary)
            throw new ZoneChangeException($"The zone [{zone}] is a copy; change it on its primary");
        if (!kept.IsDurable)
            throw new ZoneChangeException($"The zone [{zone}] cannot be changed: this server saves nothing; serve it with a configuration file");
        return await DoAsync(kept, edit => Make(edit!, changes)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How all zones stand that are answered for, in the order of their names. For any thread.</summary>
    /// <returns>A list of this moment.</returns>
    public IReadOnlyList<ZoneStatus> ReadStatus() => [.. Catalog.Zones.Select(ReadStatus)];

    private ZoneStatus ReadStatus(Zone shown)
    {
        var status = new ZoneStatus(shown.Apex) { Serial = shown.Serial, Records = shown.RecordCount, Names = shown.NameCount };
        if (Find(shown.Apex) is not { } kept)
            return status;
        if (kept.Current is null)
            status = status with { Serial = null, Records = 0, Names = 0 };
        return status with
        {
            IsSecondary = kept.IsSecondary,
            IsExpired = shown.IsExpired,
            ExpiresAt = kept.ExpiresAt,
            RefreshesAt = kept.NextRefresh,
            IsJournaled = !kept.IsSecondary && kept.IsJournaled,
            LastError = kept.LastError,
        };
    }

    private static uint Make(ZoneEdit edit, IReadOnlyList<RecordChange> changes)
    {
        foreach (var change in changes)
        {
            if (!change.Name.IsWithin(edit.Apex))
                throw new ZoneChangeException($"[{change.Name}] is not in the zone [{edit.Apex}]");
            Make(edit, change);
            Check(edit, change.Name);
        }

        edit.Finish(static soa => SerialNumber.With(soa, SerialNumber.Next(SerialNumber.Of(soa))));
        return SerialNumber.Of(edit.Soa);
    }

    private static void Make(ZoneEdit edit, RecordChange change)
    {
        if (change.Action != RecordAction.Remove && RecordSchema.IsMeta(change.Type))
            throw new ZoneChangeException($"No zone has records of type [{ResourceRecord.TypeName(change.Type)}]");
        if (change.Action != RecordAction.Remove && change.Data.Count == 0)
            throw new ZoneChangeException($"There is no data for [{change.Name}] {ResourceRecord.TypeName(change.Type)}");
        var records = change.Data.Select(data => Read(edit, change, data)).ToList();
        if (change.Action == RecordAction.Remove && records.Count == 0)
        {
            foreach (var type in change.Type == RecordType.Any ? edit.Types(change.Name) : [change.Type])
                edit.Remove(change.Name, type);
            return;
        }

        if (change.Action == RecordAction.Set)
            edit.Remove(change.Name, change.Type, record => !records.Contains(record));
        foreach (var record in records)
        {
            if (change.Action == RecordAction.Remove)
                edit.Remove(record.Name, record.Type, record.Equals);
            else
                edit.Add(record);
        }
    }

    private static ResourceRecord Read(ZoneEdit edit, RecordChange change, string data)
    {
        var ttl = change.Ttl ?? (edit.Get(change.Name, change.Type) is [var first, ..] ? first.Ttl : DefaultTtl);
        try
        {
            var record = ResourceRecord.Parse(change.Name, change.Type, ttl, data);
            // What is there already may be taken away, however it came to be there.
            return change.Action == RecordAction.Remove || RecordCheck.Judge(record.Type, record.Data.Span) is not { } mistake
                ? record
                : throw new ZoneChangeException($"The {ResourceRecord.TypeName(record.Type)} of [{record.Name}] {mistake}");
        }
        catch (FormatException error)
        {
            throw new ZoneChangeException(error.Message.TrimEnd('.'), error);
        }
    }

    // What a zone file would be refused for.
    private static void Check(ZoneEdit edit, DomainName name)
    {
        var types = edit.Types(name);
        if (edit.Get(name, RecordType.Cname).Count > 1)
            throw new ZoneChangeException($"[{name}] would have more than one CNAME record; set it instead");
        if (types.Contains(RecordType.Cname) && !types.All(RecordSchema.MayStandBesideAlias))
            throw new ZoneChangeException($"[{name}] would have a CNAME record and other data");
        if (edit.Get(name, RecordType.Dname).Count > 1)
            throw new ZoneChangeException($"[{name}] would have more than one DNAME record; set it instead");
        if (name.IsWildcard && types.Contains(RecordType.Ns))
            throw new ZoneChangeException($"[{name}] would have NS records, but a wildcard is no delegation");
        var isApex = name.Equals(edit.Apex);
        if (!isApex && types.Contains(RecordType.Soa))
            throw new ZoneChangeException($"[{name}] would have a SOA record, but the zone is [{edit.Apex}]");
        if (!isApex)
            return;
        if (!types.Contains(RecordType.Ns))
            throw new ZoneChangeException($"The zone [{edit.Apex}] would have no NS record");
        if (edit.Get(name, RecordType.Soa) is not [var soa])
            throw new ZoneChangeException($"The zone [{edit.Apex}] would not have one SOA record");
        if (!soa.Equals(edit.Soa) && !SerialNumber.IsNewer(SerialNumber.Of(soa), SerialNumber.Of(edit.Soa)))
            throw new ZoneChangeException($"The serial of the SOA record is not higher than [{SerialNumber.Of(edit.Soa)}]; secondaries would not notice the change");
    }
}
