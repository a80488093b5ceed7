using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Network.Tests.Net.Tls;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>A proxy in front of an origin that records what arrives, shared by the tests of one class.</summary>
/// <remarks>
/// The origin answers each request with its method, target and body, unless a test has planned something else for the target. A bystander with a
/// connection of its own asks after every attack, so that a proxy which still serves the attacker, or an upstream connection that holds bytes
/// of it, is found out by the test that did it.
/// </remarks>
public class AttackStage : IAsyncLifetime
{
    /// <summary>A request that must never be served where it stands behind a broken one.</summary>
    public const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: app.test\r\n\r\n";

    /// <summary>A request that stands behind a whole one, and is served after it.</summary>
    public const string Next = "GET /next HTTP/1.1\r\nHost: app.test\r\n\r\n";

    private const int MostLooks = 1000;

    private readonly ConcurrentDictionary<string, Func<TestOriginConnection, string, Task>> _plans = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _whole = new();
    private readonly TestCertificates _certificates = new();
    private RawClient _bystander = null!;
    private int _number;
    private int _smuggled;

    internal TestOrigin Origin { get; private set; } = null!;

    internal AttackedProxy Proxy { get; private set; } = null!;

    internal RunningHttp Host { get; private set; } = null!;

    /// <summary>The request lines of the requests that the origin has read to the end of their bodies.</summary>
    internal IReadOnlyList<string> Whole => [.. _whole];

    /// <summary>What has reached the upstream so far: peers that were asked for, connections, heads.</summary>
    internal (int Asked, int Connections, int Requests) Seen => (Proxy.Asked, Origin.ConnectionCount, Origin.Requests.Count);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        // What runs as long as the class must not be tied to the context of its beginning.
        using (ExecutionContext.SuppressFlow())
            Origin = TestOrigin.Start(PlayAsync);
        Proxy = CreateProxy(Origin.EndPoint);
        var service = new ProxyService<PlainContext>(Proxy, Options);
        var issued = _certificates.Issue("app.test");
        service.AddTcp("127.0.0.1:0");
        service.AddTls("127.0.0.1:0", new ServerTls(new CertificateStore(ServerCertificate.FromPem(issued.CertificatePem, issued.KeyPem))));
        Host = await RunningHttp.StartAsync(service, time: Time, listens: true);
        _bystander = await ConnectAsync(Transport.Plain);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _bystander.DisposeAsync();
        await Host.DisposeAsync();
        await Origin.DisposeAsync();
        _certificates.Dispose();
        GC.SuppressFinalize(this);
    }

    internal virtual ProxyServiceOptions Options => new();

    internal virtual TimeProvider Time => TimeProvider.System;

    internal virtual AttackedProxy CreateProxy(EndPoint origin) => new(origin);

    internal Task<RawClient> ConnectAsync(Transport transport, int? receiveBuffer = null) => transport switch
    {
        Transport.Plain => RawClient.ConnectAsync(Host.EndPoints[0], receiveBuffer),
        Transport.Tls => RawClient.ConnectTlsAsync(Host.EndPoints[1], TlsPair.ClientOptions(_certificates), receiveBuffer),
        _ => throw new ArgumentOutOfRangeException(nameof(transport), transport, null),
    };

    /// <summary>Sends in pieces that the proxy reads one by one. It may refuse the beginning and end the connection meanwhile.</summary>
    internal async Task SendAsync(RawConnection from, string wire, Delivery delivery = Delivery.Whole)
    {
        try
        {
            foreach (var piece in Fragmenter.Split(Encoding.Latin1.GetBytes(wire), delivery))
            {
                await from.SendAsync(piece);
                if (delivery != Delivery.Whole)
                    await SettleAsync();
            }
        }
        catch (IOException)
        {
            // What was answered, and that nothing follows, is for the test to see.
        }
    }

    /// <summary>Lets the worker deal with everything that has arrived by now.</summary>
    internal async Task SettleAsync()
    {
        // The portable poller learns of it from other threads, so the clock of nobody says when.
        for (var look = 0; look < MostLooks && await IsBehindAsync(); look++)
            await Task.Yield();
        // What was posted during a turn of its loop runs in that turn or the next one; what is posted after that, behind another poll.
        await IsBehindAsync();
        await IsBehindAsync();
    }

    /// <summary>Lets the origin do something else than answer, for the next request of the target that is returned. It may leave the connection open.</summary>
    internal string Plan(Func<TestOriginConnection, string, Task> play)
    {
        var target = $"/planned/{Interlocked.Increment(ref _number)}";
        _plans[target] = play;
        return target;
    }

    /// <summary>
    /// The bytes get one answer and the end of the connection; of all of it nothing reaches the upstream, and the next client is served as ever.
    /// </summary>
    internal async Task IsRefusedAsync(Transport transport, Delivery delivery, string wire, int status = 400)
    {
        await IsServedAsync();
        var before = Seen;
        await using var client = await ConnectAsync(transport);
        await SendAsync(client, wire, delivery);
        var response = await client.ReadResponseAsync();
        Assert.Equal((status, "close"), (response.Status, response.Header("Connection")));
        var end = await client.WaitForCloseAsync();
        if (delivery == Delivery.Whole)
            Assert.Equal(ConnectionEnd.Finished, end);
        Assert.Equal(before, Seen);
        await IsServedAsync();
        Assert.Equal((before.Asked + 1, before.Connections, before.Requests + 1), Seen);
    }

    /// <summary>The bystander is served, and the upstream gets exactly its request. The result is the connection that it came on.</summary>
    internal async Task<int> IsServedAsync()
    {
        var line = $"GET /bystander/{Interlocked.Increment(ref _number)}";
        var response = await _bystander.ExchangeAsync(line + " HTTP/1.1\r\nHost: app.test\r\n\r\n");
        Assert.Equal((200, line + " "), (response.Status, response.BodyText));
        Assert.Equal(0, Volatile.Read(ref _smuggled));
        return Request(line + " ").Connection;
    }

    /// <summary>The last request that the origin got whose head begins so.</summary>
    internal RecordedRequest Request(string beginning) => Origin.Requests.Last(request => request.Head.StartsWith(beginning, StringComparison.Ordinal));

    /// <summary>What the upstream got on the connection of a request, from that request's line on.</summary>
    internal string Received(RecordedRequest request)
    {
        var text = Origin.Connections[request.Connection].ReceivedText;
        return text[text.LastIndexOf(request.Line, StringComparison.Ordinal)..];
    }

    /// <summary>Looks on the worker; one that has ended, while the origin still sends, is behind with nothing.</summary>
    private async Task<bool> IsBehindAsync()
    {
        var looking = Host.Worker.RunAsync(() => ValueTask.FromResult(IsBehind(Host.Worker)));
        await Task.WhenAny(looking, Host.Worker.Ended);
        return looking.IsCompletedSuccessfully && await looking;
    }

    /// <summary>Whether bytes wait in the kernel for a connection on which somebody waits for them.</summary>
    private static bool IsBehind(Worker worker)
    {
        for (var connection = worker.FirstConnection; connection is not null; connection = connection.NextConnection)
        {
            if (!connection.IsClosed && !connection.CanDetach && !connection.IsQuiet(probe: true))
                return true;
        }

        return false;
    }

    private async Task PlayAsync(TestOriginConnection connection)
    {
        while (await connection.TryReadHeadAsync() is { } head)
        {
            var line = head[..head.IndexOf(" HTTP/", StringComparison.Ordinal)];
            if (line.Contains("/smuggled", StringComparison.Ordinal))
                Interlocked.Increment(ref _smuggled);
            if (_plans.TryRemove(line.Split(' ')[1], out var play))
            {
                await play(connection, head);
                continue;
            }

            var body = await connection.ReadBodyAsync(head);
            _whole.Enqueue(line);
            await connection.SendOkAsync($"{line} {Encoding.Latin1.GetString(body)}");
        }
    }
}

/// <summary>Forwards every request and counts how often a peer was asked for.</summary>
internal class AttackedProxy(HttpPeer peer) : PlainProxy(peer)
{
    private int _asked;

    public AttackedProxy(EndPoint origin)
        : this(new HttpPeer(origin))
    {
    }

    public int Asked => Volatile.Read(ref _asked);

    public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, PlainContext context, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        return base.UpstreamPeerAsync(session, context, cancellationToken);
    }
}
