using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Securely.Net;

namespace Securely.Dns;

/// <summary>
/// Keeps zones that change while they are served: zones of our own by updates (RFC 2136) and records that a program sets, copies of other servers'
/// zones by transfers (RFC 5936, RFC 1995). Give it to the server in <see cref="DnsServerOptions.Keeper"/>, and run it beside the server.
/// </summary>
/// <remarks>
/// Life of a change: 1. it waits in a queue; 2. the keeper's one thread tries it on the zone, with those that came meanwhile; 3. all of them are
/// written to the zone's journal and brought to the disk together; 4. a new snapshot takes the old one's place; 5. those who asked are answered, and
/// secondaries are told. What was answered survives the process.
/// </remarks>
public sealed partial class ZoneKeeper : IService, IDisposable
{
    // Over it the next one is refused rather than answered too late.
    private const int MostWaiting = 4096;
    private const int MostTogether = 1000;

    private readonly ZoneKeeperOptions _options;
    private readonly BlockingCollection<ZoneWork> _queue = [];
    private readonly Lock _starting = new();
    private volatile FrozenDictionary<DomainName, ManagedZone> _zones;
    private ILogger _logger = NullLogger.Instance;
    private Thread? _thread;
    private bool _isLoaded;

    /// <summary>Makes a keeper; nothing is read yet.</summary>
    /// <param name="catalog">Where the snapshots are answered from.</param>
    /// <param name="options">Defaults when null, which keep nothing.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <exception cref="ArgumentException">A key is not among the keys.</exception>
    public ZoneKeeper(Catalog catalog, ZoneKeeperOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        Catalog = catalog;
        _options = options ?? new ZoneKeeperOptions();
        Time = time ?? TimeProvider.System;
        _transfers = new SemaphoreSlim(Math.Max(_options.MaximumTransfers, 1));
        foreach (var peer in _options.Zones.SelectMany(zone => zone.Primaries.Concat(zone.Notify)))
            _ = FindKey(peer);
        _zones = _options.Zones.ToFrozenDictionary(zone => zone.Name, zone => Make(zone));
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public int? Threads => 1;

    /// <summary>Where the snapshots are answered from.</summary>
    public Catalog Catalog { get; }

    internal TimeProvider Time { get; }

    internal ZoneKeeperOptions Options => _options;

    internal ILogger Logger => _logger;

    internal DateTimeOffset Now => Time.GetUtcNow();

    internal IReadOnlyCollection<ManagedZone> Zones => _zones.Values;

    /// <summary>Reads the journals and begins to take changes; the server does so before it answers. Further calls do nothing.</summary>
    /// <param name="logger">Takes what is to be known of it.</param>
    /// <exception cref="IOException">A journal cannot be read.</exception>
    public void Load(ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        lock (_starting)
        {
            if (_isLoaded)
                return;
            _logger = logger;
            foreach (var zone in _zones.Values)
                zone.Load(logger);
            foreach (var zone in _zones.Values)
            {
                if (zone.Options.IsCatalog && zone.Current is { } catalog)
                    Interpret(zone, catalog);
            }

            _isLoaded = true;
            _thread = new Thread(Work) { IsBackground = true, Name = Name };
            _thread.UnsafeStart();
        }
    }

    /// <summary>Ends the keeper: what waits is still done.</summary>
    public void Dispose()
    {
        lock (_starting)
        {
            if (_queue.IsAddingCompleted)
                return;
            _stopping.Cancel();
            _queue.CompleteAdding();
            _thread?.Join();
            foreach (var zone in _zones.Values)
                zone.Dispose();
            _stopping.Dispose();
            _transfers.Dispose();
        }
    }

    internal ManagedZone? Find(DomainName name) => _zones.GetValueOrDefault(name);

    /// <summary>The key that messages with a peer are signed with; null for none.</summary>
    /// <exception cref="ArgumentException">It is not among the keys.</exception>
    internal TsigKey? FindKey(ZonePeer peer) => peer.Key is null
        ? null
        : _options.Keys.FirstOrDefault(key => key.Name.Equals(peer.Key)) ?? throw new ArgumentException($"The key [{peer.Key}] of [{peer}] is not among the keys.");

    /// <summary>Puts work that came from outside in the queue.</summary>
    /// <returns>False when there is too much already, or the keeper has ended.</returns>
    internal bool TryBegin(ZoneWork work)
    {
        if (_queue.Count >= MostWaiting)
            return false;
        try
        {
            _queue.Add(work, CancellationToken.None);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Does something to a zone on the keeper's thread.</summary>
    /// <exception cref="ObjectDisposedException">The keeper has ended.</exception>
    /// <exception cref="IOException">Too much waits already.</exception>
    internal Task<T> DoAsync<T>(ManagedZone zone, Func<ZoneEdit?, T> run, bool isEdit = true)
    {
        var work = new AwaitedWork<T>(zone, run, isEdit);
        if (TryBegin(work))
            return work.Completion;
        ObjectDisposedException.ThrowIf(_queue.IsAddingCompleted, this);
        throw new IOException("Too many changes wait already.");
    }

    /// <summary>Takes a zone file that was read again.</summary>
    /// <returns>False when the zone is not kept here.</returns>
    internal bool TryReload(Zone file)
    {
        if (Find(file.Apex) is not { IsSecondary: false } zone || !_isLoaded)
            return false;
        return TryBegin(new AwaitedWork<bool>(zone, _ => zone.ReplaceByFile(file, _logger), isEdit: false));
    }

    internal void LogUpdated(UpdateRequest request, byte[] address, TsigKey? key, ResponseCode code) =>
        LogUpdate(_logger, request.Zone.Name, new IPAddress(address), key?.Name.ToString() ?? "no key", code);

    private ManagedZone Make(KeptZone zone) =>
        new(zone, this, _options.Directory is { } directory ? Path.Combine(Path.GetFullPath(directory), FileNameOf(zone.Name) + ".journal") : null);

    // A name has bytes that no file system takes; one that has none of them is its own file name.
    private static string FileNameOf(DomainName name)
    {
        var text = new System.Text.StringBuilder();
        foreach (var letter in name.ToString().TrimEnd('.').ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')
                text.Append(letter);
            else
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"%{(int)letter:X2}");
        }

        return text.Length == 0 ? "%2E" : text.ToString();
    }

    private void Work()
    {
        var batch = new List<ZoneWork>();
        foreach (var first in _queue.GetConsumingEnumerable(CancellationToken.None))
        {
            batch.Add(first);
            while (batch.Count < MostTogether && _queue.TryTake(out var next, 0, CancellationToken.None))
                batch.Add(next);
            foreach (var group in batch.GroupBy(work => work.Zone))
                group.Key.Process([.. group], _logger);
            batch.Clear();
        }
    }

    [LoggerMessage(4030, LogLevel.Information, "Update of zone [{Zone}] from [{Address}] with [{Key}]: {Code}")]
    private static partial void LogUpdate(ILogger logger, DomainName zone, IPAddress address, string key, ResponseCode code);
}
