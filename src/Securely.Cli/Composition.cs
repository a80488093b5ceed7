using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Securely.Hosting;
using Securely.Net;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>A server with all services of a configuration: where the libraries meet.</summary>
internal sealed partial class Composition : IAsyncDisposable
{
    private readonly ListeningService _front;
    private readonly ServiceHandle _handle;

    private Composition(Server server, ListeningService front, ServiceHandle handle)
    {
        Server = server;
        _front = front;
        _handle = handle;
    }

    /// <summary>Runs everything; not started yet.</summary>
    public Server Server { get; }

    /// <summary>Ends when all addresses listen; fails when one of them cannot.</summary>
    public Task Ready => _handle.Ready;

    /// <summary>Where it listens, once ready: <c>http://ADDRESS/</c>, or <c>unix:/path</c>, in the order of the configuration.</summary>
    public IReadOnlyList<string> Addresses => [.. _front.BoundEndPoints.Select(Describe)];

    /// <summary>Builds the services of a configuration and resolves the names of its servers.</summary>
    /// <param name="configuration">A configuration without errors.</param>
    /// <param name="log">Where the services log to.</param>
    /// <param name="time">The clock of the services.</param>
    /// <param name="cancellationToken">Gives up resolving.</param>
    /// <exception cref="RouteTableException">A name does not resolve.</exception>
    public static async Task<Composition> BuildAsync(
        SecurelyConfiguration configuration, ILoggerFactory log, TimeProvider time, CancellationToken cancellationToken)
    {
        var table = await ConfiguredProxy.BuildTableAsync(configuration.Proxy, cancellationToken);
        var front = CreateFront(configuration, table);
        foreach (var listener in configuration.Listeners)
            Listen(front, listener);
        var server = new Server(configuration.Server, log, time);
        // A name that changes is followed by the balancer itself, which has to run for that.
        foreach (var upstream in table.Upstreams.Where(upstream => upstream.Balancer.UpdateInterval is not null))
            server.Add(upstream.Balancer);
        return new Composition(server, front, server.Add(front));
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static void Listen(ListeningService front, ListenerOptions listener)
    {
        var settings = Settings(listener);
        if (listener.UnixPath is { } path)
            front.AddUnix(path, settings: settings);
        else if (listener.IsDefault)
            front.AddTcp(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort.AtOrAfter(IPAddress.Loopback, 8080)}"), settings: settings);
        else
            front.AddTcp(listener.Address, settings: settings);
    }

    private static string Describe(EndPoint endPoint) => endPoint is UnixDomainSocketEndPoint ? UnixAddress.Prefix + endPoint : $"http://{endPoint}/";
}
