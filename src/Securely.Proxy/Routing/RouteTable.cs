using System.Buffers;
using System.Runtime.CompilerServices;
using Securely.Http;
using Securely.Proxy.LoadBalancing;

namespace Securely.Proxy;

/// <summary>
/// A configuration, compiled: finds the route of a request. Immutable and shared by all workers; to reload, build another table and
/// swap the reference. Finding allocates nothing.
/// </summary>
public sealed class RouteTable
{
    // Paths up to this length are normalised on the stack, longer ones in a rented array.
    private const int StackBytes = 512;

    private readonly HostTable _hosts;

    private RouteTable(ProxyConfiguration configuration, HostTable hosts, IReadOnlyList<Upstream> upstreams)
    {
        Configuration = configuration;
        _hosts = hosts;
        Upstreams = upstreams;
    }

    /// <summary>What the table was built from.</summary>
    public ProxyConfiguration Configuration { get; }

    /// <summary>All upstreams, in the order of the configuration, used by a route or not.</summary>
    public IReadOnlyList<Upstream> Upstreams { get; }

    /// <summary>Checks a configuration without resolving any name.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <returns>All problems in the order of the configuration; empty when it is sound.</returns>
    public static IReadOnlyList<RouteTableProblem> Check(ProxyConfiguration configuration) => Compile(configuration, null).Problems;

    /// <summary>Compiles a configuration and resolves the host names of its servers.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="options">Resolver and extensions; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up resolving.</param>
    /// <exception cref="RouteTableException">
    /// The configuration has problems, or a name does not resolve; all of them are listed.
    /// </exception>
    public static async ValueTask<RouteTable> BuildAsync(
        ProxyConfiguration configuration, RouteTableOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (table, problems) = Compile(configuration, options);
        if (problems.Count == 0)
        {
            var found = await Task.WhenAll(table.Upstreams.Select((upstream, index) => ResolveAsync(upstream, index, cancellationToken)));
            problems = [.. found.SelectMany(list => list)];
        }

        return problems.Count == 0 ? table : throw new RouteTableException(problems);
    }

    /// <summary>Finds the route of a request by its host, path, method and fields.</summary>
    /// <param name="request">The request; nothing of it is changed.</param>
    public RouteMatch Find(RequestHeader request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var path = request.Path;
        if (!HostName.TryReduce(request.Host, out var host) || path.IsEmpty)
        {
            return RouteMatch.BadRequest;
        }

        var site = _hosts.Find(host);
        if (RequestPath.IsPlain(path))
        {
            return site is null ? default : site.Find(request, path);
        }

        return FindNormalized(site, request, path);
    }

    [SkipLocalsInit]
    private static RouteMatch FindNormalized(Site? site, RequestHeader request, ReadOnlySpan<byte> path)
    {
        var rented = path.Length > StackBytes ? ArrayPool<byte>.Shared.Rent(path.Length) : null;
        var output = rented is null ? stackalloc byte[StackBytes] : rented.AsSpan();
        var length = RequestPath.Normalize(path, output, default, out var hasDotSegments);
        var match = length == RequestPath.Refused ? RouteMatch.BadRequest
            : site is null ? default
            : site.Find(request, output[..length]) with { HasDotSegments = hasDotSegments };
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return match;
    }

    private static (RouteTable Table, IReadOnlyList<RouteTableProblem> Problems) Compile(
        ProxyConfiguration configuration, RouteTableOptions? options)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var problems = new List<RouteTableProblem>();
        options ??= new RouteTableOptions();
        var upstreams = new UpstreamCompiler(problems, options);
        upstreams.Compile(configuration.Upstreams);
        var hosts = new SiteCompiler(problems, new RouteCompiler(problems, upstreams), options).Compile(configuration.Sites);
        return (new RouteTable(configuration, hosts, upstreams.Built), problems);
    }

    private static async Task<IReadOnlyList<RouteTableProblem>> ResolveAsync(
        Upstream upstream, int index, CancellationToken cancellationToken)
    {
        try
        {
            await upstream.Balancer.UpdateAsync(cancellationToken);
            return [];
        }
        catch (DiscoveryException problem)
        {
            return [.. problem.Failures.Select(failure => new RouteTableProblem(
                $"upstreams[{index}].servers[{failure.Server}]", failure.Message))];
        }
    }
}
