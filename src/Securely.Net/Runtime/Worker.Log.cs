using Microsoft.Extensions.Logging;

namespace Securely.Net;

public sealed partial class Worker
{
    [LoggerMessage(1001, LogLevel.Warning, "Worker [{Worker}] was busy for {Elapsed} ms in one turn, last in [{Activity}]; something blocks it")]
    private static partial void LogSlowTurn(ILogger logger, string worker, long elapsed, string activity);

    [LoggerMessage(1002, LogLevel.Error, "Worker [{Worker}] caught an error that no request owns")]
    private static partial void LogCallbackFailed(ILogger logger, Exception error, string worker);

    [LoggerMessage(1003, LogLevel.Critical, "Worker [{Worker}] failed")]
    private static partial void LogWorkerFailed(ILogger logger, Exception error, string worker);
}
