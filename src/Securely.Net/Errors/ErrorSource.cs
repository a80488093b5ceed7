namespace Securely.Net;

/// <summary>Whose fault an error is. It decides the log level and the status code.</summary>
public enum ErrorSource
{
    /// <summary>Not decided yet.</summary>
    Unset,

    /// <summary>The server that the request is forwarded to.</summary>
    Upstream,

    /// <summary>The client that sent the request.</summary>
    Downstream,

    /// <summary>This process.</summary>
    Internal,
}
