using Microsoft.Extensions.Logging;
using Securely.Http;
using Securely.Net;

namespace Securely.Dns;

/// <summary>
/// Asks upstreams. Each question has one worker, by its hash, so equal questions meet there without a lock; the threads that answer clients only
/// post to it. For any thread.
/// </summary>
internal sealed partial class Forwarder
{
    private readonly ForwardLane[] _lanes;
    private readonly UpstreamGroup _default;
    private readonly (DomainName Domain, UpstreamGroup Group)[] _routes;
    private readonly ServerState _state;
    private readonly ILogger _logger;
    private int _backlog;

    /// <summary>Makes a forwarder; it asks nobody before <see cref="Start"/>.</summary>
    /// <param name="state">The server.</param>
    /// <param name="recursion">What the answers are for.</param>
    /// <param name="workers">The workers that ask.</param>
    /// <param name="logger">Where upstreams that are down are told of.</param>
    internal Forwarder(ServerState state, Recursion recursion, WorkerGroup workers, ILogger logger)
    {
        Recursion = recursion;
        _state = state;
        _logger = logger;
        var known = new Dictionary<DnsUpstream, UpstreamState>();
        _default = Group(recursion.Options.Upstreams, isRoute: false);
        _routes = [.. recursion.Options.Routes.OrderByDescending(route => route.Domain.LabelCount).Select(route => (route.Domain, Group(route.Upstreams, isRoute: true)))];
        Upstreams = [.. known.Values];
        Connector = new HttpConnector(workers);
        _lanes = [.. workers.Workers.Select(worker => new ForwardLane(this, new Responder(state, isLimited: true), worker))];

        UpstreamGroup Group(IReadOnlyList<DnsUpstream> upstreams, bool isRoute) => new(
            [.. upstreams.Select(upstream => known.TryGetValue(upstream, out var existing) ? existing : known[upstream] = new UpstreamState(upstream))],
            recursion.Options.Policy,
            isRoute);
    }

    internal Recursion Recursion { get; }

    internal IReadOnlyList<UpstreamState> Upstreams { get; }

    /// <summary>The connections to upstreams over HTTP.</summary>
    internal HttpConnector Connector { get; }

    /// <summary>Questions from clients that were dropped because there were too many; any thread may read it.</summary>
    internal long Dropped;

    /// <summary>Asks for a client. Its question is dropped where there are too many already.</summary>
    /// <param name="key">The question.</param>
    /// <param name="client">Gets the answer; null to fill the cache only.</param>
    internal void Ask(ForwardKey key, ForwardClient? client)
    {
        if (client is not null)
            client.Began = _state.Figures is null ? 0 : _state.Timestamp;
        var lane = _lanes[(uint)key.GetHashCode() % (uint)_lanes.Length];
        if (Interlocked.Increment(ref _backlog) > Recursion.Options.MaximumOutstanding * _lanes.Length)
        {
            Interlocked.Decrement(ref _backlog);
            Interlocked.Increment(ref Dropped);
            if (client is not null)
            {
                _state.Figures?.CountQuery(client.Transport, OpCode.Query, key.Type);
                client.Drop();
            }

            return;
        }

        lane.Worker.Post(static state => ((Order)state!).Run(), new Order(this, lane, key, client));
    }

    /// <summary>Who is asked for a name.</summary>
    internal UpstreamGroup GroupOf(ForwardKey key)
    {
        foreach (var (domain, group) in _routes)
        {
            if (key.Name.Length >= domain.Lower.Length && WireName.IsWithin(key.Name, domain.Lower))
                return group;
        }

        return _default;
    }

    /// <summary>An upstream has not answered; it is probed while it is down.</summary>
    internal void Fail(UpstreamState upstream, ForwardLane lane)
    {
        if (!upstream.Fail())
            return;
        LogDown(_logger, upstream.Options);
        lane.ProbeAsync(upstream).Forget();
    }

    internal void LogBroken(ForwardKey key, Exception error) => LogBroken(_logger, key, error);

    internal void LogUpAgain(UpstreamState upstream) => LogUp(_logger, upstream.Options);

    /// <summary>Looks for upstreams that are this server itself, straight or by way of others.</summary>
    /// <param name="own">Where this server answers.</param>
    /// <param name="stopping">Ends probes.</param>
    internal void Start(IReadOnlyList<System.Net.IPEndPoint> own, CancellationToken stopping)
    {
        foreach (var lane in _lanes)
            lane.Stopping = stopping;
        foreach (var upstream in Upstreams)
        {
            if (LoopProbe.IsOwn(upstream.Options.Address, own))
                FoundLoop(upstream);
            else
                _lanes[0].Worker.Post(static state => ((Action)state!)(), () => Recursion.Loops.ProbeAsync(this, upstream, _lanes[0]).Forget());
        }
    }

    internal void FoundLoop(UpstreamState upstream)
    {
        if (upstream.IsLoop)
            return;
        upstream.IsLoop = true;
        LogLoop(_logger, upstream.Options);
        // What it was asked would come back for ever.
        foreach (var lane in _lanes)
            lane.Worker.Post(static state => ((Action)state!)(), () => lane.Abandon(upstream));
    }

    /// <summary>Somebody asks what an upstream is just being asked: perhaps that upstream itself, or one behind it.</summary>
    internal void Suspect(UpstreamState upstream, ForwardLane lane) => Recursion.Loops.ProbeAsync(this, upstream, lane).Forget();

    /// <summary>Closes what is open to upstreams. The workers still run.</summary>
    internal Task CloseAsync() => Task.WhenAll(_lanes.Select(lane => lane.Worker.RunAsync(() =>
    {
        lane.Close();
        return default;
    })));

    [LoggerMessage(4200, LogLevel.Warning, "Upstream [{Upstream}] does not answer; it is asked last until it does")]
    private static partial void LogDown(ILogger logger, DnsUpstream upstream);

    [LoggerMessage(4201, LogLevel.Information, "Upstream [{Upstream}] answers again")]
    private static partial void LogUp(ILogger logger, DnsUpstream upstream);

    [LoggerMessage(4202, LogLevel.Error, "Upstream [{Upstream}] asks this server again, so it is not asked any more; name a server that knows the answers in [dns.forward]")]
    private static partial void LogLoop(ILogger logger, DnsUpstream upstream);

    [LoggerMessage(4203, LogLevel.Error, "The question [{Question}] could not be asked of others")]
    private static partial void LogBroken(ILogger logger, ForwardKey question, Exception error);

    private sealed class Order(Forwarder forwarder, ForwardLane lane, ForwardKey key, ForwardClient? client)
    {
        internal void Run()
        {
            Interlocked.Decrement(ref forwarder._backlog);
            lane.Ask(key, client);
        }
    }
}
