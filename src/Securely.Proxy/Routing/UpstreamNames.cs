using System.Net;
using System.Net.Sockets;
using Securely.Net;
using Securely.Proxy.LoadBalancing;

namespace Securely.Proxy;

/// <summary>Decides which name the certificates of an upstream's servers have to have.</summary>
internal static class UpstreamNames
{
    /// <summary>Completes the TLS options of an upstream, and adds a problem where nobody could know the name.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <param name="path">Where its TLS options are.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static ClientTls? Complete(UpstreamOptions upstream, string path, List<RouteTableProblem> problems)
    {
        if (upstream.Tls is not { } tls)
            return null;
        Check($"{path}.sni", "Server name", tls.ServerName, upstream.Name, problems);
        Check($"{path}.alternative_cn", "Name", tls.AlternativeName, upstream.Name, problems);
        if (tls.ServerName.Length > 0)
            return tls;
        var servers = Parse(upstream.Servers).ToArray();
        var names = servers.Select(server => server.Host?.TrimEnd('.').ToLowerInvariant()).Distinct().ToArray();
        if (names is [{ } name])
            return tls with { ServerName = name };
        var isAllAddresses = servers.All(server => server.EndPoint is IPEndPoint);
        if (!isAllAddresses && tls is { VerifyCertificate: true, VerifyHostName: true, AlternativeName: null })
        {
            var why = servers.Any(server => server.EndPoint is UnixDomainSocketEndPoint) ? "a Unix socket has no name" : "the servers have different names";
            problems.Add(new RouteTableProblem(path, $"Upstream [{upstream.Name}] does not say which name its certificates have, and {why}; write [sni: NAME]"));
        }

        return tls;
    }

    /// <summary>Servers that are wrong are reported elsewhere.</summary>
    private static IEnumerable<ServerAddress> Parse(IReadOnlyList<BackendOptions> servers)
    {
        foreach (var server in servers)
        {
            ServerAddress address;
            try
            {
                address = ServerAddress.Parse(server.Address);
            }
            catch (FormatException)
            {
                continue;
            }

            yield return address;
        }
    }

    private static void Check(string path, string what, string? name, string upstream, List<RouteTableProblem> problems)
    {
        if (string.IsNullOrEmpty(name) || ServerAddress.IsHostName(name) || IPAddress.TryParse(name, out _))
            return;
        problems.Add(new RouteTableProblem(path, $"{what} [{name}] of upstream [{upstream}] is not a host name; write it without scheme and port, as in [app.internal]"));
    }
}
