using Microsoft.Extensions.Logging;

namespace Securely.Proxy;

public sealed partial class AccessLog
{
    [LoggerMessage(3020, LogLevel.Error, "Access log [{Path}] has lost {Lines} lines; it could not be written fast enough")]
    private static partial void LogLost(ILogger logger, string path, long lines);

    [LoggerMessage(3021, LogLevel.Debug, "Access log [{Path}] could not be written: {Reason}")]
    private static partial void LogWriteFailed(ILogger logger, string path, string reason);

    [LoggerMessage(3022, LogLevel.Error, "{Reason}; the access log goes on in the old file")]
    private static partial void LogReopenFailed(ILogger logger, string reason);

    private void ReportLost(bool isLast)
    {
        var now = _time.GetTimestamp();
        var next = Interlocked.Read(ref _nextReport);
        if (!isLast && (now < next || Interlocked.CompareExchange(ref _nextReport, now + _time.TimestampFrequency, next) != next))
            return;
        var lost = DroppedByQueue + DroppedByWrite;
        var more = lost - Interlocked.Exchange(ref _reported, lost);
        if (more > 0)
            LogLost(_logger, _options.Path, more);
    }
}
