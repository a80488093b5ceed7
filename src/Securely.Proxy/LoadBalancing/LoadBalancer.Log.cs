using Microsoft.Extensions.Logging;

namespace Securely.Proxy.LoadBalancing;

public sealed partial class LoadBalancer
{
    [LoggerMessage(3100, LogLevel.Warning, "Upstream [{Upstream}] could not be updated: {Problem}")]
    private static partial void LogUpdateFailed(ILogger logger, string upstream, string problem);

    [LoggerMessage(3101, LogLevel.Information, "Upstream [{Upstream}] now has the backends [{Backends}]")]
    private static partial void LogBackendsChanged(ILogger logger, string upstream, string backends);
}
