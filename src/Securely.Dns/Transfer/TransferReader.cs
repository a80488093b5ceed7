namespace Securely.Dns;

/// <summary>
/// Puts the records of a transfer together as they come (RFC 5936, 2.2; RFC 1995, 4): the SOA alone, a whole zone, or changes. It ends with the SOA
/// that it began with. One thread at a time.
/// </summary>
/// <param name="zone">The zone's name.</param>
/// <param name="held">The serial number of our copy; null when a whole zone was asked for.</param>
internal sealed class TransferReader(DomainName zone, uint? held)
{
    private readonly List<ResourceRecord> _records = [];
    private readonly List<ZoneChange> _changes = [];
    private List<ResourceRecord> _removed = [];
    private List<ResourceRecord> _added = [];
    private ResourceRecord? _soa;
    private ResourceRecord? _from;
    private ResourceRecord? _to;
    private int _count;

    /// <summary>Whether nothing more may come.</summary>
    internal bool IsComplete { get; private set; }

    /// <summary>The newest SOA record.</summary>
    /// <exception cref="InvalidOperationException">Nothing has come yet.</exception>
    internal ResourceRecord Soa => _soa ?? throw new InvalidOperationException("The transfer has not begun.");

    /// <summary>The changes in their order; null for a whole zone.</summary>
    internal IReadOnlyList<ZoneChange>? Changes => _from is null ? null : _changes;

    /// <summary>All records of a whole zone, the SOA first and once; empty when our copy is current.</summary>
    internal IReadOnlyList<ResourceRecord> Records => _records;

    /// <summary>Takes the next message.</summary>
    /// <returns>Why it does not fit; null when all is well.</returns>
    internal string? Take(DnsMessage message)
    {
        foreach (var record in message.Answers)
        {
            if (IsComplete)
                return "something follows its end";
            if (Take(record) is { } error)
                return error;
        }

        // Our copy is what the primary has, or even newer.
        if (_count == 1 && held is { } serial && !SerialNumber.IsNewer(SerialNumber.Of(Soa), serial))
        {
            _records.Clear();
            IsComplete = true;
        }

        return _count == 0 ? "it is empty" : null;
    }

    private string? Take(ResourceRecord record)
    {
        if (record.Class != RecordClass.In || RecordSchema.IsMeta(record.Type))
            return $"it has a record of type [{ResourceRecord.TypeName(record.Type)}] that no zone has";
        var isSoa = record.Type == RecordType.Soa;
        if (isSoa && !record.Name.Equals(zone))
            return $"it has the SOA record of [{record.Name}]";
        switch (_count++)
        {
            case 0 when !isSoa:
                return "it does not begin with the SOA record";
            case 0:
                _soa = record;
                _records.Add(record);
                return null;
            case 1 when isSoa && held == SerialNumber.Of(record):
                _from = record;
                return null;
            default:
                return _from is null ? TakeWhole(record, isSoa) : TakeChange(record, isSoa);
        }
    }

    private string? TakeWhole(ResourceRecord record, bool isSoa)
    {
        if (!isSoa)
        {
            _records.Add(record);
            return null;
        }

        IsComplete = true;
        return SerialNumber.Of(record) == SerialNumber.Of(Soa) ? null : "it ends with another SOA record than it began with";
    }

    private string? TakeChange(ResourceRecord record, bool isSoa)
    {
        if (!isSoa)
        {
            (_to is null ? _removed : _added).Add(record);
            return null;
        }

        if (_to is null)
        {
            _to = record;
            return null;
        }

        _changes.Add(new ZoneChange(_from!, _removed, _to, _added));
        (_removed, _added) = ([], []);
        if (SerialNumber.Of(record) != SerialNumber.Of(_to))
            return "its changes do not follow each other";
        IsComplete = SerialNumber.Of(record) == SerialNumber.Of(Soa);
        (_from, _to) = (record, null);
        return null;
    }
}
