using Microsoft.Extensions.Logging;

namespace Securely.Dns;

/// <summary>
/// One zone that is kept: its journal, and the snapshot that is answered from. What changes it runs on the keeper's thread; everything else may be
/// read by any thread.
/// </summary>
internal sealed partial class ManagedZone(KeptZone options, ZoneKeeper keeper, string? journalPath) : IDisposable
{
    private ZoneJournal? _journal;
    private bool _isRemoved;

    internal KeptZone Options => options;

    internal DomainName Name => options.Name;

    internal UpdatePolicy Policy { get; } = new(options.Updates);

    internal TransferAccess Transfers { get; } = new(options.Transfers);

    internal bool IsSecondary => options.Primaries.Count > 0;

    /// <summary>Whether what is changed outlives the process.</summary>
    internal bool IsDurable => journalPath is not null;

    /// <summary>The snapshot; null for a copy that has not been got yet.</summary>
    internal Zone? Current { get; private set; }

    /// <summary>When a primary last said that the copy is current; null for never, and for a zone of our own.</summary>
    internal DateTimeOffset? Confirmed { get; private set; }

    /// <summary>Whether changes were made that the zone file does not have.</summary>
    internal bool IsJournaled => _journal is not null;

    /// <summary>Does work of the same zone; changes that follow one another are brought to the disk together.</summary>
    internal void Process(IReadOnlyList<ZoneWork> batch, ILogger logger)
    {
        ZoneEdit? edit = null;
        var waiting = new List<ZoneWork>();
        foreach (var work in batch)
        {
            if (!work.IsEdit)
            {
                Commit(ref edit, waiting, logger);
                Complete(work, Try(work, null), logger);
            }
            else if (Current is null || _isRemoved)
            {
                Complete(work, new IOException($"The zone [{Name}] is not here."), logger);
            }
            else
            {
                edit ??= new ZoneEdit(Current);
                if (Try(work, edit) is not { } failure)
                {
                    waiting.Add(work);
                    continue;
                }

                edit.Undo();
                Complete(work, failure, logger);
            }
        }

        Commit(ref edit, waiting, logger);
    }

    /// <summary>Takes another snapshot, on the keeper's thread: a file that was read again, or a zone that came as a whole.</summary>
    /// <exception cref="IOException">It cannot be saved; all is as it was.</exception>
    internal void Replace(Zone zone, DateTimeOffset? confirmed)
    {
        if (_isRemoved)
            return;
        var isNewer = Current is not null && SerialNumber.IsNewer(zone.Serial, Current.Serial);
        var change = isNewer ? ZoneDifference.Between(Current!, zone) : null;
        // What is nearly all of the zone is no use as a change.
        if (change is not null && change.RecordCount > zone.RecordCount)
            change = null;
        zone = zone.WithHistory(change is null ? [] : ZoneChange.Extend(Current!.History, [change], zone.RecordCount));
        if (_journal is not null && change is not null)
            _journal.Append([change], confirmed);
        else if (_journal is not null || IsSecondary)
            Begin(zone, confirmed);
        Accept(zone, confirmed);
    }

    /// <summary>Notes that a primary has said that the copy is current, on the keeper's thread.</summary>
    internal void Confirm(DateTimeOffset moment)
    {
        if (_isRemoved)
            return;
        _journal?.Append([], moment);
        Confirmed = moment;
        Show();
    }

    /// <summary>Puts the snapshot where answers are given from it, or no longer when it is too old.</summary>
    internal void Show()
    {
        if (_isRemoved)
            return;
        var isExpired = IsExpired(keeper.Now);
        var shown = Current?.WithExpiry(isExpired) ?? Zone.Placeholder(Name);
        if (Current is null || !keeper.Catalog.TryGet(Name, out var before) || before.IsExpired != isExpired || before.Serial != Current.Serial)
            keeper.Catalog.Put(shown);
    }

    /// <summary>When the copy is no longer answered from; null for a zone of our own, and before there is one.</summary>
    internal DateTimeOffset? ExpiresAt => IsSecondary && Current is not null && Confirmed is { } confirmed ? confirmed + ZoneTimers.Of(Current.Soa.First).Expire : null;

    internal bool IsExpired(DateTimeOffset now) => IsSecondary && (ExpiresAt is not { } end || now >= end);

    /// <summary>Forgets the zone and what was saved of it, on the keeper's thread.</summary>
    internal void Remove()
    {
        _isRemoved = true;
        _ending.Cancel();
        Close();
        keeper.Catalog.Remove(Name);
        if (journalPath is not null)
            File.Delete(journalPath);
    }

    public void Dispose() => Close();

    private void Close()
    {
        _journal?.Dispose();
        _journal = null;
    }

    private static Exception? Try(ZoneWork work, ZoneEdit? edit)
    {
        try
        {
            work.Run(edit);
            return null;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return error;
        }
    }

    private void Commit(ref ZoneEdit? edit, List<ZoneWork> waiting, ILogger logger)
    {
        Exception? failure = null;
        try
        {
            if (edit is { Changes.Count: > 0 })
                Save(edit);
            if (_journal is { IsOvergrown: true })
                Begin(Current!, Confirmed);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            failure = error;
            LogNotSaved(logger, error, Name);
        }

        edit = null;
        foreach (var work in waiting)
            Complete(work, failure, logger);
        waiting.Clear();
    }

    private void Save(ZoneEdit edit)
    {
        var zone = edit.Build();
        if (journalPath is not null)
        {
            if (_journal is null)
                Begin(Current!, Confirmed);
            _journal!.Append(edit.Changes, IsSecondary ? keeper.Now : null);
        }

        Accept(zone, IsSecondary ? keeper.Now : null);
    }

    private void Begin(Zone zone, DateTimeOffset? confirmed)
    {
        if (journalPath is null)
            return;
        JournalFiles.CreateDirectory(Path.GetDirectoryName(journalPath)!);
        // The new file takes the old one's place under its name, so that one or the other is always whole.
        Close();
        _journal = ZoneJournal.Create(journalPath, [.. zone.Records()], zone.History, confirmed);
    }

    private void Accept(Zone zone, DateTimeOffset? confirmed)
    {
        Current = zone;
        Confirmed = confirmed ?? Confirmed;
        keeper.Catalog.Put(zone);
        keeper.Changed(this, zone);
    }

    private void Complete(ZoneWork work, Exception? failure, ILogger logger)
    {
        try
        {
            work.Complete(failure);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // One who cannot be told must not keep the others from being told.
            LogNotTold(logger, error, Name);
        }
    }

    /// <summary>
    /// Takes a zone file that was written anew, on the keeper's thread: over changes only when its serial number is higher, and never over a journal
    /// that cannot be used, because nobody knows which changes are in it.
    /// </summary>
    /// <returns>Whether it was taken.</returns>
    internal bool ReplaceByFile(Zone file, ILogger logger)
    {
        if (_broken is not null)
        {
            LogBroken(logger, Name, _broken);
            return false;
        }

        if (_journal is not null && Current is not null && !SerialNumber.IsNewer(file.Serial, Current.Serial))
        {
            LogFileIgnored(logger, Name, file.Serial, Current.Serial);
            return false;
        }

        if (_journal is not null && Current is not null)
            LogFileTaken(logger, Name, file.Serial, Current.Serial);
        Replace(file, null);
        return true;
    }

    [LoggerMessage(4022, LogLevel.Error, "A change of zone [{Zone}] cannot be saved, so it was not made")]
    private static partial void LogNotSaved(ILogger logger, Exception error, DomainName zone);

    [LoggerMessage(4023, LogLevel.Error, "Nobody could be told of the outcome of a change of zone [{Zone}]")]
    private static partial void LogNotTold(ILogger logger, Exception error, DomainName zone);

    [LoggerMessage(4024, LogLevel.Warning, "The file of zone [{Zone}] has serial {Serial}, but the zone was changed since and has {Current}; give the file a higher one to replace those changes")]
    private static partial void LogFileIgnored(ILogger logger, DomainName zone, uint serial, uint current);

    [LoggerMessage(4025, LogLevel.Warning, "The file of zone [{Zone}] with serial {Serial} replaces what was changed up to serial {Before}")]
    private static partial void LogFileTaken(ILogger logger, DomainName zone, uint serial, uint before);
}
