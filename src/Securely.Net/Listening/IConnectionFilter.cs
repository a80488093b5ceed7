using System.Net;

namespace Securely.Net;

/// <summary>Decides whether a connection is served, before anything of it is read (LIS-06). It is asked outside of the accept loop, so a slow answer delays its own connection only.</summary>
public interface IConnectionFilter
{
    /// <summary>Decides about one connection. Called on the worker that will own it, concurrently for several connections.</summary>
    /// <param name="remote">The peer; null for a Unix socket's client.</param>
    /// <param name="cancellationToken">Cancelled when the service stops.</param>
    /// <returns>False closes the connection silently.</returns>
    ValueTask<bool> ShouldAcceptAsync(EndPoint? remote, CancellationToken cancellationToken);
}
