using Microsoft.Extensions.Logging;
using Securely.Log;

namespace Securely.Cli;

/// <summary>The channels of the section <c>log</c>, for the process's own log.</summary>
internal sealed class LogChannels : IAsyncDisposable
{
    private readonly LogManager _manager;
    private readonly SecurelyLoggerProvider _provider;

    private LogChannels(LogManager manager)
    {
        _manager = manager;
        _provider = new SecurelyLoggerProvider(manager.Channel());
    }

    /// <summary>Null when the file has no such section.</summary>
    public static LogChannels? Open(LogChannelsOptions? options, TextWriter error, TimeProvider time) => options is null ? null : new LogChannels(new LogManager(new LogOptions
    {
        Default = options.Default,
        Channels = new Dictionary<string, LogChannelOptions>(options.Channels, StringComparer.Ordinal),
        EmergencyPath = options.Emergency,
        Redact = options.Redact,
        StandardError = error,
        Time = time,
    }));

    public ILogger CreateLogger(string category) => _provider.CreateLogger(category);

    public async ValueTask DisposeAsync()
    {
        _provider.Dispose();
        await _manager.DisposeAsync();
    }
}
