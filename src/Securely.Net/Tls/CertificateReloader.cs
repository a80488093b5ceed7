using Microsoft.Extensions.Logging;

namespace Securely.Net;

/// <summary>
/// Watches the files of certificates and replaces those that have changed; the next handshake has the new one. A pair that cannot be used is
/// refused, which is logged once, and the old one stays. Also logs once that a certificate expires soon. It runs no worker.
/// </summary>
/// <remarks>
/// A change is another size, time or inode of the file that a path leads to, so that renamed files and changed links are seen as well. Files are
/// looked at, not subscribed to: that works on every file system.
/// </remarks>
public sealed partial class CertificateReloader : IService
{
    private readonly CertificateStore[] _stores;
    private readonly TimeSpan _interval;

    // What was refused, as it was then; tried again when it changes. Only the service's own loop touches these two.
    private readonly Dictionary<CertificateFiles, FileStamps> _refused = [];
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);

    /// <summary>Makes the service.</summary>
    /// <param name="stores">Stores whose certificates were read from files; others in them are left alone.</param>
    /// <param name="interval">Between two looks at the files. Default: 10 s.</param>
    /// <param name="name">The service's name. Default: <c>certificates</c>.</param>
    public CertificateReloader(IEnumerable<CertificateStore> stores, TimeSpan? interval = null, string name = "certificates")
    {
        ArgumentNullException.ThrowIfNull(stores);
        _interval = interval ?? TimeSpan.FromSeconds(10);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_interval, TimeSpan.Zero, nameof(interval));
        _stores = [.. stores];
        Name = name;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int? Threads => 1;

    /// <inheritdoc/>
    public async Task RunAsync(ServiceContext context, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var timer = new PeriodicTimer(_interval, context.Time);
        context.MarkReady();
        try
        {
            do
                Check(context.Logger, context.Time.GetUtcNow());
            while (await timer.WaitForNextTickAsync(shutdown).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            // It ends because it was told to.
        }
    }

    /// <summary>Looks at all files once.</summary>
    internal void Check(ILogger logger, DateTimeOffset now)
    {
        foreach (var store in _stores)
        {
            foreach (var certificate in store.Certificates)
            {
                if (certificate.Files is { } files && HasChanged(certificate, files))
                    Reload(store, certificate, files, logger);
            }
        }

        foreach (var warning in _stores.SelectMany(store => store.WarningsAt(now)))
        {
            if (_warned.Add(warning))
                LogWarning(logger, warning);
        }
    }

    private bool HasChanged(ServerCertificate certificate, CertificateFiles files)
    {
        var stamps = FileStamps.Of(files);
        if (stamps != certificate.Stamps)
            return !_refused.TryGetValue(files, out var refused) || refused != stamps;
        // Back to what is served.
        _refused.Remove(files);
        return false;
    }

    private void Reload(CertificateStore store, ServerCertificate certificate, CertificateFiles files, ILogger logger)
    {
        var before = FileStamps.Of(files);
        try
        {
            var next = ServerCertificate.FromFiles(files.CertificatePath, files.KeyPath);
            _refused.Remove(files);
            if (store.TryReplace(certificate, next))
                LogReloaded(logger, next, next.NotAfter);
        }
        catch (CertificateException error)
        {
            _refused[files] = before;
            LogRefused(logger, certificate, error.Message);
        }
    }
}
