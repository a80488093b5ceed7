using Microsoft.Extensions.Logging;

namespace Securely.Examples;

/// <summary>Warnings and errors on standard error. A program of its own would hand over the logger factory that it has.</summary>
internal sealed class ConsoleLog : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("This log has one place, standard error");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            Console.Error.WriteLine(exception is null ? formatter(state, exception) : $"{formatter(state, exception)}: {exception.Message}");
    }

    public void Dispose()
    {
    }
}
