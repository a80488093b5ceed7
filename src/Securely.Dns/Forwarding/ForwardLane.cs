using System.Net.Sockets;
using Securely.Net;

namespace Securely.Dns;

/// <summary>The questions of one worker that are on their way, and its connections to upstreams. Only its worker touches it.</summary>
internal sealed class ForwardLane
{
    private static readonly ForwardKey _probe = ForwardKey.Of(DomainName.Root, RecordType.Ns);
    private readonly Forwarder _forwarder;
    private readonly Responder _responder;
    private readonly Dictionary<ForwardKey, ForwardJob> _jobs = [];
    private readonly Dictionary<ulong, int> _clients = [];
    private readonly Dictionary<UpstreamState, IUpstreamExchange> _exchanges = [];
    private readonly List<StreamExchange> _streams = [];
    private readonly byte[] _answer = new byte[FieldWire.Maximum];

    internal ForwardLane(Forwarder forwarder, Responder responder, Worker worker)
    {
        _forwarder = forwarder;
        _responder = responder;
        Worker = worker;
        var options = forwarder.Recursion.Options;
        Filter = new AnswerFilter(options.Cache, options.Names, options.RebindProtection ? new AddressGuard(options.RebindExceptions) : null);
    }

    internal Worker Worker { get; }

    internal AnswerFilter Filter { get; }

    internal Forwarder Forwarder => _forwarder;

    internal Recursion Recursion => _forwarder.Recursion;

    /// <summary>Cancelled when the server stops.</summary>
    internal CancellationToken Stopping { get; set; }

    /// <summary>Whether an error says that an upstream cannot be had, which is nobody's mistake here.</summary>
    internal static bool IsExpected(Exception error) => error is IOException or SocketException or OperationCanceledException or ObjectDisposedException or TimeoutException;

    internal void Ask(ForwardKey key, ForwardClient? client)
    {
        // The answer may have come while this was on its way.
        if (client is not null && Recursion.Cache.Find(key, Recursion.Now) is { } known && known.IsFresh(Recursion.Now))
        {
            Reply(client, known, isStale: false);
            return;
        }

        if (client is not null && !TryCount(client))
        {
            Drop(key, client);
            return;
        }

        if (_jobs.TryGetValue(key, out var job))
        {
            if (client is not null && !job.TryJoin(client))
                Reject(key, client);
            return;
        }

        if (_jobs.Count >= Recursion.Options.MaximumOutstanding || Stopping.IsCancellationRequested)
        {
            if (client is not null)
                Reject(key, client);
            return;
        }

        job = new ForwardJob(this, key, client);
        _jobs.Add(key, job);
        job.RunAsync().Forget();
    }

    /// <summary>Answers all who wait for a question.</summary>
    internal void Reply(List<ForwardClient> clients, CacheEntry entry, bool isStale)
    {
        foreach (var client in clients)
        {
            Uncount(client);
            Reply(client, entry, isStale);
        }

        clients.Clear();
    }

    /// <summary>Waits no longer for an upstream that leads back to this server.</summary>
    internal void Abandon(UpstreamState upstream)
    {
        foreach (var job in _jobs.Values.ToList())
            job.Abandon(upstream);
    }

    internal void End(ForwardJob job) => _jobs.Remove(job.Key);

    internal IUpstreamExchange ExchangeOf(UpstreamState upstream)
    {
        if (_exchanges.TryGetValue(upstream, out var exchange))
            return exchange;
        var timeout = Recursion.Options.Timeout;
        if (upstream.Options.Protocol == DnsProtocol.Https)
            return _exchanges[upstream] = new HttpExchange(upstream, _forwarder.Connector, timeout);
        var stream = new StreamExchange(upstream, timeout);
        _streams.Add(stream);
        return _exchanges[upstream] = upstream.Options.Protocol == DnsProtocol.Udp ? new DatagramExchange(upstream, stream, Worker.Time) : stream;
    }

    /// <summary>Asks an upstream that is down until it answers, less and less often.</summary>
    internal async ValueTask ProbeAsync(UpstreamState upstream)
    {
        try
        {
            for (var pause = TimeSpan.FromSeconds(1); upstream.IsDown; pause = pause < TimeSpan.FromSeconds(30) ? pause * 2 : pause)
            {
                await Task.Delay(pause, Worker.Time, Stopping);
                if (await AnswersAsync(upstream))
                    _forwarder.LogUpAgain(upstream);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    internal void Close()
    {
        foreach (var stream in _streams)
            stream.Close();
    }

    private async Task<bool> AnswersAsync(UpstreamState upstream)
    {
        using var deadline = new CancellationTokenSource(Recursion.Options.Timeout, Worker.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, Stopping);
        var started = Worker.Time.GetTimestamp();
        try
        {
            await ExchangeOf(upstream).AskAsync(_probe, both.Token);
            upstream.Succeed((long)Worker.Time.GetElapsedTime(started).TotalMilliseconds);
            return true;
        }
        catch (Exception error) when (IsExpected(error) && !Stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Reply(ForwardClient client, CacheEntry entry, bool isStale)
    {
        var length = _responder.RespondWith(entry, isStale, client.Request, _answer, client.Address, client.Transport, client.Began);
        if (length > 0)
            client.Reply(_answer.AsSpan(0, length));
        else
            client.Drop();
    }

    private void Reject(ForwardKey key, ForwardClient client)
    {
        Uncount(client);
        Drop(key, client);
    }

    // A datagram may be lost, and its sender may be somebody else; on a stream somebody waits for each answer.
    private void Drop(ForwardKey key, ForwardClient client)
    {
        Interlocked.Increment(ref _forwarder.Dropped);
        if (client.IsStream)
        {
            Reply(client, AnswerFilter.Failure(key, ExtendedErrors.Other, "too many questions wait for answers", Recursion.Now), isStale: false);
            return;
        }

        _responder.WatchDropped(client.Request, client.Address, client.Transport);
        client.Drop();
    }

    private bool TryCount(ForwardClient client)
    {
        var count = _clients.GetValueOrDefault(client.Network);
        if (count >= Recursion.Options.MaximumPerClient)
            return false;
        _clients[client.Network] = count + 1;
        return true;
    }

    private void Uncount(ForwardClient client)
    {
        var count = _clients[client.Network] - 1;
        if (count == 0)
            _clients.Remove(client.Network);
        else
            _clients[client.Network] = count;
    }
}
