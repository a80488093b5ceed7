namespace Securely.Http;

/// <summary>What a request asks its connection to become, which decides the HTTP version that can carry it to an upstream.</summary>
public enum UpgradeKind
{
    /// <summary>Nothing: any version carries it.</summary>
    None,

    /// <summary>A WebSocket: HTTP/1.1 carries it, and HTTP/2 where the settings of the upstream allow extended CONNECT (RFC 8441 3).</summary>
    WebSocket,

    /// <summary>Another protocol: only HTTP/1.1 carries it.</summary>
    Other,
}
