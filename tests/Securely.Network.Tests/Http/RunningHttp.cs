using System.Net;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Hosting;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Http;

/// <summary>An HTTP service on free ports of the loopback, with workers of its own.</summary>
internal sealed class RunningHttp : IAsyncDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _shutdown = new();
    private readonly ListenSockets _sockets = new();
    private readonly HttpService _service;
    private readonly Task _running;

    private RunningHttp(HttpService service, int threads, TimeProvider time, MetricsRegistry? metrics)
    {
        _service = service;
        Workers = new WorkerGroup("test", threads, new WorkerGroupOptions { Logger = Log, Time = time, Metrics = metrics });
        var marked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running = service.RunAsync(new ServiceContext(Workers, _sockets, Log, time, TimeSpan.FromSeconds(10), () => marked.TrySetResult()), _shutdown.Token);
        Ready = Task.WhenAny(marked.Task, _running).Unwrap();
    }

    public RecordedLog Log { get; } = new();

    public WorkerGroup Workers { get; }

    public Worker Worker => Workers.Workers[0];

    /// <summary>Where the service listens, in the order of its endpoints.</summary>
    public IReadOnlyList<EndPoint> EndPoints => _service.BoundEndPoints;

    private Task Ready { get; }

    /// <summary>Starts a service; without an endpoint of its own it gets one of 127.0.0.1.</summary>
    public static async Task<RunningHttp> StartAsync(HttpService service, int threads = 1, TimeProvider? time = null, bool listens = false, MetricsRegistry? metrics = null)
    {
        if (!listens)
            service.AddTcp("127.0.0.1:0");
        var running = new RunningHttp(service, threads, time ?? TimeProvider.System, metrics);
        await running.Ready.WaitAsync(_limit, TimeProvider.System, TestContext.Current.CancellationToken);
        return running;
    }

    public static Task<RunningHttp> StartAsync(Func<ServerSession, ValueTask> handle, HttpServiceOptions? options = null, TimeProvider? time = null) =>
        StartAsync(new HttpService("test", new Handler(handle), options), time: time);

    public static Task<RunningHttp> StartAsync<TContext>(HttpProxy<TContext> proxy, ProxyServiceOptions? options = null, TimeProvider? time = null) =>
        StartAsync(new ProxyService<TContext>(proxy, options), time: time);

    public Task<RawClient> ConnectAsync(int endPoint = 0) => RawClient.ConnectAsync(EndPoints[endPoint]);

    /// <summary>Lets the service begin to stop.</summary>
    public Task ShutDownAsync() => _shutdown.CancelAsync();

    /// <summary>Waits until the service has stopped by itself.</summary>
    public Task WhenStoppedAsync() => _running.WaitAsync(_limit, TimeProvider.System, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _shutdown.CancelAsync();
        try
        {
            await _running.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // A test that has failed may leave connections that wait for ever; they end with their workers.
        }

        await Workers.DisposeAsync();
        _sockets.Dispose();
        _shutdown.Dispose();
    }
}
