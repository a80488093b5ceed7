namespace Securely.Http;

public readonly partial struct HeaderName
{
    /// <summary>The name <c>Accept</c>.</summary>
    public static HeaderName Accept => new(KnownHeader.Accept);

    /// <summary>The name <c>Accept-Charset</c>.</summary>
    public static HeaderName AcceptCharset => new(KnownHeader.AcceptCharset);

    /// <summary>The name <c>Accept-Encoding</c>.</summary>
    public static HeaderName AcceptEncoding => new(KnownHeader.AcceptEncoding);

    /// <summary>The name <c>Accept-Language</c>.</summary>
    public static HeaderName AcceptLanguage => new(KnownHeader.AcceptLanguage);

    /// <summary>The name <c>Accept-Ranges</c>.</summary>
    public static HeaderName AcceptRanges => new(KnownHeader.AcceptRanges);

    /// <summary>The name <c>Access-Control-Allow-Credentials</c>.</summary>
    public static HeaderName AccessControlAllowCredentials => new(KnownHeader.AccessControlAllowCredentials);

    /// <summary>The name <c>Access-Control-Allow-Headers</c>.</summary>
    public static HeaderName AccessControlAllowHeaders => new(KnownHeader.AccessControlAllowHeaders);

    /// <summary>The name <c>Access-Control-Allow-Methods</c>.</summary>
    public static HeaderName AccessControlAllowMethods => new(KnownHeader.AccessControlAllowMethods);

    /// <summary>The name <c>Access-Control-Allow-Origin</c>.</summary>
    public static HeaderName AccessControlAllowOrigin => new(KnownHeader.AccessControlAllowOrigin);

    /// <summary>The name <c>Access-Control-Expose-Headers</c>.</summary>
    public static HeaderName AccessControlExposeHeaders => new(KnownHeader.AccessControlExposeHeaders);

    /// <summary>The name <c>Access-Control-Max-Age</c>.</summary>
    public static HeaderName AccessControlMaxAge => new(KnownHeader.AccessControlMaxAge);

    /// <summary>The name <c>Access-Control-Request-Headers</c>.</summary>
    public static HeaderName AccessControlRequestHeaders => new(KnownHeader.AccessControlRequestHeaders);

    /// <summary>The name <c>Access-Control-Request-Method</c>.</summary>
    public static HeaderName AccessControlRequestMethod => new(KnownHeader.AccessControlRequestMethod);

    /// <summary>The name <c>Age</c>.</summary>
    public static HeaderName Age => new(KnownHeader.Age);

    /// <summary>The name <c>Allow</c>.</summary>
    public static HeaderName Allow => new(KnownHeader.Allow);

    /// <summary>The name <c>Alt-Svc</c>.</summary>
    public static HeaderName AltSvc => new(KnownHeader.AltSvc);

    /// <summary>The name <c>Authentication-Info</c>.</summary>
    public static HeaderName AuthenticationInfo => new(KnownHeader.AuthenticationInfo);

    /// <summary>The name <c>Authorization</c>.</summary>
    public static HeaderName Authorization => new(KnownHeader.Authorization);

    /// <summary>The name <c>Cache-Control</c>.</summary>
    public static HeaderName CacheControl => new(KnownHeader.CacheControl);

    /// <summary>The name <c>Connection</c>.</summary>
    public static HeaderName Connection => new(KnownHeader.Connection);

    /// <summary>The name <c>Content-Disposition</c>.</summary>
    public static HeaderName ContentDisposition => new(KnownHeader.ContentDisposition);

    /// <summary>The name <c>Content-Encoding</c>.</summary>
    public static HeaderName ContentEncoding => new(KnownHeader.ContentEncoding);

    /// <summary>The name <c>Content-Language</c>.</summary>
    public static HeaderName ContentLanguage => new(KnownHeader.ContentLanguage);

    /// <summary>The name <c>Content-Length</c>.</summary>
    public static HeaderName ContentLength => new(KnownHeader.ContentLength);

    /// <summary>The name <c>Content-Location</c>.</summary>
    public static HeaderName ContentLocation => new(KnownHeader.ContentLocation);

    /// <summary>The name <c>Content-Range</c>.</summary>
    public static HeaderName ContentRange => new(KnownHeader.ContentRange);

    /// <summary>The name <c>Content-Security-Policy</c>.</summary>
    public static HeaderName ContentSecurityPolicy => new(KnownHeader.ContentSecurityPolicy);

    /// <summary>The name <c>Content-Type</c>.</summary>
    public static HeaderName ContentType => new(KnownHeader.ContentType);

    /// <summary>The name <c>Cookie</c>.</summary>
    public static HeaderName Cookie => new(KnownHeader.Cookie);

    /// <summary>The name <c>Date</c>.</summary>
    public static HeaderName Date => new(KnownHeader.Date);

    /// <summary>The name <c>DNT</c>.</summary>
    public static HeaderName Dnt => new(KnownHeader.Dnt);

    /// <summary>The name <c>Early-Data</c>.</summary>
    public static HeaderName EarlyData => new(KnownHeader.EarlyData);

    /// <summary>The name <c>ETag</c>.</summary>
    public static HeaderName ETag => new(KnownHeader.ETag);

    /// <summary>The name <c>Expect</c>.</summary>
    public static HeaderName Expect => new(KnownHeader.Expect);

    /// <summary>The name <c>Expires</c>.</summary>
    public static HeaderName Expires => new(KnownHeader.Expires);

    /// <summary>The name <c>Forwarded</c>.</summary>
    public static HeaderName Forwarded => new(KnownHeader.Forwarded);

    /// <summary>The name <c>From</c>.</summary>
    public static HeaderName From => new(KnownHeader.From);

    /// <summary>The name <c>Host</c>.</summary>
    public static HeaderName Host => new(KnownHeader.Host);

    /// <summary>The name <c>HTTP2-Settings</c>.</summary>
    public static HeaderName Http2Settings => new(KnownHeader.Http2Settings);

    /// <summary>The name <c>If-Match</c>.</summary>
    public static HeaderName IfMatch => new(KnownHeader.IfMatch);

    /// <summary>The name <c>If-Modified-Since</c>.</summary>
    public static HeaderName IfModifiedSince => new(KnownHeader.IfModifiedSince);

    /// <summary>The name <c>If-None-Match</c>.</summary>
    public static HeaderName IfNoneMatch => new(KnownHeader.IfNoneMatch);

    /// <summary>The name <c>If-Range</c>.</summary>
    public static HeaderName IfRange => new(KnownHeader.IfRange);

    /// <summary>The name <c>If-Unmodified-Since</c>.</summary>
    public static HeaderName IfUnmodifiedSince => new(KnownHeader.IfUnmodifiedSince);

    /// <summary>The name <c>Keep-Alive</c>.</summary>
    public static HeaderName KeepAlive => new(KnownHeader.KeepAlive);

    /// <summary>The name <c>Last-Modified</c>.</summary>
    public static HeaderName LastModified => new(KnownHeader.LastModified);

    /// <summary>The name <c>Link</c>.</summary>
    public static HeaderName Link => new(KnownHeader.Link);

    /// <summary>The name <c>Location</c>.</summary>
    public static HeaderName Location => new(KnownHeader.Location);

    /// <summary>The name <c>Max-Forwards</c>.</summary>
    public static HeaderName MaxForwards => new(KnownHeader.MaxForwards);

    /// <summary>The name <c>Origin</c>.</summary>
    public static HeaderName Origin => new(KnownHeader.Origin);

    /// <summary>The name <c>Pragma</c>.</summary>
    public static HeaderName Pragma => new(KnownHeader.Pragma);

    /// <summary>The name <c>Priority</c>.</summary>
    public static HeaderName Priority => new(KnownHeader.Priority);

    /// <summary>The name <c>Proxy-Authenticate</c>.</summary>
    public static HeaderName ProxyAuthenticate => new(KnownHeader.ProxyAuthenticate);

    /// <summary>The name <c>Proxy-Authentication-Info</c>.</summary>
    public static HeaderName ProxyAuthenticationInfo => new(KnownHeader.ProxyAuthenticationInfo);

    /// <summary>The name <c>Proxy-Authorization</c>.</summary>
    public static HeaderName ProxyAuthorization => new(KnownHeader.ProxyAuthorization);

    /// <summary>The name <c>Proxy-Connection</c>.</summary>
    public static HeaderName ProxyConnection => new(KnownHeader.ProxyConnection);

    /// <summary>The name <c>Range</c>.</summary>
    public static HeaderName Range => new(KnownHeader.Range);

    /// <summary>The name <c>Referer</c>.</summary>
    public static HeaderName Referer => new(KnownHeader.Referer);

    /// <summary>The name <c>Refresh</c>.</summary>
    public static HeaderName Refresh => new(KnownHeader.Refresh);

    /// <summary>The name <c>Retry-After</c>.</summary>
    public static HeaderName RetryAfter => new(KnownHeader.RetryAfter);

    /// <summary>The name <c>Sec-WebSocket-Accept</c>.</summary>
    public static HeaderName SecWebSocketAccept => new(KnownHeader.SecWebSocketAccept);

    /// <summary>The name <c>Sec-WebSocket-Extensions</c>.</summary>
    public static HeaderName SecWebSocketExtensions => new(KnownHeader.SecWebSocketExtensions);

    /// <summary>The name <c>Sec-WebSocket-Key</c>.</summary>
    public static HeaderName SecWebSocketKey => new(KnownHeader.SecWebSocketKey);

    /// <summary>The name <c>Sec-WebSocket-Protocol</c>.</summary>
    public static HeaderName SecWebSocketProtocol => new(KnownHeader.SecWebSocketProtocol);

    /// <summary>The name <c>Sec-WebSocket-Version</c>.</summary>
    public static HeaderName SecWebSocketVersion => new(KnownHeader.SecWebSocketVersion);

    /// <summary>The name <c>Server</c>.</summary>
    public static HeaderName Server => new(KnownHeader.Server);

    /// <summary>The name <c>Set-Cookie</c>.</summary>
    public static HeaderName SetCookie => new(KnownHeader.SetCookie);

    /// <summary>The name <c>Strict-Transport-Security</c>.</summary>
    public static HeaderName StrictTransportSecurity => new(KnownHeader.StrictTransportSecurity);

    /// <summary>The name <c>TE</c>.</summary>
    public static HeaderName TE => new(KnownHeader.TE);

    /// <summary>The name <c>Traceparent</c>.</summary>
    public static HeaderName Traceparent => new(KnownHeader.Traceparent);

    /// <summary>The name <c>Tracestate</c>.</summary>
    public static HeaderName Tracestate => new(KnownHeader.Tracestate);

    /// <summary>The name <c>Trailer</c>.</summary>
    public static HeaderName Trailer => new(KnownHeader.Trailer);

    /// <summary>The name <c>Transfer-Encoding</c>.</summary>
    public static HeaderName TransferEncoding => new(KnownHeader.TransferEncoding);

    /// <summary>The name <c>Upgrade</c>.</summary>
    public static HeaderName Upgrade => new(KnownHeader.Upgrade);

    /// <summary>The name <c>Upgrade-Insecure-Requests</c>.</summary>
    public static HeaderName UpgradeInsecureRequests => new(KnownHeader.UpgradeInsecureRequests);

    /// <summary>The name <c>User-Agent</c>.</summary>
    public static HeaderName UserAgent => new(KnownHeader.UserAgent);

    /// <summary>The name <c>Vary</c>.</summary>
    public static HeaderName Vary => new(KnownHeader.Vary);

    /// <summary>The name <c>Via</c>.</summary>
    public static HeaderName Via => new(KnownHeader.Via);

    /// <summary>The name <c>WWW-Authenticate</c>.</summary>
    public static HeaderName WwwAuthenticate => new(KnownHeader.WwwAuthenticate);

    /// <summary>The name <c>X-Content-Type-Options</c>.</summary>
    public static HeaderName XContentTypeOptions => new(KnownHeader.XContentTypeOptions);

    /// <summary>The name <c>X-Forwarded-For</c>.</summary>
    public static HeaderName XForwardedFor => new(KnownHeader.XForwardedFor);

    /// <summary>The name <c>X-Forwarded-Host</c>.</summary>
    public static HeaderName XForwardedHost => new(KnownHeader.XForwardedHost);

    /// <summary>The name <c>X-Forwarded-Port</c>.</summary>
    public static HeaderName XForwardedPort => new(KnownHeader.XForwardedPort);

    /// <summary>The name <c>X-Forwarded-Proto</c>.</summary>
    public static HeaderName XForwardedProto => new(KnownHeader.XForwardedProto);

    /// <summary>The name <c>X-Frame-Options</c>.</summary>
    public static HeaderName XFrameOptions => new(KnownHeader.XFrameOptions);

    /// <summary>The name <c>X-Real-IP</c>.</summary>
    public static HeaderName XRealIp => new(KnownHeader.XRealIp);

    /// <summary>The name <c>X-Request-Id</c>.</summary>
    public static HeaderName XRequestId => new(KnownHeader.XRequestId);
}
