using System.Collections.Concurrent;
using System.Diagnostics;
using Securely.Proxy;

namespace Securely.Network.Tests.Proxy.Tracing;

/// <summary>Listens to the spans of proxies, and keeps them in the order of their ends.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    /// <summary>Listens.</summary>
    /// <param name="sample">What to do with a span; recording all of them when null.</param>
    /// <param name="started">Sees each span that begins.</param>
    public SpanRecorder(SampleActivity<ActivityContext>? sample = null, Action<Activity>? started = null)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ProxyTracing.SourceName,
            Sample = sample ?? ((ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded),
            ActivityStarted = activity =>
            {
                Last = activity;
                started?.Invoke(activity);
            },
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The span that began last.</summary>
    public Activity? Last { get; private set; }

    /// <summary>What the span that began last calls itself to those that it asks.</summary>
    public string Traceparent => $"00-{Last!.TraceId}-{Last.SpanId}-01";

    public IReadOnlyList<Activity> Ended => [.. _ended];

    /// <summary>The spans of the only request, of which the server's ends last.</summary>
    public (Activity Server, Activity[] Clients) One()
    {
        var server = Assert.Single(Ended, span => span.Kind == ActivityKind.Server);
        Assert.Same(server, Ended[^1]);
        var clients = Ended.Where(span => span.Kind == ActivityKind.Client).ToArray();
        Assert.Equal(Ended.Count, clients.Length + 1);
        Assert.All(clients, client => Assert.Equal((server.TraceId, server.SpanId, false), (client.TraceId, client.ParentSpanId, client.HasRemoteParent)));
        return (server, clients);
    }

    /// <summary>The tags of a span as <c>name=value</c>, in their order.</summary>
    public static IEnumerable<string> Tags(Activity span) => span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}");

    public void Dispose() => _listener.Dispose();
}
