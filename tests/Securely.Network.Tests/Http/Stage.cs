using System.Text;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Hosting;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Http;

/// <summary>One worker with a clock that stands still. Connections in memory play on it, the same way on every run.</summary>
internal sealed class Stage : IAsyncDisposable
{
    /// <summary>What the Date field says on a stage whose clock has not been moved.</summary>
    public const string Date = "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n";

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    private readonly WorkerGroup _workers;
    private readonly ListenSockets _sockets = new();

    public Stage()
    {
        _workers = new WorkerGroup("stage", 1, new WorkerGroupOptions { Time = Time, Logger = Log });
        _workers.Start();
    }

    public ManualTimeProvider Time { get; } = new();

    public RecordedLog Log { get; } = new();

    public WorkerGroup Workers => _workers;

    public Worker Worker => _workers.Workers[0];

    /// <summary>Runs on the worker.</summary>
    public Task RunAsync(Func<ValueTask> act) => Worker.RunAsync(act).WaitAsync(_limit, TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Runs on the worker.</summary>
    public Task<T> RunAsync<T>(Func<ValueTask<T>> act) => Worker.RunAsync(act).WaitAsync(_limit, TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Lets a handler serve one connection to its end. The connection is made on the worker, and returned for what it has recorded.</summary>
    public Task<ReplayConnection> ServeAsync(Func<ServerSession, ValueTask> handle, Func<ReplayConnection> script, HttpServiceOptions? options = null) =>
        ServeAsync(new MemoryHttp(new Handler(handle), options), script);

    /// <summary>Lets a proxy serve one connection to its end.</summary>
    public Task<ReplayConnection> ProxyAsync<TContext>(HttpProxy<TContext> proxy, Func<ReplayConnection> script, ProxyServiceOptions? options = null) =>
        ServeAsync(new MemoryProxy<TContext>(proxy, options), script);

    /// <summary>Lets a service serve one connection after another, each to its end.</summary>
    public async Task<ReplayConnection> ServeAsync(IMemoryService service, params Func<ReplayConnection>[] scripts)
    {
        var context = new ServiceContext(_workers, _sockets, Log, Time, TimeSpan.FromSeconds(10), () => { });
        return await RunAsync(async () =>
        {
            ReplayConnection connection = null!;
            await service.BeginAsync(context);
            foreach (var script in scripts)
            {
                connection = script();
                await PlayAsync(service, connection);
            }

            return connection;
        });
    }

    /// <summary>Lets a service serve one connection in memory while the test plays its client, on the same worker.</summary>
    public async Task PlayAsync(IMemoryService service, Func<LiveClient, ValueTask> play)
    {
        var context = new ServiceContext(_workers, _sockets, Log, Time, TimeSpan.FromSeconds(10), () => { });
        await RunAsync(async () =>
        {
            await service.BeginAsync(context);
            await PlayBesideAsync(service, play);
        });
    }

    /// <summary>Lets a service that plays already serve another connection; called by the play.</summary>
    public async ValueTask PlayBesideAsync(IMemoryService service, Func<LiveClient, ValueTask> play)
    {
        var (near, far) = Connection.CreatePair();
        var serving = PlayAsync(service, far).AsTask();
        var client = new LiveClient(near, Time);
        await play(client);
        near.Close();
        await client.SettleAsync();
        // A tunnel waits for the last words of its other side.
        if (!serving.IsCompleted)
            await client.PassAsync(TimeSpan.FromMinutes(1));
        await serving;
    }

    /// <summary>Lets a handler serve one connection in memory while the test plays its client.</summary>
    public Task PlayAsync(Func<ServerSession, ValueTask> handle, Func<LiveClient, ValueTask> play, HttpServiceOptions? options = null) =>
        PlayAsync(new MemoryHttp(new Handler(handle), options), play);

    public async ValueTask DisposeAsync()
    {
        await _workers.DisposeAsync();
        _sockets.Dispose();
    }

    // What ListeningService does around a connection.
    private static async ValueTask PlayAsync(IMemoryService service, Connection connection)
    {
        try
        {
            await service.PlayAsync(connection, CancellationToken.None);
        }
        catch (NetException)
        {
            // The client has gone.
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }
}

/// <summary>The test's end of a connection in memory. What it sends, and the time it lets pass, has been dealt with when its call ends.</summary>
internal sealed class LiveClient(Connection connection, ManualTimeProvider time)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly StringBuilder _received = new();
    private bool _isEnded;
    private bool _isBroken;

    public string Received
    {
        get
        {
            Take();
            return _received.ToString();
        }
    }

    /// <summary>Whether the other side has ended its direction, or broken the connection.</summary>
    public bool IsEnded
    {
        get
        {
            Take();
            return _isEnded;
        }
    }

    /// <summary>Whether the other side has broken the connection.</summary>
    public bool IsBroken
    {
        get
        {
            Take();
            return _isBroken;
        }
    }

    /// <summary>Whether it takes what arrives. Default: true.</summary>
    public bool IsReading { get; set; } = true;

    /// <summary>How much of what <see cref="BeginSend"/> was given has not been taken yet.</summary>
    public int Unsent { get; private set; }

    public async ValueTask SendAsync(string text)
    {
        await connection.WriteAsync(Encoding.Latin1.GetBytes(text));
        await SettleAsync();
    }

    /// <summary>Sends, in small pieces, what may not be taken at once.</summary>
    public Task BeginSend(ReadOnlyMemory<byte> bytes)
    {
        Unsent = bytes.Length;
        return SendAsync(bytes).AsTask();
    }

    public async ValueTask PassAsync(TimeSpan span)
    {
        time.Advance(span);
        await SettleAsync();
    }

    public void End() => connection.ShutdownWrite();

    public void Close() => connection.Close();

    /// <summary>Goes without a word.</summary>
    public void Break() => connection.Abort(new NetException(NetErrorKind.Internal, "Broken by the test"));

    public async ValueTask SettleAsync()
    {
        for (var turn = 0; turn < 50; turn++)
        {
            await Task.Yield();
            Take();
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        const int Piece = 1000;
        while (Unsent > 0)
        {
            var count = Math.Min(Piece, Unsent);
            await connection.WriteAsync(bytes.Slice(bytes.Length - Unsent, count));
            Unsent -= count;
        }
    }

    private void Take()
    {
        try
        {
            while (IsReading && !_isEnded && !connection.IsClosed && connection.TryRead(_buffer, out var count))
            {
                _isEnded = count == 0;
                _received.Append(Encoding.Latin1.GetString(_buffer, 0, count));
            }
        }
        catch (NetException)
        {
            _isEnded = _isBroken = true;
        }
    }
}

/// <summary>A service that serves connections which nobody accepted.</summary>
internal interface IMemoryService
{
    ValueTask BeginAsync(ServiceContext context);

    ValueTask PlayAsync(Connection connection, CancellationToken shutdown);
}

internal sealed class MemoryHttp(IHttpHandler handler, HttpServiceOptions? options = null) : HttpService("memory", handler, options), IMemoryService
{
    public ValueTask BeginAsync(ServiceContext context) => OnStartedAsync(context);

    public ValueTask PlayAsync(Connection connection, CancellationToken shutdown) => ServeAsync(connection, shutdown);
}

internal sealed class MemoryProxy<TContext>(HttpProxy<TContext> proxy, ProxyServiceOptions? options = null)
    : ProxyService<TContext>(proxy, options), IMemoryService
{
    public ValueTask BeginAsync(ServiceContext context) => OnStartedAsync(context);

    public ValueTask PlayAsync(Connection connection, CancellationToken shutdown) => ServeAsync(connection, shutdown);
}

/// <summary>A handler made of a delegate.</summary>
internal sealed class Handler(Func<ServerSession, ValueTask> handle) : IHttpHandler
{
    public ValueTask HandleAsync(ServerSession session, CancellationToken shutdown) => handle(session);
}
