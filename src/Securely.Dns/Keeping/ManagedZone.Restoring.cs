using Microsoft.Extensions.Logging;

namespace Securely.Dns;

internal sealed partial class ManagedZone
{
    // Why the journal of a zone of ours cannot be used; null when it can. Written by the thread that starts the server, before the keeper's runs.
    private string? _broken;

    /// <summary>Reads the journal, on the thread that starts the server.</summary>
    /// <exception cref="IOException">It cannot be read, or another process has it.</exception>
    internal void Load(ILogger logger)
    {
        keeper.Catalog.TryGet(Name, out var file);
        Current = IsSecondary ? null : file;
        try
        {
            if (journalPath is not null && (_journal = ZoneJournal.Open(journalPath, out var content)) is not null)
                Replay(content, file, logger);
        }
        catch (JournalBrokenException error)
        {
            Forsake(error.Message, logger);
        }

        if (IsSecondary || _broken is not null)
            Show();
        else if (Current is not null && !ReferenceEquals(Current, file))
            keeper.Catalog.Put(Current);
    }

    private void Replay(JournalContent content, Zone? file, ILogger logger)
    {
        if (content.TornBytes > 0)
            LogTorn(logger, Name, content.TornBytes, _journal!.Path);
        var start = Restore(content.Zone!);
        var edit = new ZoneEdit(start.WithHistory(ZoneChange.Extend([], content.Past, start.RecordCount)));
        if (content.Changes.Exists(change => !edit.TryApply(change)))
            throw new JournalBrokenException($"The journal [{_journal!.Path}] of the zone [{Name}] does not fit together; move it away to begin anew.");
        Current = content.Changes.Count > 0 ? edit.Build() : start.WithHistory(ZoneChange.Extend([], content.Past, start.RecordCount));
        Confirmed = content.Confirmed;
        LogReplayed(logger, Name, Current.Serial, content.Changes.Count);
        if (file is null || IsSecondary)
            return;
        if (SerialNumber.IsNewer(file.Serial, Current.Serial))
            ReplaceByFile(file, logger);
        else if (file.Serial != start.Serial || ZoneDifference.Between(start, file) is not null)
            LogFileIgnored(logger, Name, file.Serial, Current.Serial);
    }

    private Zone Restore(List<ResourceRecord> records)
    {
        try
        {
            return Zone.Build(Name, records);
        }
        catch (FormatException error)
        {
            throw new JournalBrokenException($"The journal [{_journal!.Path}] holds no zone that can be served: {error.Message}; move it away to begin anew.", error);
        }
    }

    // It costs this zone and no other. A copy comes anew from its primary; of a zone of ours nobody knows which acknowledged changes are lost, so it is
    // answered for by nobody rather than as it was before them, and the journal stays for whoever mends it.
    private void Forsake(string reason, ILogger logger)
    {
        Close();
        (Current, Confirmed) = (null, null);
        _broken = IsSecondary ? null : reason;
        Fail(reason);
        LogBroken(logger, Name, reason);
    }

    [LoggerMessage(4020, LogLevel.Information, "Zone [{Zone}] has serial {Serial} after {Changes} changes of its journal")]
    private static partial void LogReplayed(ILogger logger, DomainName zone, uint serial, int changes);

    [LoggerMessage(4021, LogLevel.Warning, "The journal of zone [{Zone}] ended in {Bytes} bytes that are no whole change; they are kept in [{Path}.torn]")]
    private static partial void LogTorn(ILogger logger, DomainName zone, long bytes, string path);

    [LoggerMessage(4028, LogLevel.Error, "Zone [{Zone}] cannot be restored, and nothing is answered from it until it is: {Reason}")]
    private static partial void LogBroken(ILogger logger, DomainName zone, string reason);
}
