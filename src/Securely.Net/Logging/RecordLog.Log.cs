using Microsoft.Extensions.Logging;

namespace Securely.Net;

public sealed partial class RecordLog
{
    [LoggerMessage(1050, LogLevel.Error, "{Log} [{Path}] has lost {Lines} lines; it could not be written fast enough")]
    private static partial void LogLost(ILogger logger, string log, string path, long lines);

    [LoggerMessage(1051, LogLevel.Debug, "{Log} [{Path}] could not be written: {Reason}")]
    private static partial void LogWriteFailed(ILogger logger, string log, string path, string reason);

    [LoggerMessage(1052, LogLevel.Error, "{Reason}; the {Log} goes on in the old file")]
    private static partial void LogReopenFailed(ILogger logger, string reason, string log);

    private void ReportLost(bool isLast)
    {
        var now = _time.GetTimestamp();
        var next = Interlocked.Read(ref _nextReport);
        if (!isLast && (now < next || Interlocked.CompareExchange(ref _nextReport, now + _time.TimestampFrequency, next) != next))
            return;
        var lost = DroppedByQueue + DroppedByWrite;
        var more = lost - Interlocked.Exchange(ref _reported, lost);
        if (more > 0)
            LogLost(_logger, _options.Name, _options.Path, more);
    }
}
