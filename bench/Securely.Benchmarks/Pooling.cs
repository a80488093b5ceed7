using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using Securely.Http;
using Securely.Net;

namespace Securely.Benchmarks;

/// <summary>Idle connections to upstreams, taken and returned as a request does it.</summary>
/// <remarks>A pool works on its worker only, so each measured call carries many operations there; the call's own cost vanishes in them.</remarks>
[MemoryDiagnoser]
public class Pooling : IAsyncDisposable
{
    private const int Rounds = 10_000;

    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(60);

    private WorkerGroup _workers = null!;
    private ConnectionPool _pool = null!;
    private Socket _listener = null!;
    private PoolKey[] _keys = [];

    /// <summary>To how many upstreams there are idle connections.</summary>
    [Params(1, 100)]
    public int Upstreams { get; set; }

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(Upstreams);
        var address = _listener.LocalEndPoint!;
        _keys = [.. Enumerable.Range(0, Upstreams).Select(i => new HttpPeer(address) { GroupKey = (ulong)i }.ReuseKey)];
        _workers = new WorkerGroup("benchmark", 1);
        _pool = new ConnectionPool(_workers);
        _workers.Start();
        await _workers.Workers[0].RunAsync(async () =>
        {
            foreach (var key in _keys)
                _pool.Return(key, await TcpConnector.ConnectAsync(address), IdleTimeout);
        });
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _workers.DisposeAsync();
        _listener.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Rounds)]
    public Task TakeAndReturn() => _workers.Workers[0].RunAsync(() =>
    {
        for (var i = 0; i < Rounds; i++)
        {
            var key = _keys[i % _keys.Length];
            var connection = _pool.TryTake(key) ?? throw new InvalidOperationException("The pool has lost a connection");
            _pool.Return(key, connection, IdleTimeout);
        }

        return default;
    });
}
