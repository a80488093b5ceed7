using Microsoft.Extensions.Logging;

namespace Securely.Net;

#pragma warning disable CS1591

public interface IService
{
    string Name { get; }

    int? Threads => null;

    Task RunAsync(ServiceContext context, CancellationToken shutdown);
}

public sealed class ServiceContext(ILogger logger, TimeProvider time, Action markReady)
{
    public ILogger Logger { get; } = logger;

    public TimeProvider Time { get; } = time;

    public void MarkReady() => markReady();
}

public sealed class Worker
{
    public static Worker? Current => null;

    public int Index { get; }
}
