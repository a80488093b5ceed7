using Securely.Http;
using Securely.Proxy;

namespace Securely.Cli;

/// <content>The proxy in front of the sites.</content>
internal sealed partial class Composition
{
    private static ProxyService<RouteContext> CreateFront(SecurelyConfiguration configuration, RouteTable table)
    {
        var server = configuration.Server;
        return new ProxyService<RouteContext>(new ConfiguredProxy(table), new ProxyServiceOptions
        {
            Name = "sites",
            AcceptTasks = server.ListenerTasksPerFd,
            MaxTries = server.MaxRetries,
            Forwarded = configuration.Proxy.Forwarded,
            Connector = new HttpConnectorOptions
            {
                PoolSize = server.UpstreamKeepalivePoolSize,
                SourceAddresses = [.. server.ClientBindToIpv4, .. server.ClientBindToIpv6],
            },
        });
    }

    private static HttpEndpointSettings Settings(ListenerOptions listener) => new(
        new HttpTimeouts
        {
            Header = listener.HeaderTimeout,
            Body = listener.BodyTimeout,
            Write = listener.WriteTimeout,
            Idle = listener.IdleTimeout,
        },
        listener.Limits);
}
