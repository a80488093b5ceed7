using Microsoft.Extensions.Logging;

namespace Securely.Proxy;

internal sealed partial class ProxyExchange<TContext>
{
    [LoggerMessage(EventId = 3001, Message = "Request [{Request}] to upstream [{Upstream}] failed: {Error}")]
    private static partial void LogRequestFailed(ILogger logger, LogLevel level, Exception? cause, string request, string upstream, string error);

    [LoggerMessage(3002, LogLevel.Warning, "Try {Try} of request [{Request}] failed and is repeated: {Error}; {Skipped} more since the last such line")]
    private static partial void LogRetry(ILogger logger, int @try, string request, string error, int skipped);

    [LoggerMessage(3003, LogLevel.Error, "Phase [{Phase}] of request [{Request}] failed")]
    private static partial void LogPhaseFailed(ILogger logger, Exception error, string phase, string request);
}
