using Microsoft.Extensions.Logging;

namespace Securely.Hosting;

public sealed partial class Server
{
    [LoggerMessage(5000, LogLevel.Debug, "Phase [{Phase}]")]
    private static partial void LogPhase(ILogger logger, ExecutionPhase phase);

    [LoggerMessage(5001, LogLevel.Error, "A handler of phase [{Phase}] failed")]
    private static partial void LogPhaseHandlerFailed(ILogger logger, ExecutionPhase phase, Exception exception);

    [LoggerMessage(5002, LogLevel.Debug, "Service [{Service}] starts")]
    private static partial void LogStarting(ILogger logger, string service);

    // A wait that nobody notices is not worth a line.
    private static void LogWaited(ILogger logger, string service, TimeSpan time) =>
        LogWaited(logger, time < TimeSpan.FromSeconds(1) ? LogLevel.Debug : LogLevel.Information, service, (long)time.TotalMilliseconds);

    [LoggerMessage(EventId = 5003, Message = "Service [{Service}] waited {Milliseconds} ms for the services that it depends on")]
    private static partial void LogWaited(ILogger logger, LogLevel level, string service, long milliseconds);

    [LoggerMessage(5004, LogLevel.Debug, "Service [{Service}] is ready")]
    private static partial void LogReady(ILogger logger, string service);

    [LoggerMessage(5005, LogLevel.Information, "Service [{Service}] has ended")]
    private static partial void LogEnded(ILogger logger, string service);

    [LoggerMessage(5006, LogLevel.Error, "Service [{Service}] ended before it was ready; the server ends")]
    private static partial void LogEndedBeforeReady(ILogger logger, string service);

    [LoggerMessage(5007, LogLevel.Error, "Service [{Service}] failed before it was ready; the server ends")]
    private static partial void LogFailedBeforeReady(ILogger logger, string service, Exception exception);

    [LoggerMessage(5008, LogLevel.Error, "Service [{Service}] failed; the server ends")]
    private static partial void LogFailed(ILogger logger, string service, Exception exception);

    [LoggerMessage(5009, LogLevel.Error, "Service [{Service}] failed while it was ending")]
    private static partial void LogFailedWhileEnding(ILogger logger, string service, Exception exception);

    [LoggerMessage(5010, LogLevel.Error, "Service [{Service}] failed to take the request to end")]
    private static partial void LogShutdownCallbackFailed(ILogger logger, string service, Exception exception);

    [LoggerMessage(5011, LogLevel.Warning, "Grace period of {Seconds} s is over and [{Services}] have not ended; what they still do is cut off")]
    private static partial void LogGracePeriodOver(ILogger logger, int seconds, string services);

    [LoggerMessage(5012, LogLevel.Error, "Workers of service [{Service}] failed to end")]
    private static partial void LogWorkersFailedToStop(ILogger logger, string service, Exception exception);

    [LoggerMessage(EventId = 5013, Message = "Service [{Service}] has not returned; it is left behind")]
    private static partial void LogLeftBehind(ILogger logger, LogLevel level, string service);

    [LoggerMessage(5014, LogLevel.Information, "{Signal} received: {Kind} shutdown")]
    private static partial void LogShutdownSignal(ILogger logger, string signal, ShutdownKind kind);

    [LoggerMessage(5015, LogLevel.Warning, "{Signal} received again: the graceful shutdown becomes a fast one")]
    private static partial void LogSecondSignal(ILogger logger, string signal);

    [LoggerMessage(5016, LogLevel.Warning, "{Signal} is not available yet")]
    private static partial void LogSignalNotAvailable(ILogger logger, string signal);
}
