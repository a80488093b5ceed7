namespace Securely.Net;

/// <summary>An error of the transport, with its kind and whose fault it is.</summary>
/// <param name="kind">What failed.</param>
/// <param name="message">One sentence that names the thing in brackets.</param>
/// <param name="source">Whose fault it is; <see cref="ErrorSource.Unset"/> until a layer knows.</param>
/// <param name="innerException">The cause, if there is one.</param>
public sealed class NetException(NetErrorKind kind, string message, ErrorSource source = ErrorSource.Unset, Exception? innerException = null)
    : IOException(message, innerException)
{
    /// <summary>What failed.</summary>
    public NetErrorKind Kind { get; } = kind;

    /// <summary>Whose fault it is.</summary>
    public ErrorSource Origin { get; } = source;

    /// <summary>The connection that it happened on; null when it happened before there was one.</summary>
    public Connection? Connection { get; init; }

    /// <summary>Whether waiting took too long, rather than something breaking.</summary>
    public bool IsTimeout => Kind is NetErrorKind.ConnectTimedOut or NetErrorKind.TlsHandshakeTimedOut or NetErrorKind.ReadTimedOut or NetErrorKind.WriteTimedOut;
}
