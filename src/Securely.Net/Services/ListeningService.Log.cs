using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Securely.Net;

public partial class ListeningService
{
    [LoggerMessage(1010, LogLevel.Error, "Listener [{Address}] cannot accept ({Error}); trying again every 100 ms, {Skipped} more attempts since the last such line")]
    private static partial void LogAcceptFailed(ILogger logger, string address, SocketError error, int skipped);

    [LoggerMessage(1011, LogLevel.Debug, "Connection [{Remote}] ended with an error of the transport")]
    private static partial void LogConnectionEnded(ILogger logger, Exception error, EndPoint? remote);

    [LoggerMessage(1012, LogLevel.Error, "Connection [{Remote}] ended with an error that its handler did not catch")]
    private static partial void LogConnectionFailed(ILogger logger, Exception error, EndPoint? remote);

    [LoggerMessage(1013, LogLevel.Warning, "The limit of [{Maximum}] connections is reached: {Events} have been refused or have made room since the last such line; peer [{Heaviest}] holds most, {Held}")]
    private static partial void LogLimitReached(ILogger logger, int maximum, long events, string heaviest, int held);

    [LoggerMessage(1014, LogLevel.Warning, "The limit of [{Maximum}] connections is more than the open files of this process allow, about {Allowed}; raise them (ulimit -Hn, or LimitNOFILE of systemd), or accepts will fail before it is reached")]
    private static partial void LogLimitTooHigh(ILogger logger, int maximum, int allowed);
}
