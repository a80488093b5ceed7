namespace Securely.Dns;

/// <summary>What leads from one serial number of a zone to the next: one entry of its journal, one part of an IXFR (RFC 1995, 4). Immutable.</summary>
/// <param name="OldSoa">The SOA record before.</param>
/// <param name="Removed">What is gone, the SOA aside.</param>
/// <param name="NewSoa">The SOA record after.</param>
/// <param name="Added">What is new, the SOA aside.</param>
internal sealed record ZoneChange(ResourceRecord OldSoa, IReadOnlyList<ResourceRecord> Removed, ResourceRecord NewSoa, IReadOnlyList<ResourceRecord> Added)
{
    // Below it a history is kept whatever the size of its zone.
    private const int AlwaysKept = 1000;

    internal uint From => SerialNumber.Of(OldSoa);

    internal uint To => SerialNumber.Of(NewSoa);

    /// <summary>How many records a transfer of it has.</summary>
    internal int RecordCount => Removed.Count + Added.Count + 2;

    /// <summary>
    /// A history with changes added at its end. The oldest ones go when the rest is larger than the zone, which would be sent instead then.
    /// </summary>
    /// <param name="history">The changes so far, the oldest first; each begins where the one before ends.</param>
    /// <param name="changes">What follows.</param>
    /// <param name="zoneRecords">How many records the zone has.</param>
    internal static ZoneChange[] Extend(ZoneChange[] history, IReadOnlyList<ZoneChange> changes, int zoneRecords)
    {
        var most = Math.Max(AlwaysKept, zoneRecords);
        var count = 0;
        var kept = 0;
        for (var i = history.Length + changes.Count - 1; i >= 0 && count <= most; i--)
        {
            count += At(i).RecordCount;
            if (count <= most)
                kept++;
        }

        var all = new ZoneChange[kept];
        for (var i = 0; i < kept; i++)
            all[i] = At(history.Length + changes.Count - kept + i);
        return all;

        ZoneChange At(int index) => index < history.Length ? history[index] : changes[index - history.Length];
    }

    /// <summary>The changes that lead from a serial number to the newest; null when the history does not reach back to it.</summary>
    internal static ArraySegment<ZoneChange>? Since(ZoneChange[] history, uint serial)
    {
        for (var i = history.Length - 1; i >= 0; i--)
        {
            if (history[i].From == serial)
                return new ArraySegment<ZoneChange>(history, i, history.Length - i);
        }

        return null;
    }
}
