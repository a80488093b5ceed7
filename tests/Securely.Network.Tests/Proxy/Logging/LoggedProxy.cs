using System.Text;
using Securely.Net;
using Securely.Network.Tests.Hosting;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Logging;

/// <summary>A configured proxy in front of one origin, with an access log into a file of its own.</summary>
internal sealed class LoggedProxy : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;

    private LoggedProxy(TemporaryDirectory directory) => _directory = directory;

    public required RunningHttp Host { get; init; }

    public required AccessLog Log { get; init; }

    public required string Path { get; init; }

    public required RecordedLog Errors { get; init; }

    public required MetricsRegistry Metrics { get; init; }

    /// <summary>Starts a proxy whose site app.test sends /app to the origin and answers /health itself.</summary>
    /// <param name="origin">The upstream's server.</param>
    /// <param name="options">The log; a file of its own when the path is empty.</param>
    /// <param name="time">The clock of everything.</param>
    /// <param name="threads">How many workers.</param>
    /// <param name="trusted">Trusted proxies.</param>
    /// <param name="output">What stands for standard output.</param>
    public static async Task<LoggedProxy> StartAsync(
        string origin, AccessLogOptions? options = null, TimeProvider? time = null, int threads = 1, TrustedProxies? trusted = null, Stream? output = null)
    {
        var directory = new TemporaryDirectory();
        var errors = new RecordedLog();
        var metrics = new MetricsRegistry();
        options ??= new AccessLogOptions { Path = "" };
        var path = options.Path.Length > 0 ? options.Path : directory.File("access.log");
        var log = new AccessLog(options with { Path = path }, errors, time, output);
        var table = await ConfiguredProxy.BuildTableAsync(
            new ProxyConfiguration
            {
                Upstreams = [new UpstreamOptions { Name = "app", Servers = [new BackendOptions(origin)] }],
                Sites =
                [
                    new SiteOptions
                    {
                        Hosts = ["app.test"],
                        Routes = [new RouteOptions { Path = "/health", Respond = new RespondOptions(200, "ok") }, new RouteOptions { Path = "/app/*", Upstream = "app" }],
                    },
                ],
            },
            metrics,
            TestContext.Current.CancellationToken);
        var service = new ProxyService<RouteContext>(new ConfiguredProxy(table), new ProxyServiceOptions { AccessLog = log, TrustedProxies = trusted ?? TrustedProxies.None });
        service.AddTcp("127.0.0.1:0");
        service.AddUnix(directory.File("proxy.sock"));
        var host = await RunningHttp.StartAsync(service, threads, time, listens: true, metrics);
        return new LoggedProxy(directory) { Host = host, Log = log, Path = path, Errors = errors, Metrics = metrics };
    }

    /// <summary>Sends a request on a connection of its own.</summary>
    public async Task<RawResponse> SendAsync(string request)
    {
        await using var client = await Host.ConnectAsync();
        return await client.ExchangeAsync(request);
    }

    /// <summary>Sends a request and waits for its line, which is written a moment after the response has gone.</summary>
    public async Task LogAsync(string request)
    {
        var before = Log.Lines;
        await SendAsync(request);
        while (Log.Lines == before)
            await Log.FlushAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The lines of the file, once everything that has ended is written. The proxy is stopped first, so that all requests have ended.</summary>
    public async Task<string[]> EndAsync()
    {
        await Host.ShutDownAsync();
        await Host.WhenStoppedAsync();
        Log.Dispose();
        return Read();
    }

    /// <summary>The lines of the file as they are now, each as text of one character a byte.</summary>
    public string[] Read() => Encoding.Latin1.GetString(File.ReadAllBytes(Path)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Log.Dispose();
        _directory.Dispose();
    }
}
