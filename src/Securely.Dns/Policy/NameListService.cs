using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Dns;

/// <summary>
/// Keeps a policy's lists as they are in their files and on their servers. A list that cannot be had stays as it was; lists of the network are kept
/// in files, so that a start does not wait for them.
/// </summary>
public sealed partial class NameListService : IService
{
    private static readonly TimeSpan _retry = TimeSpan.FromMinutes(1);
    private readonly NamePolicy _policy;
    private readonly NameListOptions _options;
    private readonly ListSource[] _blocked;
    private readonly ListSource[] _allowed;

    /// <summary>Makes the service.</summary>
    /// <param name="policy">Whose lists they are.</param>
    /// <param name="options">Where they come from.</param>
    /// <param name="name">The service's name. Default: <c>dns-lists</c>.</param>
    public NameListService(NamePolicy policy, NameListOptions options, string name = "dns-lists")
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(options);
        _policy = policy;
        _options = options;
        _blocked = [.. options.Blocked.Select(place => new ListSource(place, options))];
        _allowed = [.. options.Allowed.Select(place => new ListSource(place, options))];
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
        context.Workers.Start();
        var fetcher = new ListFetcher(context.Workers, _options);
        using var timer = new PeriodicTimer(_options.Interval, context.Time);
        ReadFiles(context.Logger, isFirst: true);
        context.MarkReady();
        try
        {
            do
            {
                ReadFiles(context.Logger, isFirst: false);
                await FetchAsync(fetcher, context, shutdown).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(shutdown).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            // It ends because it was told to.
        }
    }

    private void ReadFiles(ILogger logger, bool isFirst)
    {
        var hasChanged = false;
        foreach (var source in _blocked.Concat(_allowed))
        {
            // The copy of a fetched list is for the start only: later it is what has just been taken.
            if (source.Address is not null && !isFirst)
                continue;
            try
            {
                hasChanged |= source.TryReadFile();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
            {
                if (source.ShouldReport(error.Message))
                    LogRefused(logger, source.Place, error.Message);
            }
        }

        if (hasChanged)
            Publish(logger);
    }

    private async Task FetchAsync(ListFetcher fetcher, ServiceContext context, CancellationToken shutdown)
    {
        var hasChanged = false;
        foreach (var source in _blocked.Concat(_allowed))
        {
            if (source.Address is not { } address || source.Due > context.Time.GetUtcNow())
                continue;
            using var deadline = new CancellationTokenSource(_options.Timeout, context.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, shutdown);
            try
            {
                var (bytes, tag) = await context.Workers.Workers[0].RunAsync(() => new ValueTask<(byte[]?, string?)>(fetcher.FetchAsync(address, source.Tag, both.Token))).ConfigureAwait(false);
                source.Due = context.Time.GetUtcNow() + _options.Refresh;
                if (bytes is null)
                    continue;
                source.Take(bytes);
                source.Tag = tag;
                hasChanged = true;
            }
            catch (Exception error) when (!shutdown.IsCancellationRequested && error is not (OutOfMemoryException or StackOverflowException))
            {
                source.Due = context.Time.GetUtcNow() + _retry;
                LogRefused(context.Logger, source.Place, both.IsCancellationRequested ? "it takes too long" : error.Message);
            }
        }

        if (hasChanged)
            Publish(context.Logger);
    }

    private void Publish(ILogger logger)
    {
        _policy.Replace([.. _blocked.Select(source => source.List).OfType<DomainList>()], [.. _allowed.Select(source => source.List).OfType<DomainList>()]);
        LogReplaced(logger, _policy.BlockedCount, _policy.AllowedCount);
    }

    [LoggerMessage(4220, LogLevel.Information, "Lists were read: [{Blocked}] names are blocked, [{Allowed}] are excepted")]
    private static partial void LogReplaced(ILogger logger, int blocked, int allowed);

    [LoggerMessage(4221, LogLevel.Warning, "List [{Place}] cannot be used, so it stays as it was: {Error}")]
    private static partial void LogRefused(ILogger logger, string place, string error);
}
