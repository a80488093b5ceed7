using System.Collections.Concurrent;
using System.Net;
using Securely.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>The state of a request of a <see cref="PlainProxy"/>.</summary>
internal sealed class PlainContext
{
    public int Tries { get; set; }
}

/// <summary>
/// Forwards every request and overrides nothing that it need not: the n-th try goes to the n-th peer, or to the last one.
/// </summary>
internal class PlainProxy(params HttpPeer[] peers) : HttpProxy<PlainContext>
{
    public PlainProxy(EndPoint origin)
        : this(new HttpPeer(origin))
    {
    }

    public override PlainContext NewContext() => new();

    public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, PlainContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(peers[Math.Min(context.Tries++, peers.Length - 1)]);
}

/// <summary>What was logged of a request.</summary>
internal sealed record Logged(string Target, int Tries, int? Status, ProxyError? Error, long UpstreamBytes);

/// <summary>A <see cref="PlainProxy"/> that keeps what the logging phase sees, and signals <c>logged</c>.</summary>
internal sealed class ObservedProxy(params HttpPeer[] peers) : PlainProxy(peers)
{
    private readonly ConcurrentQueue<Logged> _finished = new();

    public ObservedProxy(EndPoint origin)
        : this(new HttpPeer(origin))
    {
    }

    public PhaseBarrier Phases { get; } = new();

    public IReadOnlyList<Logged> Finished => [.. _finished];

    /// <summary>What was logged of the n-th request, which is waited for.</summary>
    public async Task<Logged> FinishedAsync(int number = 1)
    {
        await Phases.WaitAsync("logged", number);
        return Finished[number - 1];
    }

    public override ValueTask LoggingAsync(Session session, ProxyError? error, PlainContext context)
    {
        _finished.Enqueue(new Logged(session.Request.TargetText, session.Tries, session.ResponseWritten?.StatusCode, error, session.UpstreamBodyBytes));
        Phases.Signal("logged");
        return default;
    }
}
