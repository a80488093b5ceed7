using Securely.Network.Tests.Http;
using Securely.Proxy;

namespace Securely.Network.Tests.Proxy;

/// <summary>Messages that many tests send. What is peculiar to a test stands in it.</summary>
internal static class Script
{
    public const string Get = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";

    /// <summary>A response with the body <c>ok</c>, as an upstream sends it.</summary>
    public const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /// <summary>The same, as the client gets it.</summary>
    public const string OkSent = $"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{Stage.Date}Connection: keep-alive\r\n\r\nok";

    /// <summary>The same, to a client whose connection ends.</summary>
    public const string OkLast = $"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{Stage.Date}Connection: close\r\n\r\nok";

    /// <summary>Upstreams see what the client has sent, without fields that tell of it.</summary>
    public static ProxyServiceOptions Plain { get; } = new() { Forwarded = ForwardedMode.Off };

    /// <summary>The page of an error.</summary>
    public static string ErrorPage(int status, string reason) =>
        $"HTTP/1.1 {status} {reason}\r\nServer: Securely\r\nCache-Control: private, no-store\r\nContent-Length: 0\r\n{Stage.Date}Connection: close\r\n\r\n";
}
