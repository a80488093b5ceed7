using Microsoft.Extensions.Logging;

namespace Securely.Log;

/// <summary>
/// Brings the messages of <see cref="ILogger"/> to a channel: the category is added to the context as <c>category</c>, the values of a message under their names, an
/// exception as <c>exception</c>, and what scopes hold as well.
/// </summary>
/// <param name="channel">Where they go.</param>
[ProviderAlias("Securely")]
public sealed class SecurelyLoggerProvider(LogChannel channel) : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <inheritdoc/>
    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    /// <summary>Does nothing: the channel belongs to its manager.</summary>
    public void Dispose()
    {
    }

    private sealed class Logger(SecurelyLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => provider._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && provider.Channel.IsEnabled(LogSeverities.Of(logLevel));

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            var context = new List<KeyValuePair<string, object?>> { new("category", category) };
            if (eventId.Id != 0)
                context.Add(new("event", eventId.Id));
            provider._scopes.ForEachScope(static (scope, values) => Add(values, scope), context);
            Add(context, state);
            if (exception is not null)
                context.Add(new("exception", exception));
            provider.Channel.Log(LogSeverities.Of(logLevel), Text(state, exception, formatter), context);
        }

        /// <summary>What the formatter makes of the state, unless the state has a secret, which the formatter knows nothing of.</summary>
        private string Text<TState>(TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is not IEnumerable<KeyValuePair<string, object?>> values)
                return formatter(state, exception);
            var all = values as IReadOnlyList<KeyValuePair<string, object?>> ?? [.. values];
            var safe = provider.Channel.Redaction.Apply(all);
            return ReferenceEquals(safe, all) ? formatter(state, exception) : StructuredMessage.Write(safe) ?? StructuredMessage.Without(formatter(state, exception), all, safe);
        }

        private static void Add(List<KeyValuePair<string, object?>> context, object? state)
        {
            if (state is not IEnumerable<KeyValuePair<string, object?>> values)
                return;
            foreach (var entry in values)
            {
                if (entry.Key == StructuredMessage.Template)
                    continue;
                var at = context.FindIndex(other => other.Key == entry.Key);
                if (at < 0)
                    context.Add(entry);
                else
                    context[at] = entry;
            }
        }
    }

    private LogChannel Channel { get; } = channel;
}
