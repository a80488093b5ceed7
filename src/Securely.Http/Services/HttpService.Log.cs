using Microsoft.Extensions.Logging;

namespace Securely.Http;

public partial class HttpService
{
    [LoggerMessage(2001, LogLevel.Error, "Request [{Method} {Path}] failed in its handler")]
    private static partial void LogHandlerFailed(ILogger logger, Exception error, string method, string path);
}
