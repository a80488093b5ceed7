namespace Securely.Http;

/// <summary>Answers requests. One object serves all requests of a service, on all of its workers at once.</summary>
public interface IHttpHandler
{
    /// <summary>Answers one request. A request that is not answered gets 500.</summary>
    /// <param name="session">The request and its response; used on its worker, and not after the task has ended.</param>
    /// <param name="shutdown">Cancelled when the service begins to stop; the request may still be finished.</param>
    /// <returns>A task that ends when the response has been written.</returns>
    ValueTask HandleAsync(ServerSession session, CancellationToken shutdown);
}
