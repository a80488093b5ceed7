using System.Net;
using System.Net.Sockets;

namespace Securely.Proxy.LoadBalancing;

/// <summary>
/// Servers as a configuration writes them. Addresses are taken as they are; host names are resolved, each of their addresses becoming
/// a backend with the server's weight, IPv4 before IPv6. A name that stops resolving keeps its last good addresses. An address that
/// is reached by two entries counts once, with the sum of their weights. Safe to use from any thread.
/// </summary>
public sealed class HostDiscovery : IServiceDiscovery
{
    private readonly ServerAddress[] _servers;
    private readonly int[] _weights;
    private readonly HostDiscoveryOptions _options;
    private readonly Lock _answering = new();

    // The last good addresses of each server, null before the first; guarded by _answering.
    private readonly IPAddress[]?[] _answers;

    /// <summary>Reads the servers; nothing is resolved yet.</summary>
    /// <param name="servers"><c>IP:PORT</c>, <c>[IPv6]:PORT</c>, <c>HOST:PORT</c> or <c>unix:/path</c>, each with its weight.</param>
    /// <param name="options">Resolver and times; null for the defaults.</param>
    /// <exception cref="FormatException">An address is none of these.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A weight is not 1 to <see cref="Backend.MaxWeight"/>.</exception>
    public HostDiscovery(IReadOnlyList<BackendOptions> servers, HostDiscoveryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(servers);
        _options = options ?? new HostDiscoveryOptions();
        _servers = [.. servers.Select(server => ServerAddress.Parse(server.Address))];
        _weights = [.. servers.Select(server => server.Weight)];
        _answers = new IPAddress[]?[_servers.Length];
        foreach (var weight in _weights)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(weight, 1, nameof(servers));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(weight, Backend.MaxWeight, nameof(servers));
        }
    }

    /// <summary>The option of the same name, or null when there is no host name among the servers.</summary>
    public TimeSpan? Interval => Array.Exists(_servers, server => server.Host is not null) ? _options.Interval : null;

    /// <inheritdoc/>
    public IReadOnlyList<Backend> Known
    {
        get
        {
            var backends = new List<Backend>(_servers.Length);
            lock (_answering)
            {
                for (var i = 0; i < _servers.Length; i++)
                {
                    if (_servers[i].EndPoint is { } endPoint)
                    {
                        Add(backends, new Backend(endPoint, _weights[i]));
                        continue;
                    }

                    foreach (var address in _answers[i] ?? [])
                    {
                        Add(backends, new Backend(new IPEndPoint(address, _servers[i].Port), _weights[i]));
                    }
                }
            }

            return backends;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Backend>> DiscoverAsync(CancellationToken cancellationToken)
    {
        var asked = new List<Task<(DiscoveryFailure Failure, Exception? Cause)?>>();
        for (var i = 0; i < _servers.Length; i++)
        {
            if (_servers[i].Host is { } host)
            {
                asked.Add(ResolveAsync(i, host, cancellationToken));
            }
        }

        var failed = (await Task.WhenAll(asked)).Where(outcome => outcome is not null).Select(outcome => outcome!.Value).ToList();
        return failed.Count == 0
            ? Known
            : throw new DiscoveryException([.. failed.Select(outcome => outcome.Failure)], failed[0].Cause);
    }

    private static void Add(List<Backend> backends, Backend backend)
    {
        var same = backends.FindIndex(known => known.Address.Equals(backend.Address));
        if (same < 0)
        {
            backends.Add(backend);
        }
        else
        {
            backends[same] = backends[same].Join(backend);
        }
    }

    /// <summary>IPv4 first, then by bytes: name servers rotate their answers, and a rotated answer is not a change.</summary>
    private static int Compare(IPAddress a, IPAddress b)
    {
        var byFamily = (a.AddressFamily == AddressFamily.InterNetworkV6).CompareTo(b.AddressFamily == AddressFamily.InterNetworkV6);
        return byFamily != 0 ? byFamily : a.GetAddressBytes().AsSpan().SequenceCompareTo(b.GetAddressBytes());
    }

    private async Task<(DiscoveryFailure Failure, Exception? Cause)?> ResolveAsync(
        int index, string host, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var addresses = (await _options.Resolve(host, either.Token)).Distinct().ToArray();
            if (addresses.Length == 0)
            {
                return (Failure(index, "the name has no address"), null);
            }

            Array.Sort(addresses, Compare);
            lock (_answering)
            {
                _answers[index] = addresses;
            }

            return null;
        }
        catch (OperationCanceledException problem) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return (Failure(index, $"no answer within {_options.Timeout.TotalSeconds:0.###} s"), problem);
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            return (Failure(index, problem.Message), problem);
        }
    }

    private DiscoveryFailure Failure(int index, string why)
    {
        bool kept;
        lock (_answering)
        {
            kept = _answers[index] is not null;
        }

        var comfort = kept ? "; its last addresses stay in use" : "";
        return new DiscoveryFailure(index, $"Server [{_servers[index].Text}] does not resolve: {why}{comfort}");
    }
}
