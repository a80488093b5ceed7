using Microsoft.Extensions.Logging;

namespace Securely.Net;

public sealed partial class CertificateReloader
{
    [LoggerMessage(1040, LogLevel.Information, "{Certificate} was read again; it is valid until {NotAfter:yyyy-MM-dd HH:mm} UTC")]
    private static partial void LogReloaded(ILogger logger, ServerCertificate certificate, DateTimeOffset notAfter);

    [LoggerMessage(1041, LogLevel.Error, "{Certificate} has changed but cannot be used, so the old one stays: {Reason}")]
    private static partial void LogRefused(ILogger logger, ServerCertificate certificate, string reason);

    [LoggerMessage(1042, LogLevel.Warning, "{Warning}")]
    private static partial void LogWarning(ILogger logger, string warning);
}
