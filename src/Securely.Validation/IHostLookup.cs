using System.Net;
using System.Net.Sockets;

namespace Securely.Validation;

/// <summary>Asks the network about names; for <c>active_url</c> and <c>email:dns</c>. Must be thread-safe.</summary>
public interface IHostLookup
{
    /// <summary>Whether a host name has an address (A or AAAA). False, not an exception, when it has none.</summary>
    ValueTask<bool> HasAddressAsync(string host, CancellationToken cancellationToken);

    /// <summary>Whether mail for a domain can be delivered: it has an MX that is not the null MX, else an address (RFC 5321 section 5.1).</summary>
    ValueTask<bool> AcceptsMailAsync(string domain, CancellationToken cancellationToken);
}

/// <summary>The system's resolver. It knows addresses only, so a domain accepts mail when it has an address.</summary>
internal sealed class SystemHostLookup : IHostLookup
{
    public static readonly SystemHostLookup Instance = new();

    public async ValueTask<bool> HasAddressAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return (await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false)).Length > 0;
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            return false;
        }
    }

    public ValueTask<bool> AcceptsMailAsync(string domain, CancellationToken cancellationToken) => HasAddressAsync(domain, cancellationToken);
}
