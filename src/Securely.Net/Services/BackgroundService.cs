namespace Securely.Net;

/// <summary>A service without connections: a loop, a refresher, a queue worker (SVC-04). It has one worker unless told otherwise.</summary>
/// <param name="name">The service's name.</param>
/// <param name="work">What runs, on the first worker, until its token is cancelled. It is ready when it first suspends or calls MarkReady.</param>
/// <param name="threads">How many workers. Default: 1.</param>
public sealed class BackgroundService(string name, Func<ServiceContext, CancellationToken, Task> work, int threads = 1) : IService
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public int? Threads { get; } = threads;

    /// <inheritdoc/>
    public async Task RunAsync(ServiceContext context, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Workers.Start();
        try
        {
            await context.Workers.Workers[0].RunAsync(async () =>
            {
                var running = work(context, shutdown);
                context.MarkReady();
                await running;
            });
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            // The work ended because it was told to.
        }
    }
}
