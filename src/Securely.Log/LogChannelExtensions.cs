namespace Securely.Log;

/// <summary>One method a severity.</summary>
public static class LogChannelExtensions
{
    extension(LogChannel channel)
    {
        /// <summary>Logs that nothing works.</summary>
        public void Emergency(string message, params IReadOnlyList<KeyValuePair<string, object?>> context) => channel.Log(LogSeverity.Emergency, message, context);

        /// <summary>Logs that somebody must act at once.</summary>
        public void Alert(string message, params IReadOnlyList<KeyValuePair<string, object?>> context) => channel.Log(LogSeverity.Alert, message, context);

        /// <summary>Logs that a part of the program does not work.</summary>
        public void Critical(string message, params IReadOnlyList<KeyValuePair<string, object?>> context) => channel.Log(LogSeverity.Critical, message, context);

        /// <summary>Logs that something failed.</summary>
        public void Error(string message, params IReadOnlyList<KeyValuePair<string, object?>> context) => channel.Log(LogSeverity.Error, message, context);

        /// <summary>Logs that something is not as it should be.</summary>
        public void Warning(string message, params IReadOnlyList<KeyValuePair<string, object?>> context) => channel.Log(LogSeverity.Warning, message, context);

        /// <summary>Logs what is worth knowing.</summary>
        public void Notice(string message, params IReadOnlyList<KeyValuePair<string, object?>> context) => channel.Log(LogSeverity.Notice, message, context);

        /// <summary>Logs that something happened.</summary>
        public void Info(string message, params IReadOnlyList<KeyValuePair<string, object?>> context) => channel.Log(LogSeverity.Info, message, context);

        /// <summary>Logs for whoever looks for a mistake.</summary>
        public void Debug(string message, params IReadOnlyList<KeyValuePair<string, object?>> context) => channel.Log(LogSeverity.Debug, message, context);
    }
}
