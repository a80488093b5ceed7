using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Network.Tests.Net;

/// <summary>Running workers for one test. An error that they log and that the test does not expect fails the test.</summary>
internal sealed class TestWorkers : IAsyncDisposable
{
    /// <summary>What something that must happen may take on a busy machine; nothing waits for it when all is well.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal TestWorkers(int threads = 1, TimeProvider? time = null, bool workStealing = true, MetricsRegistry? metrics = null)
    {
        Group = new WorkerGroup("test", threads, new WorkerGroupOptions { Logger = Log, Time = time ?? TimeProvider.System, WorkStealing = workStealing, Metrics = metrics });
        Group.Start();
    }

    internal WorkerGroup Group { get; }

    internal EntryLog Log { get; } = new();

    internal bool ExpectsErrors { get; init; }

    internal bool IsEpoll => Group.Poller == PollerKind.Epoll;

    internal Worker this[int index] => Group.Workers[index];

    public async ValueTask DisposeAsync()
    {
        await Group.DisposeAsync();
        if (!ExpectsErrors)
            Assert.Empty(Log.Of(LogLevel.Error));
    }

    internal Task<T> RunAsync<T>(Func<ValueTask<T>> work, int worker = 0) => this[worker].RunAsync(work).WaitAsync(Patience);

    internal Task RunAsync(Func<ValueTask> work, int worker = 0) => this[worker].RunAsync(work).WaitAsync(Patience);

    internal Task<T> RunAsync<T>(Func<T> work, int worker = 0) => RunAsync(() => new ValueTask<T>(work()), worker);

    internal Task RunAsync(Action work, int worker = 0) => RunAsync(() =>
    {
        work();
        return default(ValueTask);
    }, worker);

    /// <summary>A dialled connection of a worker, and its peer as a plain socket.</summary>
    internal async Task<(Connection Connection, Socket Peer)> ConnectAsync(int worker = 0, TcpConnectOptions? options = null)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(8);
        var accepting = listener.AcceptAsync();
        var connection = await RunAsync(() => TcpConnector.ConnectAsync(listener.LocalEndPoint!, options), worker);
        return (connection, await accepting.WaitAsync(Patience));
    }

    /// <summary>Two Unix sockets of one machine: a dialled connection of a worker, and its peer as a plain socket.</summary>
    internal async Task<(Connection Connection, Socket Peer)> ConnectUnixAsync(int worker = 0)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(8);
        var accepting = listener.AcceptAsync();
        var connection = await RunAsync(() => TcpConnector.ConnectAsync(new UnixDomainSocketEndPoint(path)), worker);
        return (connection, await accepting.WaitAsync(Patience));
    }

    /// <summary>Ends when the worker has seen the fake time and has run the timers that were due by then.</summary>
    internal async Task SettleAsync(TimeSpan elapsed, int worker = 0)
    {
        var own = this[worker];
        while (await RunAsync(() => own.Now, worker) < elapsed.TotalMilliseconds)
        {
            // The worker reads its clock once a turn, and each call is a turn.
        }

        await RunAsync(() => { }, worker);
        await RunAsync(() => { }, worker);
    }
}
