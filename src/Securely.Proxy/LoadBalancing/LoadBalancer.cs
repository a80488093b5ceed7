using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Proxy.LoadBalancing;

/// <summary>
/// Chooses a backend for each request (LB-05). Choosing allocates nothing, takes no lock, and may be done from any thread.
/// Run it as a service to keep the backends fresh; without that the set changes only through <see cref="UpdateAsync"/>.
/// </summary>
public sealed partial class LoadBalancer : IService
{
    // Tried backends are marked in bits on the stack up to this many backends, beyond it in a rented array.
    private const int StackWords = 64;

    private readonly IServiceDiscovery _discovery;
    private readonly ISelection _selection;
    private readonly LoadBalancerOptions _options;
    private readonly Lock _publishing = new();

    // Written under _publishing, read by everybody: a reader takes the reference once and keeps to that set.
    private volatile BackendSet _backends;

    /// <summary>Makes a balancer that starts with what the discovery knows without asking.</summary>
    /// <param name="discovery">Where backends come from.</param>
    /// <param name="selection">The algorithm.</param>
    /// <param name="options">Name and extensions; null for the defaults.</param>
    public LoadBalancer(IServiceDiscovery discovery, ISelection selection, LoadBalancerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(discovery);
        ArgumentNullException.ThrowIfNull(selection);
        _discovery = discovery;
        _selection = selection;
        _options = options ?? new LoadBalancerOptions();
        _backends = BackendSet.Build(discovery.Known, null, selection, _options.Extend);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <summary>One worker, which is not even started unless backends are checked: the service only waits for the next update.</summary>
    public int? Threads => 1;

    /// <summary>The backends of this moment.</summary>
    public BackendSet Backends => _backends;

    /// <summary>
    /// How often <see cref="RunAsync"/> asks the discovery again; null when it need not do so.
    /// </summary>
    public TimeSpan? UpdateInterval => _discovery.Interval;

    /// <summary>Whether the balancer has to run as a service: names are resolved again, or backends are checked.</summary>
    public bool NeedsRunning => UpdateInterval is not null || _options.HealthCheck is not null;

    /// <summary>
    /// Balances over these servers in turn, all with weight 1. Host names are resolved by <see cref="UpdateAsync"/>, and by running the
    /// balancer as a service; until then they are not in the set.
    /// </summary>
    /// <param name="addresses"><c>IP:PORT</c>, <c>[IPv6]:PORT</c>, <c>HOST:PORT</c> or <c>unix:/path</c>.</param>
    /// <exception cref="FormatException">An address is none of these.</exception>
    public static LoadBalancer RoundRobin(params ReadOnlySpan<string> addresses)
    {
        var servers = new BackendOptions[addresses.Length];
        for (var i = 0; i < servers.Length; i++)
        {
            servers[i] = new BackendOptions(addresses[i]);
        }

        return new LoadBalancer(new HostDiscovery(servers), new RoundRobin());
    }

    /// <summary>Chooses a ready backend.</summary>
    /// <param name="key">What the request is hashed on; round robin needs none.</param>
    /// <param name="maxIterations">How many different backends are looked at before giving up. Default 256.</param>
    /// <returns>Null when none is ready.</returns>
    public Backend? Select(ReadOnlySpan<byte> key, int maxIterations = 256)
    {
        var set = _backends;
        if (set.Selector is not { } selector || maxIterations <= 0)
        {
            return null;
        }

        var cursor = new SelectionCursor { Worker = Worker.Current?.Index ?? -1 };
        var index = selector.Propose(key, ref cursor);
        if (index < 0 || set.IsHealthy(index))
        {
            return index < 0 ? null : set[index];
        }

        return SelectFurther(set, selector, index, key, ref cursor, maxIterations, 0, static (_, healthy, _) => healthy);
    }

    /// <summary>Chooses a backend that the caller accepts, for example one that has not been tried yet.</summary>
    /// <param name="key">What the request is hashed on; round robin needs none.</param>
    /// <param name="maxIterations">How many different backends are offered before giving up.</param>
    /// <param name="accept">Is given a backend and whether it is healthy; each backend is offered once.</param>
    /// <returns>Null when none was accepted.</returns>
    public Backend? Select(ReadOnlySpan<byte> key, int maxIterations, Func<Backend, bool, bool> accept)
    {
        ArgumentNullException.ThrowIfNull(accept);
        return Select(key, maxIterations, accept, static (backend, healthy, accept) => accept(backend, healthy));
    }

    /// <summary>Chooses a backend that the caller accepts; the state spares the caller a closure.</summary>
    /// <typeparam name="TState">What <paramref name="accept"/> needs to know.</typeparam>
    /// <param name="key">What the request is hashed on; round robin needs none.</param>
    /// <param name="maxIterations">How many different backends are offered before giving up.</param>
    /// <param name="state">Handed to <paramref name="accept"/>.</param>
    /// <param name="accept">Is given a backend, whether it is healthy, and the state; each backend is offered once.</param>
    /// <returns>Null when none was accepted.</returns>
    public Backend? Select<TState>(ReadOnlySpan<byte> key, int maxIterations, TState state, Func<Backend, bool, TState, bool> accept)
    {
        ArgumentNullException.ThrowIfNull(accept);
        var set = _backends;
        if (set.Selector is not { } selector || maxIterations <= 0)
        {
            return null;
        }

        var cursor = new SelectionCursor { Worker = Worker.Current?.Index ?? -1 };
        var index = selector.Propose(key, ref cursor);
        if (index < 0 || accept(set[index], set.IsHealthy(index), state))
        {
            return index < 0 ? null : set[index];
        }

        return SelectFurther(set, selector, index, key, ref cursor, maxIterations, state, accept);
    }

    /// <summary>Asks the discovery now and swaps the set if anything changed (LB-03).</summary>
    /// <param name="cancellationToken">Gives up asking; the set stays.</param>
    /// <exception cref="DiscoveryException">
    /// Some servers were not found; the others, and their own last good addresses, are in the set.
    /// </exception>
    public async ValueTask UpdateAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            Publish(await _discovery.DiscoverAsync(cancellationToken));
        }
        catch (DiscoveryException)
        {
            Publish(_discovery.Known);
            throw;
        }
    }

    /// <summary>
    /// Asks the discovery once, checks what it has found, is ready then, and does both again, each at its own interval, until shutdown (LB-07).
    /// What goes wrong is logged, and the last good set stays.
    /// </summary>
    /// <param name="context">Logger, time and ready mark.</param>
    /// <param name="shutdown">Ends the service at once.</param>
    public async Task RunAsync(ServiceContext context, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            await RefreshAsync(context.Logger, shutdown);
            if (_options.HealthCheck is not { } check)
            {
                context.MarkReady();
                await KeepFreshAsync(context, shutdown);
                return;
            }

            context.Workers.Start();
            var monitoring = context.Workers.Workers[0].RunAsync(async () => await MonitorAsync(check, context, shutdown));
            await Task.WhenAll(monitoring, KeepFreshAsync(context, shutdown));
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            // Shutdown is the way this service ends.
        }
    }

    private async Task KeepFreshAsync(ServiceContext context, CancellationToken shutdown)
    {
        if (UpdateInterval is not { } interval)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, shutdown);
            return;
        }

        using var timer = new PeriodicTimer(interval, context.Time);
        while (await timer.WaitForNextTickAsync(shutdown))
        {
            await RefreshAsync(context.Logger, shutdown);
        }
    }

    private async ValueTask MonitorAsync(HealthCheck check, ServiceContext context, CancellationToken shutdown)
    {
        var monitor = new HealthMonitor(Name, check, context);
        using var timer = new PeriodicTimer(check.Interval, context.Time);
        do
        {
            await monitor.CheckAsync(_backends, shutdown);
            context.MarkReady();
        }
        while (await timer.WaitForNextTickAsync(shutdown));
    }

    [SkipLocalsInit]
    private static Backend? SelectFurther<TState>(
        BackendSet set,
        ISelector selector,
        int refused,
        ReadOnlySpan<byte> key,
        ref SelectionCursor cursor,
        int maxIterations,
        TState state,
        Func<Backend, bool, TState, bool> accept)
    {
        var words = (set.Count + 63) >> 6;
        var rented = words > StackWords ? ArrayPool<ulong>.Shared.Rent(words) : null;
        var tried = rented is null ? stackalloc ulong[StackWords] : rented.AsSpan();
        tried[..words].Clear();
        tried[refused >> 6] = 1UL << refused;
        var left = Math.Min(maxIterations, set.Count) - 1;
        Backend? chosen = null;
        while (left > 0)
        {
            var index = selector.Propose(key, ref cursor);
            if (index < 0)
            {
                break;
            }

            ref var word = ref tried[index >> 6];
            if ((word & (1UL << index)) != 0)
            {
                continue;
            }

            word |= 1UL << index;
            left--;
            if (accept(set[index], set.IsHealthy(index), state))
            {
                chosen = set[index];
                break;
            }
        }

        if (rented is not null)
        {
            ArrayPool<ulong>.Shared.Return(rented);
        }

        return chosen;
    }

    private void Publish(IReadOnlyList<Backend> found)
    {
        lock (_publishing)
        {
            var current = _backends;
            if (!current.Matches(found))
            {
                _backends = BackendSet.Build(found, current, _selection, _options.Extend);
            }
        }
    }

    private async ValueTask RefreshAsync(ILogger logger, CancellationToken shutdown)
    {
        var before = _backends;
        try
        {
            await UpdateAsync(shutdown);
        }
        catch (Exception problem) when (problem is not OperationCanceledException || !shutdown.IsCancellationRequested)
        {
            LogUpdateFailed(logger, Name, problem.Message);
        }

        if (_backends is { } after && !ReferenceEquals(before, after))
        {
            LogBackendsChanged(logger, Name, string.Join(", ", after));
        }
    }
}
