using System.Globalization;

namespace Securely.Dns;

/// <summary>Something that is wrong with a zone, and where.</summary>
/// <param name="File">The file, as it was named.</param>
/// <param name="Line">The line, from 1; 0 for the zone as a whole.</param>
/// <param name="Column">The column, from 1; 0 for a whole line.</param>
/// <param name="Severity">Whether the zone can be used all the same.</param>
/// <param name="Message">What is wrong, with the thing in brackets.</param>
public sealed record ZoneProblem(string File, int Line, int Column, ZoneProblemSeverity Severity, string Message)
{
    /// <summary>The problem as compilers write theirs.</summary>
    /// <returns><c>FILE:LINE:COLUMN: message</c>.</returns>
    public override string ToString()
    {
        var warning = Severity == ZoneProblemSeverity.Warning ? "warning: " : "";
        return string.Create(CultureInfo.InvariantCulture, $"{File}:{Math.Max(Line, 1)}:{Math.Max(Column, 1)}: {warning}{Message}");
    }
}

/// <summary>How bad a problem of a zone is.</summary>
public enum ZoneProblemSeverity
{
    /// <summary>The zone works, but hardly as it is meant.</summary>
    Warning,

    /// <summary>The zone must not be served.</summary>
    Error,
}
