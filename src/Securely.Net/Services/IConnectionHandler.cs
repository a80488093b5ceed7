namespace Securely.Net;

/// <summary>Serves connections. One object serves all connections of a service, on all of its workers.</summary>
public interface IConnectionHandler
{
    /// <summary>Serves one connection. It is closed when the task ends.</summary>
    /// <param name="connection">The connection; used on its worker only.</param>
    /// <param name="shutdown">Cancelled when the service begins to stop.</param>
    /// <returns>A task that ends with the connection.</returns>
    ValueTask HandleAsync(Connection connection, CancellationToken shutdown);
}
