using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Securely.Net;

/// <summary>Accepts connections on its endpoints and hands each one to a handler.</summary>
/// <remarks>
/// Life of a connection: 1. a worker accepts it; 2. the worker with the fewest connections gets it; 3. the filter decides; 4. TLS begins, if the
/// endpoint has it; 5. the handler serves it; 6. it is closed. Shutdown: what the kernel has accepted is still served, the sockets are closed, idle connections end, the rest finishes.
/// </remarks>
public partial class ListeningService : IService
{
    private const int AcceptsPerTask = 4;

    private readonly IConnectionHandler? _handler;
    private readonly ListeningServiceOptions _options;
    private readonly List<Endpoint> _endpoints = [];
    private readonly List<Listener> _listeners = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ILogger _logger = NullLogger.Instance;
    private WorkerGroup? _workers;
    private CancellationToken _shutdown;
    private volatile Listener[] _open = [];
    private volatile bool _draining;

    /// <summary>Makes a service; add endpoints to it before it runs.</summary>
    /// <param name="name">The service's name.</param>
    /// <param name="handler">Serves the connections.</param>
    /// <param name="options">Defaults when null.</param>
    public ListeningService(string name, IConnectionHandler handler, ListeningServiceOptions? options = null)
        : this(name, options)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _handler = handler;
    }

    /// <summary>For a derived service that handles the connections itself.</summary>
    /// <param name="name">The service's name.</param>
    /// <param name="options">Defaults when null.</param>
    protected ListeningService(string name, ListeningServiceOptions? options)
    {
        Name = name;
        _options = options ?? new ListeningServiceOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.AcceptTasks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_options.AcceptTasks, 64);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int? Threads => _options.Threads;

    /// <summary>Where the service listens, in the order of the calls; filled when it is ready. A port 0 is the real port here.</summary>
    public IReadOnlyList<EndPoint> BoundEndPoints { get; private set; } = [];

    /// <summary>Listens on a TCP address when the service runs.</summary>
    /// <param name="address"><c>IP:PORT</c>, <c>[IPv6]:PORT</c> or <c>*:PORT</c>; port 0 takes a free one.</param>
    /// <param name="options">Socket options; defaults when null.</param>
    /// <param name="settings">What its connections have as <see cref="Connection.EndpointSettings"/>.</param>
    /// <exception cref="FormatException">It is not an address.</exception>
    public void AddTcp(string address, TcpListenOptions? options = null, object? settings = null)
    {
        ListenAddress.Parse(address);
        _endpoints.Add(new Endpoint(address, sockets => sockets.ListenTcp(address, options), settings, options is { ReceiveTimestamps: true }));
    }

    /// <summary>Listens on a TCP address, and speaks TLS there.</summary>
    /// <param name="address"><c>IP:PORT</c>, <c>[IPv6]:PORT</c> or <c>*:PORT</c>; port 0 takes a free one.</param>
    /// <param name="tls">The certificates, and what clients have to show.</param>
    /// <param name="options">Socket options; defaults when null.</param>
    /// <param name="settings">What its connections have as <see cref="Connection.EndpointSettings"/>.</param>
    /// <exception cref="FormatException">It is not an address.</exception>
    public void AddTls(string address, ServerTls tls, TcpListenOptions? options = null, object? settings = null)
    {
        ArgumentNullException.ThrowIfNull(tls);
        AddTcp(address, options, settings);
        _endpoints[^1] = _endpoints[^1] with { Tls = tls };
    }

    /// <summary>Listens on a Unix socket when the service runs.</summary>
    /// <param name="path">The file, with or without <c>unix:</c> before it.</param>
    /// <param name="mode">Its permissions. Default: 0660.</param>
    /// <param name="settings">What its connections have as <see cref="Connection.EndpointSettings"/>.</param>
    public void AddUnix(string path, UnixFileMode? mode = null, object? settings = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        var file = path.StartsWith("unix:", StringComparison.Ordinal) ? path[5..] : path;
        _endpoints.Add(new Endpoint($"unix:{file}", sockets => sockets.ListenUnix(file, mode), settings, IsTimestamped: false));
    }

    /// <inheritdoc/>
    public virtual async Task RunAsync(ServiceContext context, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(context);
        _workers = context.Workers;
        _logger = context.Logger;
        _shutdown = shutdown;
        CheckLimit();
        using var metrics = BeginCounting(context.Workers.Options.Metrics);
        try
        {
            foreach (var endpoint in _endpoints)
                _listeners.Add(Open(endpoint, context.Sockets));
            BoundEndPoints = [.. _listeners.Select(l => l.EndPoint)];
            _open = [.. _listeners];
            context.Workers.Start();
            await OnStartedAsync(context).ConfigureAwait(false);
            var acceptors = await OnEachWorkerAsync(w => _listeners.ConvertAll(w.Poller.Accept)).ConfigureAwait(false);
            context.MarkReady();
            await WhenCancelledAsync(shutdown).ConfigureAwait(false);
            await StopAcceptingAsync(acceptors, context.Sockets).ConfigureAwait(false);
        }
        finally
        {
            CloseListeners(context.Sockets);
        }

        await DrainAsync().ConfigureAwait(false);
    }

    /// <summary>Called when the workers run and nothing is accepted yet.</summary>
    /// <param name="context">What the service may use.</param>
    /// <returns>Accepting begins when it ends.</returns>
    protected virtual ValueTask OnStartedAsync(ServiceContext context) => default;

    /// <summary>Serves one connection; the default asks the handler.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="shutdown">Cancelled when the service begins to stop.</param>
    /// <returns>A task that ends with the connection.</returns>
    protected virtual ValueTask ServeAsync(Connection connection, CancellationToken shutdown) => _handler!.HandleAsync(connection, shutdown);

    /// <summary>There is a place for the connection.</summary>
    internal void Admit(in AcceptedSocket accepted, Listener listener)
    {
        var worker = _workers!.LeastLoaded();
        // Raised here, not where the connection arrives, so that a burst is spread by what has been given away already.
        worker.AddLoad(1);
        listener.Add();
        _metrics?.Accepted.Add();
        if (ReferenceEquals(worker, Worker.Current))
            Begin(accepted, listener);
        else
            worker.Post(static state => ((Handover)state!).Begin(), new Handover(this, accepted, listener));
    }

    private static async Task WhenCancelledAsync(CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), cancelled).ConfigureAwait(false))
            await cancelled.Task.ConfigureAwait(false);
    }

    private Listener Open(Endpoint endpoint, ListenSockets sockets)
    {
        var socket = endpoint.Open(sockets);
        var address = socket.LocalEndPoint is IPEndPoint bound && endpoint.Address.EndsWith(":0", StringComparison.Ordinal) ? bound.ToString() : endpoint.Address;
        return new Listener(this, address, socket, AcceptsPerTask * _options.AcceptTasks) { IsTimestamped = endpoint.IsTimestamped, Settings = endpoint.Settings, Tls = endpoint.Tls };
    }

    private async Task StopAcceptingAsync(IEnumerable<List<IAcceptor>> acceptors, ListenSockets sockets)
    {
        var all = acceptors.ToArray();
        // Whoever is let in from here on might be reset by the close.
        _listeners.ForEach(listener => sockets.Bar(listener.Socket));
        await OnEachWorkerAsync(w => w.Index == 0 || Stop(w)).ConfigureAwait(false);
        // The last one to accept closes the sockets in the same breath: what arrives in between would be reset.
        await OnEachWorkerAsync(w => w.Index > 0 || (Stop(w) && CloseListeners(sockets))).ConfigureAwait(false);
        // What was accepted at the last moment is still on its way to its worker.
        await UnlessEndedAsync(Task.WhenAll(all.SelectMany(a => a).Select(a => a.Stopped))).ConfigureAwait(false);

        bool Stop(Worker worker)
        {
            all[worker.Index].ForEach(acceptor => acceptor.Stop());
            return true;
        }
    }

    private bool CloseListeners(ListenSockets sockets)
    {
        foreach (var listener in _listeners)
            sockets.Close(listener.Socket);
        return true;
    }

    private void Begin(in AcceptedSocket accepted, Listener listener)
    {
        var worker = Worker.Current!;
        SocketConnection connection;
        try
        {
            connection = worker.Poller.Adopt(accepted, worker);
        }
        catch (Exception e)
        {
            LogConnectionFailed(_logger, e, accepted.Remote);
            accepted.Close();
            accepted.Peer?.Limit.Leave(accepted.Peer);
            worker.AddLoad(-1);
            Ended(listener);
            return;
        }

        accepted.Peer?.Limit.Join(accepted.Peer, connection);
        connection.MarkCounted();
        connection.EndpointSettings = listener.Settings;
        if (_draining)
            connection.StopWaiting();
        RunConnectionAsync(connection, listener).Forget();
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask RunConnectionAsync(SocketConnection connection, Listener listener)
    {
        Connection? served = connection;
        try
        {
            if (_options.Filter is { } filter && !await filter.ShouldAcceptAsync(connection.Remote, _shutdown))
            {
                _metrics?.Filtered.Add();
                return;
            }

            if (listener.Tls is { } tls)
                served = await ShakeHandsAsync(connection, tls);
            if (served is not null)
                await ServeAsync(served, _shutdown);
        }
        catch (Exception e) when (e is NetException or OperationCanceledException)
        {
            LogConnectionEnded(_logger, e, connection.Remote);
        }
        catch (Exception e)
        {
            LogConnectionFailed(_logger, e, connection.Remote);
        }
        finally
        {
            // After a move this may be the old worker; the new one closes then.
            (served ?? connection).Close();
            Ended(listener);
        }
    }

    private async Task DrainAsync()
    {
        _draining = true;
        _workers!.IsDraining = true;
        await OnEachWorkerAsync(worker =>
        {
            for (var connection = worker.FirstConnection; connection is not null; connection = connection.NextConnection)
            {
                // Those that this side dialled serve requests that are still to be finished.
                if (connection.IsAccepted)
                    connection.StopWaiting();
            }

            return true;
        }).ConfigureAwait(false);
        if (ActiveConnections == 0)
            _drained.TrySetResult();
        await UnlessEndedAsync(_drained.Task).ConfigureAwait(false);
    }

    /// <summary>When the grace period is over the workers end under the connections, and nobody would report.</summary>
    private async Task UnlessEndedAsync(Task task) => await Task.WhenAny(task, Task.WhenAll(_workers!.Workers.Select(w => w.Ended))).ConfigureAwait(false);

    private async Task<T[]> OnEachWorkerAsync<T>(Func<Worker, T> work)
    {
        var calls = _workers!.Workers.Select(w => w.RunAsync(() => new ValueTask<T>(work(w)))).ToArray();
        var ended = Task.WhenAll(_workers.Workers.Select(w => w.Ended));
        var all = Task.WhenAll(calls);
        if (await Task.WhenAny(all, ended).ConfigureAwait(false) == ended && !all.IsCompleted)
            throw new OperationCanceledException($"The workers of service [{Name}] have ended");
        return await all.ConfigureAwait(false);
    }

    private sealed record Endpoint(string Address, Func<ListenSockets, Socket> Open, object? Settings, bool IsTimestamped, ServerTls? Tls = null);

    /// <summary>An accepted socket on its way to its worker.</summary>
    private sealed class Handover(ListeningService service, AcceptedSocket accepted, Listener listener) : IUndelivered
    {
        public void Discard()
        {
            accepted.Close();
            accepted.Peer?.Limit.Leave(accepted.Peer);
        }

        internal void Begin() => service.Begin(accepted, listener);
    }
}
