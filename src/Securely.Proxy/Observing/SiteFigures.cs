using System.Text;
using Securely.Http;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>
/// The name of a site and what is counted of its requests. Make it once for each site and give it to a request with <see cref="Session.Site"/>;
/// counting allocates nothing. Immutable, and shared by all workers.
/// </summary>
public sealed class SiteFigures
{
    /// <summary>The name under which a request is counted that no site was found for.</summary>
    public const string NoSite = "none";

    private readonly Counter[][]? _requests;
    private readonly Counter? _requestBytes;
    private readonly Counter? _responseBytes;
    private readonly Histogram? _durations;

    /// <summary>Makes the figures, or finds those of the same name.</summary>
    /// <param name="name">The name in metrics and logs, such as the site's first host.</param>
    /// <param name="registry">Where to count; null counts nothing, and the name is for the log alone.</param>
    public SiteFigures(string name, MetricsRegistry? registry = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        NameBytes = Encoding.UTF8.GetBytes(name);
        if (registry is null)
            return;
        var requests = RequestMetrics.Requests(registry);
        _requests = [.. RequestMetrics.Methods.Select(method => requests.Row([name, method], RequestMetrics.StatusClasses))];
        _requestBytes = RequestMetrics.RequestBytes(registry).With(name);
        _responseBytes = RequestMetrics.ResponseBytes(registry).With(name);
        _durations = RequestMetrics.RequestDurations(registry).With(name);
    }

    /// <summary>The name in metrics and logs.</summary>
    public string Name { get; }

    internal byte[] NameBytes { get; }

    internal void Count(KnownMethod method, int statusCode, long requestBytes, long responseBytes, long ticks)
    {
        if (_requests is null)
            return;
        _requests[(int)method][RequestObserver.StatusClass(statusCode)].Add();
        _requestBytes!.Add(requestBytes);
        _responseBytes!.Add(responseBytes);
        _durations!.Observe(ticks);
    }
}
