using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Dns;

public sealed partial class ZoneKeeper
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<ManagedZone, Task> _loops = new();
    private readonly ConcurrentDictionary<(DomainName Zone, ZonePeer Peer), Notifier> _notifiers = new();
    private readonly Dictionary<DomainName, CatalogMember> _members = [];
    private readonly SemaphoreSlim _transfers;
    private volatile bool _isRunning;

    /// <inheritdoc/>
    public async Task RunAsync(ServiceContext context, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(context);
        Load(context.Logger);
        await using var stopping = shutdown.UnsafeRegister(static self => ((ZoneKeeper)self!)._stopping.Cancel(), this).ConfigureAwait(false);
        _isRunning = true;
        foreach (var zone in _zones.Values)
            Begin(zone);
        context.MarkReady();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var ending = _stopping.Token.UnsafeRegister(static ended => ((TaskCompletionSource)ended!).TrySetResult(), ended).ConfigureAwait(false);
        await ended.Task.ConfigureAwait(false);
        _isRunning = false;
        await Task.WhenAll(_loops.Values.Concat(_notifiers.Values.Select(notifier => notifier.Ended))).ConfigureAwait(false);
    }

    /// <summary>Asks the primaries of a zone, one after the other, until one answers.</summary>
    internal async Task<bool> RefreshAsync(ManagedZone zone, ILogger logger, CancellationToken cancellationToken)
    {
        await _transfers.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var primary in zone.Options.Primaries)
            {
                try
                {
                    if (await new ZoneRefresh(this, zone, primary).RunAsync(cancellationToken).ConfigureAwait(false))
                        LogTransferred(logger, zone.Name, primary, zone.Current!.Serial, zone.Current.RecordCount);
                    zone.Succeed();
                    return true;
                }
                catch (Exception error) when (error is not (OperationCanceledException or ObjectDisposedException or OutOfMemoryException))
                {
                    zone.Fail($"[{primary}]: {error.Message}");
                    LogFailed(logger, zone.Name, primary, error.Message);
                }
            }

            return false;
        }
        finally
        {
            _transfers.Release();
        }
    }

    /// <summary>A zone has another snapshot; on the keeper's thread, or before there is one.</summary>
    internal void Changed(ManagedZone zone, Zone snapshot)
    {
        if (_isRunning)
            Tell(zone);
        if (zone.Options.IsCatalog)
            Interpret(zone, snapshot);
    }

    private void Begin(ManagedZone zone)
    {
        if (zone.IsSecondary)
            _loops.TryAdd(zone, zone.FollowAsync(_logger, _stopping.Token));
        // What changed while nobody could tell it.
        if (zone.Current is not null)
            Tell(zone);
    }

    private void Tell(ManagedZone zone)
    {
        foreach (var peer in zone.Options.Notify)
            _notifiers.GetOrAdd((zone.Name, peer), key => new Notifier(this, zone, key.Peer)).Tell(_stopping.Token);
    }

    // What a catalog says now, compared with what it said before (RFC 9432, 5).
    private void Interpret(ManagedZone catalog, Zone snapshot)
    {
        if (!CatalogMembers.TryRead(snapshot, out var members, out var error))
        {
            LogBroken(_logger, catalog.Name, error);
            return;
        }

        foreach (var (name, member) in _members.Where(entry => entry.Value.Catalog.Equals(catalog.Name)).ToList())
        {
            // Another label means that the zone begins anew (RFC 9432, 5.4).
            if (!members.TryGetValue(name, out var label) || !label.Equals(member.Label))
                RemoveMember(catalog, name);
        }

        foreach (var (name, label) in members)
            AddMember(catalog, name, label);
    }

    // Whether a zone is free for a catalog, or can be made so.
    private bool IsFree(ManagedZone catalog, DomainName name, DomainName label)
    {
        if (!_members.TryGetValue(name, out var known))
        {
            if (!Catalog.TryGet(name, out _))
                return true;
            LogClash(_logger, catalog.Name, name, name);
            return false;
        }

        if (known.Catalog.Equals(catalog.Name))
            return false;
        if (Find(known.Catalog)?.Current is not { } owner || !CatalogMembers.IsReleased(owner, known.Label, catalog.Name))
        {
            LogClash(_logger, catalog.Name, name, known.Catalog);
            return false;
        }

        // The zone goes from one catalog to another; what is known of it stays where its label does (RFC 9432, 4.4.1).
        if (known.Label.Equals(label))
            _members[name] = new CatalogMember(catalog.Name, label);
        else
            RemoveMember(catalog, name);
        return !known.Label.Equals(label);
    }

    private void AddMember(ManagedZone catalog, DomainName name, DomainName label)
    {
        if (!IsFree(catalog, name, label))
            return;
        var zone = Make(new KeptZone(name) { Primaries = catalog.Options.Primaries, Notify = catalog.Options.Notify, Transfers = catalog.Options.Transfers });
        try
        {
            zone.Load(_logger);
        }
        catch (IOException unreadable)
        {
            LogNotLoaded(_logger, name, unreadable.Message);
            return;
        }

        _members[name] = new CatalogMember(catalog.Name, label);
        _zones = _zones.Values.Append(zone).ToFrozenDictionary(entry => entry.Name);
        LogAdded(_logger, catalog.Name, name);
        if (_isRunning)
            Begin(zone);
    }

    private void RemoveMember(ManagedZone catalog, DomainName name)
    {
        _members.Remove(name);
        if (!_zones.TryGetValue(name, out var zone))
            return;
        _zones = _zones.Values.Where(entry => entry != zone).ToFrozenDictionary(entry => entry.Name);
        _loops.TryRemove(zone, out _);
        foreach (var peer in zone.Options.Notify)
            _notifiers.TryRemove((name, peer), out _);
        zone.Remove();
        LogRemoved(_logger, catalog.Name, name);
    }

    [LoggerMessage(4031, LogLevel.Information, "Zone [{Zone}] came from [{Primary}]: serial {Serial}, {Records} records")]
    private static partial void LogTransferred(ILogger logger, DomainName zone, ZonePeer primary, uint serial, int records);

    [LoggerMessage(4032, LogLevel.Warning, "Zone [{Zone}] cannot be got from [{Primary}]: {Reason}")]
    private static partial void LogFailed(ILogger logger, DomainName zone, ZonePeer primary, string reason);

    [LoggerMessage(4033, LogLevel.Error, "The catalog [{Catalog}] is broken, so the zones of its last good state stay: {Reason}")]
    private static partial void LogBroken(ILogger logger, DomainName catalog, string reason);

    [LoggerMessage(4034, LogLevel.Warning, "The catalog [{Catalog}] names the zone [{Zone}], which belongs to [{Owner}] already")]
    private static partial void LogClash(ILogger logger, DomainName catalog, DomainName zone, DomainName owner);

    [LoggerMessage(4035, LogLevel.Information, "The catalog [{Catalog}] has brought the zone [{Zone}]")]
    private static partial void LogAdded(ILogger logger, DomainName catalog, DomainName zone);

    [LoggerMessage(4036, LogLevel.Information, "The catalog [{Catalog}] has taken the zone [{Zone}] away")]
    private static partial void LogRemoved(ILogger logger, DomainName catalog, DomainName zone);

    [LoggerMessage(4037, LogLevel.Error, "The zone [{Zone}] of a catalog cannot be kept: {Reason}")]
    private static partial void LogNotLoaded(ILogger logger, DomainName zone, string reason);

    private readonly record struct CatalogMember(DomainName Catalog, DomainName Label);
}
