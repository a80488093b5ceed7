using Microsoft.Extensions.Logging;

namespace Securely.Proxy.LoadBalancing;

public sealed partial class LoadBalancer
{
    [LoggerMessage(3100, LogLevel.Warning, "Upstream [{Upstream}] could not be updated: {Problem}")]
    private static partial void LogUpdateFailed(ILogger logger, string upstream, string problem);

    [LoggerMessage(3101, LogLevel.Information, "Upstream [{Upstream}] now has the backends [{Backends}]")]
    private static partial void LogBackendsChanged(ILogger logger, string upstream, string backends);

    [LoggerMessage(3102, LogLevel.Warning, "Server [{Backend}] of upstream [{Upstream}] is not healthy: {Problem}")]
    internal static partial void LogUnhealthy(ILogger logger, string upstream, Backend backend, string problem);

    [LoggerMessage(3103, LogLevel.Information, "Server [{Backend}] of upstream [{Upstream}] is healthy again")]
    internal static partial void LogHealthy(ILogger logger, string upstream, Backend backend);
}
