using Securely.Hosting;
using Securely.Http;
using Securely.Proxy;

namespace Securely.Examples;

/// <summary>
/// Trying again with patience: a connect that fails is repeated after 200 ms, then 400, then 800. For the example nobody listens where the
/// first two tries go, as if the upstream were just being restarted.
/// </summary>
/// <remarks>Try <c>curl -w '%{time_total} s\n' 127.0.0.1:8080/</c>.</remarks>
internal sealed class BackoffRetry : HttpProxy<BackoffRetry.Tries>
{
    private const int Most = 4;

    private readonly HttpPeer _upstream = HttpPeer.Parse("127.0.0.1:4001");
    private readonly HttpPeer _notYet = HttpPeer.Parse("127.0.0.1:4009");

    public static async Task<int> RunAsync()
    {
        // The service's own bound on tries stands above what the phases ask for.
        var front = new ProxyService<Tries>(new BackoffRetry(), new ProxyServiceOptions { MaxTries = Most });
        front.AddTcp("127.0.0.1:8080");

        await using var server = new Server(loggerFactory: new ConsoleLog());
        server.Add(Origin.At("127.0.0.1:4001", "upstream"));
        server.Add(front);
        return await server.RunAsync();
    }

    public override Tries NewContext() => new();

    public override async ValueTask<HttpPeer> UpstreamPeerAsync(Session session, Tries tries, CancellationToken cancellationToken)
    {
        if (tries.Failed > 0)
        {
            var wait = TimeSpan.FromMilliseconds(100 << tries.Failed);
            Console.WriteLine($"Waiting for {wait.TotalMilliseconds} ms before try {tries.Failed + 1}");
            // The worker serves others meanwhile, and the wait ends when the client goes away.
            await Task.Delay(wait, TimeProvider.System, cancellationToken);
        }

        return tries.Failed < 2 ? _notYet : _upstream;
    }

    public override ProxyError FailToConnect(Session session, HttpPeer peer, Tries tries, ProxyError error)
    {
        tries.Failed++;
        error.Retry = RetryKind.Always;
        return error;
    }

    /// <summary>How often the request has failed.</summary>
    internal sealed class Tries
    {
        public int Failed { get; set; }
    }
}
