using Securely.Http;

namespace Securely.Proxy.LoadBalancing;

/// <summary>A backend is healthy when it answers a GET with 200 (LB-09).</summary>
public sealed class HttpHealthCheck : HealthCheck
{
    /// <summary>What is asked for: a path, and perhaps a query. Default: <c>/</c>.</summary>
    public string Path { get; init; } = "/";

    /// <summary>The host that is named; null, the default, names the backend's own address.</summary>
    public string? Host { get; init; }

    /// <inheritdoc/>
    public override async ValueTask CheckAsync(ClientSession session, Backend backend)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(backend);
        var request = new RequestHeader("GET", Path);
        request.Headers.Set(HeaderName.Host, Host ?? HostOf(backend));
        request.Headers.Set(HeaderName.UserAgent, "Securely-health-check");
        session.WriteHeader(request, hasBody: false);
        await session.FlushAsync();
        do
            await session.ReadHeaderAsync();
        while (session.Response.StatusCode < 200);
        if (session.Response.StatusCode != 200)
            throw new HealthCheckException($"[{Path}] is answered with {session.Response.StatusCode}");
        while (session.HasMoreBody && !(await session.ReadBodyAsync()).IsEnd)
        {
            // Whoever begins an answer well has to end it, too.
        }
    }
}
