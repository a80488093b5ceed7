using Microsoft.Extensions.Logging;

namespace Securely.Dns.Tests;

/// <summary>Keeps what is logged: the level and the message. One thread at a time.</summary>
internal sealed class LogLines : ILogger
{
    public List<string> Text { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Text.Add($"{logLevel} {formatter(state, exception)}");
}
