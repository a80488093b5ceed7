namespace Securely.Proxy;

/// <summary>Which phases a proxy overrides; the others are never called.</summary>
[Flags]
internal enum ProxyPhases
{
    None = 0,
    ConnectionReuse = 1,
    EarlyRequest = 2,
    Request = 4,
    ProxyUpstream = 8,
    Connected = 16,
    UpstreamRequest = 32,
    RequestBody = 64,
    UpstreamResponse = 128,
    UpstreamResponseBody = 256,
    UpstreamResponseTrailer = 512,
    Response = 1024,
    ResponseBody = 2048,
    ResponseTrailer = 4096,
    Logging = 8192,
    Persist = 16384,
    ResetContext = 32768,
}

/// <summary>Finds the overridden phases, once a proxy.</summary>
internal static class OverriddenPhases
{
    internal static ProxyPhases Of<TContext>(HttpProxy<TContext> proxy)
    {
        var phases = ProxyPhases.None;
        Add(proxy.OnConnectionReuse, ProxyPhases.ConnectionReuse);
        Add(proxy.EarlyRequestFilterAsync, ProxyPhases.EarlyRequest);
        Add(proxy.RequestFilterAsync, ProxyPhases.Request);
        Add(proxy.ProxyUpstreamFilterAsync, ProxyPhases.ProxyUpstream);
        Add(proxy.ConnectedToUpstreamAsync, ProxyPhases.Connected);
        Add(proxy.UpstreamRequestFilterAsync, ProxyPhases.UpstreamRequest);
        Add(proxy.RequestBodyFilterAsync, ProxyPhases.RequestBody);
        Add(proxy.UpstreamResponseFilterAsync, ProxyPhases.UpstreamResponse);
        Add(proxy.UpstreamResponseBodyFilter, ProxyPhases.UpstreamResponseBody);
        Add(proxy.UpstreamResponseTrailerFilter, ProxyPhases.UpstreamResponseTrailer);
        Add(proxy.ResponseFilterAsync, ProxyPhases.Response);
        Add(proxy.ResponseBodyFilter, ProxyPhases.ResponseBody);
        Add(proxy.ResponseTrailerFilterAsync, ProxyPhases.ResponseTrailer);
        Add(proxy.LoggingAsync, ProxyPhases.Logging);
        Add(proxy.PersistConnectionContext, ProxyPhases.Persist);
        Add(proxy.TryResetContext, ProxyPhases.ResetContext);
        return phases;

        void Add(Delegate phase, ProxyPhases flag)
        {
            if (phase.Method.DeclaringType != typeof(HttpProxy<TContext>))
                phases |= flag;
        }
    }
}
