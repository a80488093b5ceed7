using System.Collections.Concurrent;
using Securely.Net;

namespace Securely.Network.Tests.Hosting;

/// <summary>A service whose life the test decides; it notes what happens to it in a journal.</summary>
internal sealed class FakeService(string name, ConcurrentQueue<string>? journal = null) : IService
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name { get; } = name;

    public int? Threads { get; init; }

    /// <summary>Whether it is ready as soon as it starts.</summary>
    public bool IsReadyAtOnce { get; init; } = true;

    /// <summary>Whether it returns as soon as it is told to end.</summary>
    public bool ReturnsWhenTold { get; init; } = true;

    public ServiceContext? Context { get; private set; }

    public Task Started => _started.Task;

    public Task Told => _told.Task;

    public async Task RunAsync(ServiceContext context, CancellationToken shutdown)
    {
        Context = context;
        journal?.Enqueue($"{Name} starts");
        await using var registration = shutdown.Register(() =>
        {
            journal?.Enqueue($"{Name} is told");
            _told.TrySetResult();
            if (ReturnsWhenTold)
                _end.TrySetResult();
        });
        if (IsReadyAtOnce)
            MarkReady();
        _started.TrySetResult();
        await _end.Task;
        journal?.Enqueue($"{Name} ends");
    }

    public void MarkReady()
    {
        journal?.Enqueue($"{Name} is ready");
        Context!.MarkReady();
    }

    public void Return() => _end.TrySetResult();

    public void Fail(Exception exception) => _end.TrySetException(exception);
}
