using System.Net;
using Securely.Hosting;
using Securely.Http;
using Securely.Net;

namespace Securely.Examples;

/// <summary>Three services without a proxy: bytes that come back, requests that come back, and bytes that are passed on.</summary>
/// <remarks>
/// Try <c>nc 127.0.0.1 4000</c> (or the Unix socket <c>/tmp/securely-echo.sock</c>), <c>curl -d hello 127.0.0.1:8080</c>, and
/// <c>nc 127.0.0.1 4010</c>, which leads to the first.
/// </remarks>
internal static class Servers
{
    public static async Task<int> RunAsync()
    {
        var echo = new ListeningService("echo", new Echo());
        echo.AddTcp("127.0.0.1:4000", new TcpListenOptions { KeepAlive = new(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10), 3) });
        echo.AddUnix("/tmp/securely-echo.sock");
        var http = new HttpService("http-echo", new HttpEcho(), new HttpServiceOptions { Limits = new() { Body = 1024 * 1024 } });
        http.AddTcp("127.0.0.1:8080");
        var passing = new ListeningService("tcp-proxy", new TcpProxy(IPEndPoint.Parse("127.0.0.1:4000")));
        passing.AddTcp("127.0.0.1:4010");
        var clock = new BackgroundService("clock", TickAsync);

        await using var server = new Server(loggerFactory: new ConsoleLog());
        server.Add(http);
        server.Add(passing, server.Add(echo));
        server.Add(clock);
        return await server.RunAsync();
    }

    private static async Task TickAsync(ServiceContext context, CancellationToken shutdown)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), context.Time);
        while (await timer.WaitForNextTickAsync(shutdown))
            Console.WriteLine($"{context.Time.GetLocalNow():t}, and all is well");
    }

    /// <summary>Sends back what it gets, until the client ends.</summary>
    private sealed class Echo : IConnectionHandler
    {
        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            // Waiting before the buffer is made costs an idle connection nothing, and lets a shutdown end it.
            while (await connection.WaitReadableAsync())
            {
                var buffer = new byte[4096];
                var count = await connection.ReadAsync(buffer);
                if (count == 0)
                    return;
                await connection.WriteAsync(buffer.AsMemory(0, count));
            }
        }
    }

    /// <summary>Answers a request with its own body, part by part.</summary>
    private sealed class HttpEcho : IHttpHandler
    {
        public async ValueTask HandleAsync(ServerSession session, CancellationToken shutdown)
        {
            var response = new ResponseHeader(200);
            if (session.Request.Headers.Get(HeaderName.ContentType) is { } type)
                response.Headers.Set(HeaderName.ContentType, type);
            session.WriteHeader(response, isEnd: false);
            BodyChunk chunk;
            do
            {
                chunk = await session.ReadBodyAsync();
                await session.WriteBodyAsync(chunk.Data, chunk.IsEnd);
            }
            while (!chunk.IsEnd);
        }
    }

    /// <summary>Passes bytes on in both directions at once.</summary>
    private sealed class TcpProxy(EndPoint target) : IConnectionHandler
    {
        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            await using var other = await TcpConnector.ConnectAsync(target, new TcpConnectOptions { ConnectTimeout = TimeSpan.FromSeconds(1) });
            await Task.WhenAll(CopyAsync(connection, other), CopyAsync(other, connection));
        }

        private static async Task CopyAsync(Connection from, Connection to)
        {
            var buffer = new byte[16 * 1024];
            try
            {
                while (await from.WaitReadableAsync() && await from.ReadAsync(buffer) is var count and > 0)
                    await to.WriteAsync(buffer.AsMemory(0, count));
                to.ShutdownWrite();
            }
            catch (NetException reason)
            {
                // A side that breaks breaks the other one, so that nobody takes half of a stream for all of it.
                to.Abort(reason);
            }
        }
    }
}
