using Microsoft.Extensions.Logging;
using Securely.Config;
using Securely.Dns;
using Securely.Events;
using Securely.Hosting;
using Securely.Net;

namespace Securely.Cli;

/// <summary>Puts the control service of a server together: here the commands of all components are registered.</summary>
internal static partial class ControlSetup
{
    /// <summary>Makes the data directory when the socket is in it.</summary>
    /// <returns>False when that fails and nobody asked for the socket: the server runs without.</returns>
    /// <exception cref="CliException">It fails and somebody asked.</exception>
    public static bool TryPrepare(SecurelyConfiguration configuration, ControlSocketOptions socket, ILoggerFactory log)
    {
        if (Path.GetDirectoryName(socket.Path) != configuration.DataDirectory)
            return true;
        try
        {
            DataDirectory.Create(configuration.DataDirectory);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (socket.IsRequired)
                throw new CliException(DataDirectory.CannotBeMade(configuration.DataDirectory, error));
            LogNoDirectory(log.CreateLogger(typeof(ControlSetup).FullName!), configuration.DataDirectory, FailureText.Of(error));
            return false;
        }
    }

    public static ControlService Build(
        ControlSocketOptions socket, Server server, IStatusSource status, ProcessLog log, Monitoring monitoring, Dispatcher events, TimeProvider time, DnsServer? dns, ZoneKeeper? keeper) => new(
        new ControlServiceOptions { Path = socket.Path, IsRequired = socket.IsRequired },
        new StatusControlCommand(status),
        new StopControlCommand(server, status, log.CreateLogger(typeof(StopControlCommand).FullName!), time),
        new EventsDispatchControlCommand(events),
        new EventsListControlCommand(events),
        new EventsListenControlCommand(events, time),
        new LogLevelControlCommand(log.Levels),
        new LogTailControlCommand(log.Tail),
        new LogReopenControlCommand(log.ReopenAsync, () => ReopenAsync(monitoring.AccessLog is { } accessLog ? accessLog.ReopenAsync : null), () => ReopenAsync(monitoring.QueryLog is { } queryLog ? queryLog.ReopenAsync : null)),
        new SettingsChangedControlCommand(log.CreateLogger(SettingsChangedControlCommand.Category)),
        new DnsRecordsControlCommand(keeper),
        new DnsZonesControlCommand(dns?.Catalog, keeper),
        new DnsQueryControlCommand(dns, time),
        new DnsFlushControlCommand(dns));

    private static async Task<string?> ReopenAsync(Func<CancellationToken, Task<string?>>? reopen)
    {
        try
        {
            return reopen is null ? null : await reopen(CancellationToken.None);
        }
        catch (IOException error)
        {
            throw new CliException(error.Message);
        }
    }

    [LoggerMessage(9001, LogLevel.Warning, "The data directory [{Path}] cannot be made: {Reason}; the server runs without a control socket, so nobody can ask for its status; choose another [data_dir]")]
    private static partial void LogNoDirectory(ILogger logger, string path, string reason);
}
