using System.Collections.Concurrent;
using System.Net;
using Securely.Http;
using Securely.Net;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>What a <see cref="ForwardingProxy"/> saw of one request.</summary>
internal sealed class ForwardedRequest
{
    /// <summary>How often a peer was asked for.</summary>
    public int Tries { get; set; }

    /// <summary>Of each connection to the upstream: whether it came from the pool.</summary>
    public List<bool> Reused { get; } = [];

    public string Target { get; set; } = "";

    public ProxyError? Error { get; set; }
}

/// <summary>Forwards every request; the n-th try of a request goes to the n-th peer, or to the last one.</summary>
internal class ForwardingProxy(params HttpPeer[] peers) : HttpProxy<ForwardedRequest>
{
    private readonly ConcurrentQueue<ForwardedRequest> _finished = new();

    public ForwardingProxy(EndPoint origin)
        : this(new HttpPeer(origin))
    {
    }

    /// <summary>Signals <c>logged</c> at the end of each request.</summary>
    public PhaseBarrier Phases { get; } = new();

    /// <summary>The requests that are finished, in order.</summary>
    public IReadOnlyList<ForwardedRequest> Finished => [.. _finished];

    public override ForwardedRequest NewContext() => new();

    public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, ForwardedRequest context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(peers[Math.Min(context.Tries++, peers.Length - 1)]);

    public override ValueTask ConnectedToUpstreamAsync(Session session, HttpPeer peer, bool reused, ConnectionDigest digest, ForwardedRequest context, CancellationToken cancellationToken)
    {
        context.Reused.Add(reused);
        return default;
    }

    public override ValueTask LoggingAsync(Session session, ProxyError? error, ForwardedRequest context)
    {
        context.Target = session.Request.TargetText;
        context.Error = error;
        _finished.Enqueue(context);
        Phases.Signal("logged");
        return default;
    }
}
