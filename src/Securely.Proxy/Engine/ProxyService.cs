using System.Net;
using System.Runtime.CompilerServices;
using Securely.Http;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>Runs a proxy's phases; this is what a server runs.</summary>
/// <typeparam name="TContext">State of one request, shared by its phases.</typeparam>
public class ProxyService<TContext> : HttpService
{
    private readonly HttpProxy<TContext> _proxy;
    private readonly ProxyServiceOptions _options;
    private readonly ProxyPhases _phases;
    private HttpConnector? _connector;
    private FailureLog? _failures;
    private RequestObserver? _observer;

    /// <summary>Makes a service; add endpoints to it before it runs.</summary>
    /// <param name="proxy">The phases.</param>
    /// <param name="options">Defaults when null.</param>
    public ProxyService(HttpProxy<TContext> proxy, ProxyServiceOptions? options = null)
        : base((options ?? new ProxyServiceOptions()).Name, options ?? new ProxyServiceOptions())
    {
        ArgumentNullException.ThrowIfNull(proxy);
        _proxy = proxy;
        _options = options ?? new ProxyServiceOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxTries, 1);
        _phases = OverriddenPhases.Of(proxy);
    }

    /// <summary>The connections to upstreams, once the service runs.</summary>
    public HttpConnector? Connector => _connector;

    /// <inheritdoc/>
    protected override async ValueTask OnStartedAsync(ServiceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await base.OnStartedAsync(context);
        _connector = new HttpConnector(context.Workers, _options.Connector);
        _failures = new FailureLog(Logger, context.Workers.Workers.Count);
        _observer = RequestObserver.Create(Name, context.Workers, _connector, _options);
    }

    /// <inheritdoc/>
    protected sealed override object CreateSessionState() => new ProxyExchange<TContext>(_proxy, _phases, _options, _connector!, Logger, _failures!, _observer);

    /// <inheritdoc/>
    protected sealed override void OnRefused(ServerSession session) => _observer?.Refused(session);

    /// <inheritdoc/>
    protected sealed override bool IsShared(IPAddress? address) => _options.TrustedProxies.Trusts(address);

    /// <inheritdoc/>
    protected sealed override ValueTask HandleAsync(ServerSession session, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(session);
        // Only the service itself sets it, to what is made above, so the cast needs no check.
        return Unsafe.As<ProxyExchange<TContext>>(session.SessionState!).RunAsync(session, shutdown);
    }
}
