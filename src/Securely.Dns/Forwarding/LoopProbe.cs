using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;

namespace Securely.Dns;

/// <summary>
/// Finds upstreams that ask this server again: a name that nobody else can know is asked for, and whoever brings it here has closed the loop.
/// For any thread.
/// </summary>
internal sealed class LoopProbe
{
    private volatile Probe[] _open = [];

    /// <summary>Whether an upstream's address is one of this server's own.</summary>
    internal static bool IsOwn(IPEndPoint upstream, IReadOnlyList<IPEndPoint> own) => own.Any(endPoint =>
        endPoint.Port == upstream.Port
        && (endPoint.Address.Equals(upstream.Address)
            || ((endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any)) && (IPAddress.IsLoopback(upstream.Address) || IsOfMachine(upstream.Address)))));

    /// <summary>Whether a question is one of ours that has come back; its upstream is not asked any more then. Costs nothing while there are none.</summary>
    internal bool Recognizes(NameKey name)
    {
        var open = _open;
        for (var i = 0; i < open.Length; i++)
        {
            if (!name.Lower.SequenceEqual(open[i].Key.Name))
                continue;
            open[i].Forwarder.FoundLoop(open[i].Upstream);
            return true;
        }

        return false;
    }

    /// <summary>Asks one upstream for a name of its own.</summary>
    /// <remarks>Nobody does so who knows the answer, or while somebody else does. It is called on the lane's worker.</remarks>
    internal async ValueTask ProbeAsync(Forwarder forwarder, UpstreamState upstream, ForwardLane lane)
    {
        if (!upstream.TryBeginProof())
            return;
        var hasAnswered = false;
        var name = DomainName.Parse(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10)) + ".loop.securely");
        var probe = new Probe(ForwardKey.Of(name, RecordType.Hinfo), forwarder, upstream);
        Change(open => [.. open, probe]);
        try
        {
            using var deadline = new CancellationTokenSource(forwarder.Recursion.Options.Timeout * 2, lane.Worker.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, lane.Stopping);
            await lane.ExchangeOf(upstream).AskAsync(probe.Key, both.Token);
            hasAnswered = true;
        }
        catch (Exception error) when (ForwardLane.IsExpected(error))
        {
            // Whether it answers is another matter; it may come up later than this server.
        }
        finally
        {
            Change(open => [.. open.Where(other => !ReferenceEquals(other, probe))]);
            upstream.EndProof(hasAnswered);
        }
    }

    private void Change(Func<Probe[], Probe[]> change)
    {
        while (true)
        {
            var before = _open;
#pragma warning disable CS0420 // Interlocked is volatile itself.
            if (ReferenceEquals(Interlocked.CompareExchange(ref _open, change(before), before), before))
                return;
#pragma warning restore CS0420
        }
    }

    private static bool IsOfMachine(IPAddress address) =>
        NetworkInterface.GetAllNetworkInterfaces().Any(link => link.GetIPProperties().UnicastAddresses.Any(unicast => unicast.Address.Equals(address)));

    private sealed record Probe(ForwardKey Key, Forwarder Forwarder, UpstreamState Upstream);
}
