using System.Collections.Concurrent;
using System.Net;
using Securely.Hosting;
using Securely.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>What a <see cref="ProxyHost"/> sets on the service and the server; null leaves their default.</summary>
internal sealed record ProxyHostOptions
{
    /// <summary>Listen on a Unix socket as well.</summary>
    public bool Unix { get; init; }

    public bool AllowConnect { get; init; }

    /// <summary>Requests after which a connection is closed.</summary>
    public int? KeepAliveRequests { get; init; }

    /// <summary>How long the client may take nothing of a response.</summary>
    public TimeSpan? WriteTimeout { get; init; }
}

/// <summary>
/// Runs one proxy in this process: a server with one worker that listens on a free port of 127.0.0.1. The only place of these tests that
/// knows how a proxy is put together.
/// </summary>
internal sealed class ProxyHost : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Server _server;
    private readonly TemporaryDirectory? _directory;
    private readonly ConcurrentQueue<ExecutionPhase> _phases = new();
    private readonly Task<int> _run;
    private readonly Task _ready;
    private readonly Func<IReadOnlyList<EndPoint>> _endPoints;

    private ProxyHost(Server server, ServiceHandle service, Func<IReadOnlyList<EndPoint>> endPoints, TemporaryDirectory? directory)
    {
        _server = server;
        _directory = directory;
        _endPoints = endPoints;
        server.PhaseChanged += _phases.Enqueue;
        _run = server.RunAsync(CancellationToken.None);
        _ready = service.Ready;
    }

    /// <summary>The TCP address.</summary>
    public EndPoint EndPoint => _endPoints()[0];

    /// <summary>The Unix socket.</summary>
    public EndPoint UnixEndPoint => _endPoints()[1];

    /// <summary>The phases that the server has gone through.</summary>
    public IReadOnlyList<ExecutionPhase> Phases => [.. _phases];

    public static async Task<ProxyHost> StartAsync<TContext>(HttpProxy<TContext> proxy, ProxyHostOptions? options = null)
    {
        options ??= new ProxyHostOptions();
        var directory = options.Unix ? new TemporaryDirectory() : null;
        var service = new ProxyService<TContext>(proxy, new ProxyServiceOptions
        {
            AllowConnect = options.AllowConnect,
            KeepAliveRequestLimit = options.KeepAliveRequests,
            Timeouts = HttpTimeouts.Default with { Write = options.WriteTimeout ?? HttpTimeouts.Default.Write },
        });
        service.AddTcp("127.0.0.1:0");
        if (directory is not null)
            service.AddUnix(directory.File("proxy.sock"));
        var server = new Server(new ServerOptions { Threads = 1, HandleSignals = false });
        var host = new ProxyHost(server, server.Add(service), () => service.BoundEndPoints, directory);
        await host.WaitAsync(Task.WhenAny(host._ready, host._run));
        if (!host._ready.IsCompletedSuccessfully)
            throw new InvalidOperationException($"The proxy ended with exit code {await host._run} before it was ready");
        return host;
    }

    /// <summary>Drops informational responses of the upstream, as far as that is allowed, for one request.</summary>
    public static void IgnoreInformational(Session session) => session.IgnoreInformational = true;

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(EndPoint);

    /// <summary>Stops as SIGTERM does, and returns the exit code.</summary>
    public async Task<int> StopGracefullyAsync()
    {
        await _server.StopAsync(ShutdownKind.Graceful, TestContext.Current.CancellationToken);
        await WaitAsync(_run);
        return await _run;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(ShutdownKind.Fast, CancellationToken.None);
        await WaitAsync(_run);
        await _server.DisposeAsync();
        _directory?.Dispose();
    }

    private Task WaitAsync(Task task) => task.WaitAsync(Limit, TimeProvider.System, CancellationToken.None);
}
