using System.Net;
using Securely.Config;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>Reads <c>trusted_proxies</c>: whose X-Forwarded-For decides who the client is.</summary>
internal static class TrustedProxiesSection
{
    public const string Name = "trusted_proxies";

    public static TrustedProxies Read(SectionReader root)
    {
        var networks = new List<IPNetwork>();
        var unix = false;
        foreach (var item in root.Items(Name))
        {
            if (item.Text == TrustedProxies.Unix)
                unix = true;
            else if (TrustedProxies.TryParse(item.Text, out var network, out var error))
                networks.Add(network);
            else
                root.Diagnostics.Error(item.Origin, $"[{Name}]: {error}");
        }

        return networks.Count == 0 && !unix ? TrustedProxies.None : new TrustedProxies(networks, unix);
    }
}
