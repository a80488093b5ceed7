namespace Securely.Proxy;

/// <summary>Whether trying again can help.</summary>
public enum RetryKind
{
    /// <summary>The request fails.</summary>
    Never,

    /// <summary>Only when the connection had served a request before: it may have been closed while it was idle.</summary>
    OnReusedConnection,

    /// <summary>The request is tried again, within <c>max_retries</c>.</summary>
    Always,
}
