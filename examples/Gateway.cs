using System.Security.Cryptography;
using System.Text;
using Securely.Hosting;
using Securely.Http;
using Securely.Proxy;

namespace Securely.Examples;

/// <summary>
/// A gateway: <c>/admin/</c> wants a password, <c>/family/</c> leads to an upstream of its own, responses bear the gateway's name, and the
/// logging phase counts them.
/// </summary>
/// <remarks>Try <c>curl -i 127.0.0.1:8080/</c>, <c>/family/x</c>, <c>/admin/</c>, and that with <c>-u admin:secret</c>.</remarks>
internal sealed class Gateway : HttpProxy<Gateway.Visit>
{
    private static readonly HeaderName AlternativeServices = "Alt-Svc";
    private static readonly byte[] Password = Encoding.ASCII.GetBytes("Basic " + Convert.ToBase64String("admin:secret"u8));

    private readonly HttpPeer _app = HttpPeer.Parse("127.0.0.1:4001");
    private readonly HttpPeer _family = HttpPeer.Parse("127.0.0.1:4002");
    private long _answered;

    public static async Task<int> RunAsync()
    {
        var gateway = new ProxyService<Visit>(new Gateway());
        gateway.AddTcp("127.0.0.1:8080");

        await using var server = new Server(loggerFactory: new ConsoleLog());
        server.Add(Origin.At("127.0.0.1:4001", "app"));
        server.Add(Origin.At("127.0.0.1:4002", "family"));
        server.Add(gateway);
        return await server.RunAsync();
    }

    public override Visit NewContext() => new();

    public override async ValueTask<FilterResult> RequestFilterAsync(Session session, Visit visit, CancellationToken cancellationToken)
    {
        if (!session.Request.Path.StartsWith("/admin/"u8) || IsKnown(session.Request.Headers))
            return FilterResult.Continue;
        var response = new ResponseHeader(401);
        response.Headers.Set("WWW-Authenticate", "Basic realm=\"gateway\"");
        await session.RespondAsync(response);
        return FilterResult.Responded;
    }

    public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, Visit visit, CancellationToken cancellationToken)
    {
        visit.Peer = session.Request.Path.StartsWith("/family/"u8) ? _family : _app;
        return ValueTask.FromResult(visit.Peer);
    }

    public override ValueTask ResponseFilterAsync(Session session, ResponseHeader response, Visit visit, CancellationToken cancellationToken)
    {
        response.Headers.Set(HeaderName.Server, "Gateway");
        response.Headers.Remove(AlternativeServices);
        return default;
    }

    public override ValueTask LoggingAsync(Session session, ProxyError? error, Visit visit)
    {
        var number = Interlocked.Increment(ref _answered);
        var answer = session.ResponseWritten?.StatusCode.ToString(null as IFormatProvider) ?? "nothing";
        Console.WriteLine($"{number}. {RequestSummary(session, visit)}: {answer} from {visit.Peer?.ToString() ?? "the gateway"}");
        return default;
    }

    private static bool IsKnown(HeaderMap headers) =>
        headers.TryGet(HeaderName.Authorization, out var given) && CryptographicOperations.FixedTimeEquals(given, Password);

    /// <summary>What the phases of one request share.</summary>
    internal sealed class Visit
    {
        public HttpPeer? Peer { get; set; }
    }
}
