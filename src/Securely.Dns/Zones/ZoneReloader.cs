using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Dns;

/// <summary>
/// Watches the files of zones and what they include, and puts a zone that has changed into the catalog; the next question has the new one. A file
/// with errors is refused, which is logged, and the old zone stays. It runs no worker.
/// </summary>
/// <remarks>
/// A change is another size or time of a file. Files are looked at, not subscribed to: that works on every file system. A serial number that has
/// not grown is logged, because secondaries will not notice the change (RFC 1982, RFC 1034, 4.3.5).
/// </remarks>
public sealed partial class ZoneReloader : IService
{
    private readonly Catalog _catalog;
    private readonly TimeSpan _interval;

    // Written before the service runs, and then by its own loop only.
    private readonly List<ZoneFile> _watched = [];

    /// <summary>Makes the service.</summary>
    /// <param name="catalog">Where the zones are.</param>
    /// <param name="interval">Between two looks at the files. Default: 1 s.</param>
    /// <param name="name">The service's name. Default: <c>zones</c>.</param>
    public ZoneReloader(Catalog catalog, TimeSpan? interval = null, string name = "zones")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        _catalog = catalog;
        _interval = interval ?? TimeSpan.FromSeconds(1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_interval, TimeSpan.Zero, nameof(interval));
        Name = name;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Takes the files of the zones that it keeps; null where nothing else changes them. Set it before the service runs.</summary>
    public ZoneKeeper? Keeper { get; set; }

    /// <inheritdoc/>
    public int? Threads => 1;

    /// <summary>What reads a file.</summary>
    internal Func<string, DomainName, ZoneFile> Read { get; init; } = static (path, apex) => ZoneFileReader.Read(path, apex);

    /// <summary>Watches a file that was read with <see cref="ZoneFileReader.Read"/>; call it before the service runs.</summary>
    /// <param name="file">The file, as its zone in the catalog was built from.</param>
    public void Watch(ZoneFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        _watched.Add(file);
    }

    /// <inheritdoc/>
    public async Task RunAsync(ServiceContext context, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var timer = new PeriodicTimer(_interval, context.Time);
        context.MarkReady();
        try
        {
            while (await timer.WaitForNextTickAsync(shutdown).ConfigureAwait(false))
                Check(context.Logger);
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            // It ends because it was told to.
        }
    }

    /// <summary>Looks at all files once.</summary>
    internal void Check(ILogger logger)
    {
        for (var i = 0; i < _watched.Count; i++)
        {
            if (!_watched[i].HasChanged)
                continue;
            // What was refused is watched as it is now, so that it is tried again when it changes.
            var seen = _watched[i] = _watched[i].SeenNow();
            try
            {
                _watched[i] = Read(seen.Name, seen.Apex);
                Reload(_watched[i], logger);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // Whatever is wrong with one zone, even with us, must not keep the others from being served.
                LogFailed(logger, error, seen.Apex);
            }
        }
    }

    private void Reload(ZoneFile file, ILogger logger)
    {
        if (!Zone.TryBuild(file, out var zone))
        {
            var error = file.Problems.First(problem => problem.Severity == ZoneProblemSeverity.Error);
            LogRefused(logger, file.Apex, error.ToString());
            return;
        }

        var grown = !_catalog.TryGet(file.Apex, out var old) || unchecked((int)(zone.Serial - old.Serial)) > 0;
        if (Keeper?.TryReload(zone) != true)
            _catalog.Put(zone);
        LogReloaded(logger, file.Apex, zone.Serial, zone.RecordCount);
        if (!grown)
            LogSerial(logger, file.Apex, zone.Serial, old!.Serial);
    }

    [LoggerMessage(4010, LogLevel.Information, "Zone [{Zone}] was read again: serial {Serial}, {Records} records")]
    private static partial void LogReloaded(ILogger logger, DomainName zone, uint serial, int records);

    [LoggerMessage(4011, LogLevel.Error, "Zone [{Zone}] has changed but cannot be used, so the old one stays: {Error}")]
    private static partial void LogRefused(ILogger logger, DomainName zone, string error);

    [LoggerMessage(4012, LogLevel.Warning, "The serial {Serial} of zone [{Zone}] has not grown from {Before}; secondaries will not notice the change")]
    private static partial void LogSerial(ILogger logger, DomainName zone, uint serial, uint before);

    [LoggerMessage(4013, LogLevel.Error, "Zone [{Zone}] has changed but could not be read, so the old one stays")]
    private static partial void LogFailed(ILogger logger, Exception error, DomainName zone);
}
