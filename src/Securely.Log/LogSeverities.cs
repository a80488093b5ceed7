using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Securely.Log;

/// <summary>Names and numbers of severities.</summary>
public static class LogSeverities
{
    private static readonly LogSeverity[] Values =
    [
        LogSeverity.Debug, LogSeverity.Info, LogSeverity.Notice, LogSeverity.Warning, LogSeverity.Error, LogSeverity.Critical, LogSeverity.Alert, LogSeverity.Emergency,
    ];

    private static readonly string[] Upper = ["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"];

    /// <summary>The names in lower case, from <c>debug</c> to <c>emergency</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

    /// <summary>Reads a name.</summary>
    /// <param name="name">The name; null is none.</param>
    /// <param name="severity">What it names.</param>
    /// <param name="ignoreCase">Whether capitals are taken too.</param>
    /// <returns>False when nothing has that name.</returns>
    public static bool TryParse([NotNullWhen(true)] string? name, out LogSeverity severity, bool ignoreCase = false)
    {
        var comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        for (var i = 0; i < Values.Length; i++)
        {
            if (Names[i].Equals(name, comparison))
            {
                severity = Values[i];
                return true;
            }
        }

        severity = default;
        return false;
    }

    /// <summary>The severity of a level of <see cref="ILogger"/>.</summary>
    /// <param name="level">The level.</param>
    public static LogSeverity Of(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => LogSeverity.Debug,
        LogLevel.Information => LogSeverity.Info,
        LogLevel.Warning => LogSeverity.Warning,
        LogLevel.Error => LogSeverity.Error,
        _ => LogSeverity.Critical,
    };

    extension(LogSeverity severity)
    {
        /// <summary>The name in lower case.</summary>
        public string Name => Names[Index(severity)];

        internal string UpperName => Upper[Index(severity)];

        /// <summary>The number of RFC 5424: 7 for debug to 0 for emergency.</summary>
        internal int SyslogNumber => 7 - Index(severity);
    }

    private static int Index(LogSeverity severity) => Math.Max(0, Array.IndexOf(Values, severity));
}
