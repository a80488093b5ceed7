using System.Net;
using System.Net.Sockets;
using Securely.Config;
using Securely.Net;

namespace Securely.Cli;

/// <summary>Finds addresses of one file of which only one can be listened on.</summary>
internal static class AddressCollisions
{
    /// <summary>Reports each address that another one of the file has taken, at the later one.</summary>
    /// <param name="root">The file.</param>
    /// <param name="configuration">What was read of it.</param>
    /// <param name="diagnostics">Takes the errors; a place that has one already gets no second one.</param>
    public static void Report(ConfigValue root, SecurelyConfiguration configuration, ConfigDiagnostics diagnostics)
    {
        var known = diagnostics.Items.Where(item => item.Severity == ConfigSeverity.Error).Select(item => item.Origin).ToHashSet();
        var taken = new List<(string Text, EndPoint EndPoint, ConfigOrigin Origin)>();
        foreach (var (path, text) in Addresses(configuration))
        {
            var origin = RouteProblems.Locate(root, path);
            if (known.Contains(origin) || !ListenAddress.TryParse(text, out var endPoint, out _) || endPoint is IPEndPoint { Port: 0 })
                continue;
            var earlier = taken.Find(other => Collide(other.EndPoint, endPoint!));
            if (earlier.Text is null)
                taken.Add((text, endPoint!, origin));
            else
                diagnostics.Error(origin, $"Address [{text}] is taken by [{earlier.Text}] at {earlier.Origin}; choose another {(endPoint is IPEndPoint ? "port" : "path")}");
        }
    }

    private static IEnumerable<(string Path, string Text)> Addresses(SecurelyConfiguration configuration)
    {
        // An address that nobody asked for gives way to the next free one.
        foreach (var (index, listener) in configuration.Listeners.Index().Where(pair => !pair.Item.IsDefault))
            yield return (string.Create(null, $"listeners[{index}].address"), listener.Address);
        if (configuration.Metrics is { } metrics)
            yield return ("metrics.address", metrics.Address);
        foreach (var (key, list) in ((string, IReadOnlyList<string>)[])[("dns.listen", configuration.Dns?.Listen ?? []), ("dns.dot.listen", configuration.Dns?.Dot?.Listen ?? []), ("dns.doh.listen", configuration.Dns?.Doh?.Listen ?? [])])
        {
            foreach (var (index, address) in list.Index())
                yield return (string.Create(null, $"{key}[{index}]"), address);
        }

        if (configuration.ControlSocket is { IsRequired: true } socket)
            yield return (ControlSocketOptions.Key, UnixAddress.Prefix + socket.Path);
    }

    private static bool Collide(EndPoint one, EndPoint other)
    {
        if (one is not IPEndPoint first || other is not IPEndPoint second)
            return one.Equals(other);
        return first.Port == second.Port && (first.Address.Equals(second.Address) || Covers(first.Address, second.Address) || Covers(second.Address, first.Address));
    }

    // [::] takes the addresses of IPv4 too.
    private static bool Covers(IPAddress all, IPAddress one) =>
        all.Equals(IPAddress.IPv6Any) || (all.Equals(IPAddress.Any) && one.AddressFamily == AddressFamily.InterNetwork);
}
