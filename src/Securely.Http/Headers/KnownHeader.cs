namespace Securely.Http;

/// <summary>
/// A header name that is recognised by its length and bytes, whatever its case, without a string being made.
/// </summary>
/// <remarks>
/// The names that framing and forwarding ask for come first, so that one 64-bit word tells whether any of them is present.
/// Numbers are not stable between versions: store the name, not the number.
/// </remarks>
public enum KnownHeader : byte
{
    /// <summary>Any name that is not in this list.</summary>
    Unknown = 0,

    /// <summary>The <c>Connection</c> field.</summary>
    Connection,

    /// <summary>The <c>Content-Length</c> field.</summary>
    ContentLength,

    /// <summary>The <c>Host</c> field.</summary>
    Host,

    /// <summary>The <c>Transfer-Encoding</c> field.</summary>
    TransferEncoding,

    /// <summary>The <c>Keep-Alive</c> field.</summary>
    KeepAlive,

    /// <summary>The <c>Proxy-Connection</c> field.</summary>
    ProxyConnection,

    /// <summary>The <c>Proxy-Authenticate</c> field.</summary>
    ProxyAuthenticate,

    /// <summary>The <c>Proxy-Authorization</c> field.</summary>
    ProxyAuthorization,

    /// <summary>The <c>TE</c> field.</summary>
    TE,

    /// <summary>The <c>Trailer</c> field.</summary>
    Trailer,

    /// <summary>The <c>Upgrade</c> field.</summary>
    Upgrade,

    /// <summary>The <c>Expect</c> field.</summary>
    Expect,

    /// <summary>The <c>Date</c> field.</summary>
    Date,

    /// <summary>The <c>Server</c> field.</summary>
    Server,

    /// <summary>The <c>Forwarded</c> field.</summary>
    Forwarded,

    /// <summary>The <c>X-Forwarded-For</c> field.</summary>
    XForwardedFor,

    /// <summary>The <c>X-Forwarded-Host</c> field.</summary>
    XForwardedHost,

    /// <summary>The <c>X-Forwarded-Proto</c> field.</summary>
    XForwardedProto,

    /// <summary>The <c>X-Forwarded-Port</c> field.</summary>
    XForwardedPort,

    /// <summary>The <c>X-Real-IP</c> field.</summary>
    XRealIp,

    /// <summary>The <c>Via</c> field.</summary>
    Via,

    /// <summary>The <c>Authorization</c> field.</summary>
    Authorization,

    /// <summary>The <c>Cookie</c> field.</summary>
    Cookie,

    /// <summary>The <c>Set-Cookie</c> field.</summary>
    SetCookie,

    /// <summary>The <c>Content-Type</c> field.</summary>
    ContentType,

    /// <summary>The <c>Content-Encoding</c> field.</summary>
    ContentEncoding,

    /// <summary>The <c>Content-Range</c> field.</summary>
    ContentRange,

    /// <summary>The <c>Location</c> field.</summary>
    Location,

    /// <summary>The <c>Max-Forwards</c> field.</summary>
    MaxForwards,

    /// <summary>The <c>HTTP2-Settings</c> field.</summary>
    Http2Settings,

    /// <summary>The <c>Proxy-Authentication-Info</c> field.</summary>
    ProxyAuthenticationInfo,

    /// <summary>The <c>Accept-Encoding</c> field.</summary>
    AcceptEncoding,

    /// <summary>The <c>Cache-Control</c> field.</summary>
    CacheControl,

    /// <summary>The <c>Age</c> field.</summary>
    Age,

    /// <summary>The <c>Expires</c> field.</summary>
    Expires,

    /// <summary>The <c>ETag</c> field.</summary>
    ETag,

    /// <summary>The <c>Last-Modified</c> field.</summary>
    LastModified,

    /// <summary>The <c>Vary</c> field.</summary>
    Vary,

    /// <summary>The <c>If-Match</c> field.</summary>
    IfMatch,

    /// <summary>The <c>If-Modified-Since</c> field.</summary>
    IfModifiedSince,

    /// <summary>The <c>If-None-Match</c> field.</summary>
    IfNoneMatch,

    /// <summary>The <c>If-Range</c> field.</summary>
    IfRange,

    /// <summary>The <c>If-Unmodified-Since</c> field.</summary>
    IfUnmodifiedSince,

    /// <summary>The <c>Range</c> field.</summary>
    Range,

    /// <summary>The <c>Accept-Ranges</c> field.</summary>
    AcceptRanges,

    /// <summary>The <c>WWW-Authenticate</c> field.</summary>
    WwwAuthenticate,

    /// <summary>The <c>Retry-After</c> field.</summary>
    RetryAfter,

    /// <summary>The <c>User-Agent</c> field.</summary>
    UserAgent,

    /// <summary>The <c>Accept</c> field.</summary>
    Accept,

    /// <summary>The <c>Referer</c> field.</summary>
    Referer,

    /// <summary>The <c>Origin</c> field.</summary>
    Origin,

    /// <summary>The <c>X-Request-Id</c> field.</summary>
    XRequestId,

    /// <summary>The <c>Accept-Charset</c> field.</summary>
    AcceptCharset,

    /// <summary>The <c>Accept-Language</c> field.</summary>
    AcceptLanguage,

    /// <summary>The <c>Access-Control-Allow-Credentials</c> field.</summary>
    AccessControlAllowCredentials,

    /// <summary>The <c>Access-Control-Allow-Headers</c> field.</summary>
    AccessControlAllowHeaders,

    /// <summary>The <c>Access-Control-Allow-Methods</c> field.</summary>
    AccessControlAllowMethods,

    /// <summary>The <c>Access-Control-Allow-Origin</c> field.</summary>
    AccessControlAllowOrigin,

    /// <summary>The <c>Access-Control-Expose-Headers</c> field.</summary>
    AccessControlExposeHeaders,

    /// <summary>The <c>Access-Control-Max-Age</c> field.</summary>
    AccessControlMaxAge,

    /// <summary>The <c>Access-Control-Request-Headers</c> field.</summary>
    AccessControlRequestHeaders,

    /// <summary>The <c>Access-Control-Request-Method</c> field.</summary>
    AccessControlRequestMethod,

    /// <summary>The <c>Allow</c> field.</summary>
    Allow,

    /// <summary>The <c>Alt-Svc</c> field.</summary>
    AltSvc,

    /// <summary>The <c>Authentication-Info</c> field.</summary>
    AuthenticationInfo,

    /// <summary>The <c>Content-Disposition</c> field.</summary>
    ContentDisposition,

    /// <summary>The <c>Content-Language</c> field.</summary>
    ContentLanguage,

    /// <summary>The <c>Content-Location</c> field.</summary>
    ContentLocation,

    /// <summary>The <c>Content-Security-Policy</c> field.</summary>
    ContentSecurityPolicy,

    /// <summary>The <c>DNT</c> field.</summary>
    Dnt,

    /// <summary>The <c>Early-Data</c> field.</summary>
    EarlyData,

    /// <summary>The <c>From</c> field.</summary>
    From,

    /// <summary>The <c>Link</c> field.</summary>
    Link,

    /// <summary>The <c>Pragma</c> field.</summary>
    Pragma,

    /// <summary>The <c>Priority</c> field.</summary>
    Priority,

    /// <summary>The <c>Refresh</c> field.</summary>
    Refresh,

    /// <summary>The <c>Sec-WebSocket-Accept</c> field.</summary>
    SecWebSocketAccept,

    /// <summary>The <c>Sec-WebSocket-Extensions</c> field.</summary>
    SecWebSocketExtensions,

    /// <summary>The <c>Sec-WebSocket-Key</c> field.</summary>
    SecWebSocketKey,

    /// <summary>The <c>Sec-WebSocket-Protocol</c> field.</summary>
    SecWebSocketProtocol,

    /// <summary>The <c>Sec-WebSocket-Version</c> field.</summary>
    SecWebSocketVersion,

    /// <summary>The <c>Strict-Transport-Security</c> field.</summary>
    StrictTransportSecurity,

    /// <summary>The <c>Traceparent</c> field.</summary>
    Traceparent,

    /// <summary>The <c>Tracestate</c> field.</summary>
    Tracestate,

    /// <summary>The <c>Upgrade-Insecure-Requests</c> field.</summary>
    UpgradeInsecureRequests,

    /// <summary>The <c>X-Content-Type-Options</c> field.</summary>
    XContentTypeOptions,

    /// <summary>The <c>X-Frame-Options</c> field.</summary>
    XFrameOptions,
}
