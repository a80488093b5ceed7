using Microsoft.Extensions.Logging;

namespace Securely.Events;

public sealed partial class Dispatcher
{
    [LoggerMessage(6500, LogLevel.Error, "Listener [{Listener}] of event [{Event}] failed")]
    private static partial void LogFailed(ILogger logger, string listener, string @event, Exception exception);
}
