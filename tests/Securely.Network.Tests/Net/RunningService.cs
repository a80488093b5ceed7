using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Network.Tests.Net;

/// <summary>A listening service on a free port of the loopback, with workers of its own.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly CancellationTokenSource _shutdown = new();
    private readonly ListenSockets _sockets = new();
    private readonly WorkerGroup _workers;
    private readonly Task _running;

    private RunningService(ListeningService service, WorkerGroup workers, ILogger log)
    {
        _workers = workers;
        Service = service;
        var marked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var context = new ServiceContext(workers, _sockets, log, workers.Options.Time, TimeSpan.FromSeconds(10), () => marked.TrySetResult());
        _running = service.RunAsync(context, _shutdown.Token);
        Ready = Task.WhenAny(marked.Task, _running).Unwrap();
    }

    internal ListeningService Service { get; }

    internal WorkerGroup Workers => _workers;

    private Task Ready { get; }

    public async ValueTask DisposeAsync()
    {
        await _shutdown.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(20));
        await _workers.DisposeAsync();
        _sockets.Dispose();
        _shutdown.Dispose();
    }

    internal static async Task<RunningService> StartAsync(IConnectionHandler handler, int threads = 1, ListeningServiceOptions? options = null)
    {
        var service = new ListeningService("test", handler, options);
        service.AddTcp("127.0.0.1:0");
        return await StartAsync(service, threads);
    }

    internal static async Task<RunningService> StartAsync(ListeningService service, int threads = 1, TimeProvider? time = null, ILogger? log = null)
    {
        log ??= new StandardErrorLogger();
        var workers = new WorkerGroup("test", threads, new WorkerGroupOptions { Logger = log, Time = time ?? TimeProvider.System });
        var running = new RunningService(service, workers, log);
        await running.Ready.WaitAsync(TimeSpan.FromSeconds(20));
        return running;
    }

    internal async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync((IPEndPoint)Service.BoundEndPoints[0]);
        return socket;
    }
}
