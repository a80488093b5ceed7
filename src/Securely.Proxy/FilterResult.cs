namespace Securely.Proxy;

/// <summary>Whether a filter lets the request go on.</summary>
public enum FilterResult
{
    /// <summary>The request goes on.</summary>
    Continue,

    /// <summary>The filter has answered the request; only the logging phase follows.</summary>
    Responded,
}
