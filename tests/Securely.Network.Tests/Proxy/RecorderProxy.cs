using Securely.Http;
using Securely.Net;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>Overrides every phase and records its call; a phase that is named in <see cref="Failing"/> throws after that.</summary>
internal class RecorderProxy(params HttpPeer[] peers) : HttpProxy<List<string>>
{
    private List<string> _last = [];

    /// <summary>The phases of the last request that was finished, contexts included.</summary>
    public IReadOnlyList<string> Recorded
    {
        get
        {
            lock (_last)
                return [.. _last];
        }
    }

    public PhaseBarrier Phases { get; } = new();

    /// <summary>Which phase throws, and what.</summary>
    public (string Phase, Exception Error)? Failing { get; init; }

    /// <summary>What a failed connect is marked with.</summary>
    public RetryKind RetryOfConnect { get; init; }

    public override List<string> NewContext()
    {
        List<string> context = [];
        Record(context, "NewContext");
        return context;
    }

    public override bool TryResetContext(List<string> context)
    {
        lock (context)
            _last = [.. context];
        Record(_last, "TryResetContext");
        Phases.Signal("finished");
        return false;
    }

    public override void OnConnectionReuse(Session session, List<string> context, object previous) => Record(context, $"OnConnectionReuse {previous}");

    public override ValueTask EarlyRequestFilterAsync(Session session, List<string> context, CancellationToken cancellationToken) => RecordAsync(context, "EarlyRequestFilter");

    public override ValueTask<FilterResult> RequestFilterAsync(Session session, List<string> context, CancellationToken cancellationToken)
    {
        Record(context, "RequestFilter");
        return ValueTask.FromResult(FilterResult.Continue);
    }

    public override ValueTask<FilterResult> ProxyUpstreamFilterAsync(Session session, List<string> context, CancellationToken cancellationToken)
    {
        Record(context, "ProxyUpstreamFilter");
        return ValueTask.FromResult(FilterResult.Continue);
    }

    public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, List<string> context, CancellationToken cancellationToken)
    {
        Record(context, $"UpstreamPeer {session.Tries}");
        return ValueTask.FromResult(peers[Math.Min(session.Tries, peers.Length) - 1]);
    }

    public override ProxyError FailToConnect(Session session, HttpPeer peer, List<string> context, ProxyError error)
    {
        Record(context, $"FailToConnect {error.Kind}");
        error.Retry = RetryOfConnect;
        return error;
    }

    public override ValueTask ConnectedToUpstreamAsync(Session session, HttpPeer peer, bool reused, ConnectionDigest digest, List<string> context, CancellationToken cancellationToken) =>
        RecordAsync(context, reused ? "ConnectedToUpstream reused" : "ConnectedToUpstream");

    public override ValueTask UpstreamRequestFilterAsync(Session session, RequestHeader upstreamRequest, List<string> context, CancellationToken cancellationToken) =>
        RecordAsync(context, "UpstreamRequestFilter");

    public override ValueTask<ReadOnlyMemory<byte>> RequestBodyFilterAsync(Session session, ReadOnlyMemory<byte> body, bool endOfStream, List<string> context, CancellationToken cancellationToken)
    {
        Record(context, $"RequestBodyFilter {body.Length}{(endOfStream ? " end" : "")}");
        return ValueTask.FromResult(body);
    }

    public override ValueTask UpstreamResponseFilterAsync(Session session, ResponseHeader upstreamResponse, List<string> context, CancellationToken cancellationToken) =>
        RecordAsync(context, $"UpstreamResponseFilter {upstreamResponse.StatusCode}");

    public override BodyResult UpstreamResponseBodyFilter(Session session, ReadOnlyMemory<byte> body, bool endOfStream, List<string> context)
    {
        Record(context, $"UpstreamResponseBodyFilter {body.Length}{(endOfStream ? " end" : "")}");
        return new BodyResult(body);
    }

    public override void UpstreamResponseTrailerFilter(Session session, HeaderMap trailers, List<string> context) => Record(context, "UpstreamResponseTrailerFilter");

    public override ValueTask ResponseFilterAsync(Session session, ResponseHeader response, List<string> context, CancellationToken cancellationToken) =>
        RecordAsync(context, $"ResponseFilter {response.StatusCode}");

    public override BodyResult ResponseBodyFilter(Session session, ReadOnlyMemory<byte> body, bool endOfStream, List<string> context)
    {
        Record(context, $"ResponseBodyFilter {body.Length}{(endOfStream ? " end" : "")}");
        return new BodyResult(body);
    }

    public override ValueTask<ReadOnlyMemory<byte>> ResponseTrailerFilterAsync(Session session, HeaderMap trailers, List<string> context, CancellationToken cancellationToken)
    {
        Record(context, "ResponseTrailerFilter");
        return default;
    }

    public override ProxyError ErrorWhileProxy(Session session, HttpPeer peer, ProxyError error, List<string> context, bool connectionReused)
    {
        Record(context, $"ErrorWhileProxy {error.Kind}{(connectionReused ? " reused" : "")}");
        return base.ErrorWhileProxy(session, peer, error, context, connectionReused);
    }

    public override ValueTask<FailToProxy> FailToProxyAsync(Session session, ProxyError error, List<string> context, CancellationToken cancellationToken)
    {
        Record(context, $"FailToProxy {error.Source} {error.Kind}");
        return base.FailToProxyAsync(session, error, context, cancellationToken);
    }

    public override bool SuppressErrorLog(Session session, List<string> context, ProxyError error)
    {
        Record(context, "SuppressErrorLog");
        return true;
    }

    public override string RequestSummary(Session session, List<string> context)
    {
        Record(context, "RequestSummary");
        return base.RequestSummary(session, context);
    }

    public override ValueTask LoggingAsync(Session session, ProxyError? error, List<string> context) => RecordAsync(context, $"Logging {error?.Kind.ToString() ?? "success"}");

    public override object? PersistConnectionContext(Session session, List<string> context)
    {
        Record(context, "PersistConnectionContext");
        return "kept";
    }

    private ValueTask RecordAsync(List<string> context, string phase)
    {
        Record(context, phase);
        return default;
    }

    private void Record(List<string> context, string phase)
    {
        lock (context)
            context.Add(phase);
        Phases.Signal(phase);
        if (Failing is { } failing && phase.Split(' ')[0] == failing.Phase)
            throw failing.Error;
    }
}
