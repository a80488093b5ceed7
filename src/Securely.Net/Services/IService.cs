namespace Securely.Net;

/// <summary>Something the server runs until shutdown: a listener, a worker, a timer.</summary>
/// <remarks>
/// Life: 1. constructed and added to a server; 2. <see cref="RunAsync"/> is called once, when everything it depends on is ready;
/// 3. it calls <see cref="ServiceContext.MarkReady"/>; 4. <c>shutdown</c> is cancelled: it stops taking new work, closes what is idle and lets the
/// rest finish; 5. it returns, or its workers are stopped under it when the grace period is over.
/// </remarks>
public interface IService
{
    /// <summary>The name in logs and the beginning of its threads' names.</summary>
    string Name { get; }

    /// <summary>How many workers; null for the configuration's <c>threads</c>. Workers are never shared with other services.</summary>
    int? Threads => null;

    /// <summary>Runs until shutdown. Returning earlier, or failing, ends the service.</summary>
    /// <param name="context">What it may use.</param>
    /// <param name="shutdown">Cancelled when it shall end.</param>
    /// <returns>A task that ends with the service.</returns>
    Task RunAsync(ServiceContext context, CancellationToken shutdown);
}
