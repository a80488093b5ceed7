using Securely.Hosting;
using Securely.Http;
using Securely.Proxy;

namespace Securely.Examples;

/// <summary>
/// State of one request and state of all: users with <c>X-Beta</c> get the new version, and both kinds are counted. The context is taken back
/// and used again, so that it is not allocated for each request.
/// </summary>
/// <remarks>Try <c>curl 127.0.0.1:8080/</c>, and that with <c>-H 'X-Beta: 1'</c>.</remarks>
internal sealed class BetaUsers : HttpProxy<BetaUsers.User>
{
    private static readonly HeaderName Beta = "X-Beta";

    private readonly HttpPeer _stable = HttpPeer.Parse("127.0.0.1:4001");
    private readonly HttpPeer _beta = HttpPeer.Parse("127.0.0.1:4002");

    // Shared by all requests on all workers at once.
    private long _requests;
    private long _betaRequests;

    public static async Task<int> RunAsync()
    {
        var front = new ProxyService<User>(new BetaUsers());
        front.AddTcp("127.0.0.1:8080");

        await using var server = new Server(loggerFactory: new ConsoleLog());
        server.Add(Origin.At("127.0.0.1:4001", "stable"));
        server.Add(Origin.At("127.0.0.1:4002", "beta"));
        server.Add(front);
        return await server.RunAsync();
    }

    public override User NewContext() => new();

    public override bool TryResetContext(User user)
    {
        user.IsBeta = false;
        return true;
    }

    public override ValueTask<FilterResult> RequestFilterAsync(Session session, User user, CancellationToken cancellationToken)
    {
        user.IsBeta = session.Request.Headers.Contains(Beta);
        return ValueTask.FromResult(FilterResult.Continue);
    }

    public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, User user, CancellationToken cancellationToken)
    {
        var requests = Interlocked.Increment(ref _requests);
        var beta = user.IsBeta ? Interlocked.Increment(ref _betaRequests) : Interlocked.Read(ref _betaRequests);
        Console.WriteLine($"{requests} requests, {beta} of beta users");
        return ValueTask.FromResult(user.IsBeta ? _beta : _stable);
    }

    /// <summary>The state of one request.</summary>
    internal sealed class User
    {
        public bool IsBeta { get; set; }
    }
}
