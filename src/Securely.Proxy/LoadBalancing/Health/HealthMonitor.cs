using Securely.Http;
using Securely.Net;

namespace Securely.Proxy.LoadBalancing;

/// <summary>Checks all backends of a balancer at once, on its worker, over connections that serve one check each.</summary>
internal sealed class HealthMonitor(string upstream, HealthCheck check, ServiceContext context)
{
    private readonly HttpConnector _connector = new(context.Workers, new HttpConnectorOptions { PoolSize = 0 });

    /// <summary>One round; it takes no longer than the timeout of a check.</summary>
    public async ValueTask CheckAsync(BackendSet backends, CancellationToken cancellationToken)
    {
        var checks = new Task[backends.Count];
        for (var index = 0; index < checks.Length; index++)
            checks[index] = CheckAsync(backends[index], backends.HealthOf(index), cancellationToken).AsTask();
        await Task.WhenAll(checks);
    }

    /// <summary>Checks one backend, and writes down what it has become.</summary>
    internal async ValueTask CheckAsync(Backend backend, BackendHealth health, CancellationToken cancellationToken)
    {
        var problem = await FindProblemAsync(backend, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (!health.Report(problem is null, check.Healthy, check.Unhealthy))
            return;
        if (problem is null)
            LoadBalancer.LogHealthy(context.Logger, upstream, backend);
        else
            LoadBalancer.LogUnhealthy(context.Logger, upstream, backend, problem);
    }

    private async ValueTask<string?> FindProblemAsync(Backend backend, CancellationToken cancellationToken)
    {
        var probe = new Probe(_connector, Hasten(check.PeerOf(backend)));
        try
        {
            await probe.RunAsync(check, backend).WaitAsync(check.Timeout, context.Time, cancellationToken);
            return null;
        }
        catch (TimeoutException)
        {
            probe.GiveUp();
            return $"it has not answered within {check.Timeout.TotalSeconds} s";
        }
        catch (Exception problem)
        {
            probe.GiveUp();
            return problem.Message;
        }
    }

    /// <summary>The peer with no step longer than the whole check, and no connection that outlives it.</summary>
    private HttpPeer Hasten(HttpPeer peer) => new(peer.Address)
    {
        Tls = peer.Tls,
        GroupKey = peer.GroupKey,
        Options = peer.Options with
        {
            ConnectionTimeout = check.Timeout,
            TotalConnectionTimeout = check.Timeout,
            ReadTimeout = check.Timeout,
            WriteTimeout = check.Timeout,
            IdleTimeout = TimeSpan.Zero,
        },
    };

    /// <summary>One check under way.</summary>
    private sealed class Probe(HttpConnector connector, HttpPeer peer)
    {
        private ClientSession? _session;
        private bool _isOver;

        public async Task RunAsync(HealthCheck check, Backend backend)
        {
            var session = await connector.ConnectAsync(peer, onlyNew: true);
            try
            {
                _session = session;
                if (!_isOver)
                    await check.CheckAsync(session, backend);
            }
            catch (Exception) when (_isOver)
            {
                // Nobody waits for it any more.
            }
            finally
            {
                _session = null;
                connector.Release(session, peer);
            }
        }

        public void GiveUp()
        {
            _isOver = true;
            _session?.Abort(new NetException(NetErrorKind.ConnectionClosed, "The check has ended", ErrorSource.Internal));
        }
    }
}
