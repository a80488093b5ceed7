using Securely.Net;

namespace Securely.Proxy;

/// <summary>What went wrong, whose fault it was, and whether trying again can help.</summary>
/// <param name="kind">What went wrong.</param>
/// <param name="source">Whose fault it was; decides status code and log level.</param>
/// <param name="detail">One sentence for the log.</param>
/// <param name="cause">The exception behind it.</param>
public sealed class ProxyError(ErrorKind kind, ErrorSource source, string? detail = null, Exception? cause = null)
{
    /// <summary>What went wrong.</summary>
    public ErrorKind Kind { get; } = kind;

    /// <summary>Whose fault it was.</summary>
    public ErrorSource Source { get; internal set; } = source;

    /// <summary>Whether trying again can help. A phase of failure may change it.</summary>
    public RetryKind Retry { get; set; }

    /// <summary>One sentence for the log.</summary>
    public string? Detail { get; } = detail;

    /// <summary>The exception behind it.</summary>
    public Exception? Cause { get; private set; } = cause;

    /// <summary>What to answer; null lets <see cref="HttpProxy{TContext}.FailToProxyAsync"/> decide by kind and source.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Whether waiting took too long, rather than something breaking.</summary>
    public bool IsTimeout => Kind is ErrorKind.ConnectTimedOut or ErrorKind.TlsHandshakeTimedOut or ErrorKind.ReadTimedOut or ErrorKind.WriteTimedOut;

    /// <summary>An error that is answered with a status.</summary>
    /// <param name="statusCode">From 400 to 599.</param>
    /// <param name="detail">One sentence for the log.</param>
    /// <returns>The error, of no one's fault but the request's.</returns>
    public static ProxyError Status(int statusCode, string? detail = null) =>
        new(ErrorKind.HttpStatus, ErrorSource.Downstream, detail) { StatusCode = statusCode };

    /// <summary>Adds what was behind it.</summary>
    /// <param name="cause">The exception.</param>
    /// <returns>The same error.</returns>
    public ProxyError Because(Exception cause)
    {
        Cause = cause;
        return this;
    }

    /// <summary>Kind, source and detail, for a log.</summary>
    /// <returns>One line.</returns>
    public override string ToString() => $"{Source} {Kind}{(Detail is null ? null : $": {Detail}")}";
}
