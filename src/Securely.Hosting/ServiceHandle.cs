using Securely.Net;

namespace Securely.Hosting;

/// <summary>A service of a server, handed out by <see cref="Server.Add"/>.</summary>
public sealed class ServiceHandle
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ServiceHandle(ServiceGraph graph, int index, IService service)
    {
        Graph = graph;
        Index = index;
        Service = service;
        Name = service.Name;
    }

    /// <summary>The service's name when it was added.</summary>
    public string Name { get; }

    /// <summary>The service.</summary>
    public IService Service { get; }

    /// <summary>
    /// Ends when the service has called <see cref="ServiceContext.MarkReady"/>. Fails with an
    /// <see cref="InvalidOperationException"/> when the service ended before, or was never started. Any thread may wait.
    /// </summary>
    public Task Ready => _ready.Task;

    internal ServiceGraph Graph { get; }

    internal int Index { get; }

    /// <summary>Starts this service only after the other one is ready, and ends it before the other one (SRV-13).</summary>
    /// <param name="other">A service of the same server.</param>
    /// <exception cref="ArgumentException">The other one is of another server.</exception>
    /// <exception cref="InvalidOperationException">The services would wait for each other, or the server has been started.</exception>
    public void AddDependency(ServiceHandle other) => Graph.AddDependency(this, other);

    /// <summary>Starts this service only after all others are ready, and ends it before them (SRV-13).</summary>
    /// <param name="others">Services of the same server.</param>
    /// <exception cref="ArgumentException">One is of another server.</exception>
    /// <exception cref="InvalidOperationException">The services would wait for each other, or the server has been started.</exception>
    public void AddDependencies(params ReadOnlySpan<ServiceHandle> others)
    {
        foreach (var other in others)
            AddDependency(other);
    }

    /// <summary>Marks the service ready; only the first call counts.</summary>
    internal bool MarkReady() => _ready.TrySetResult();

    /// <summary>Marks the service as one that will never be ready; without effect when it is.</summary>
    internal void MarkNeverReady(Exception? cause)
    {
        if (_ready.TrySetException(new InvalidOperationException($"Service [{Name}] ended before it was ready", cause)))
            _ = _ready.Task.Exception; // looked at, so that nobody is told of an exception that nobody waits for
    }
}
