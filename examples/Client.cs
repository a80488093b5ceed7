using System.Text;
using Securely.Hosting;
using Securely.Http;
using Securely.Net;

namespace Securely.Examples;

/// <summary>
/// The connector as an HTTP client: three requests over one connection, which waits in the pool in between. A connector works on the workers
/// that it was made for, so the requests run there.
/// </summary>
/// <remarks>It asks a server of its own and ends.</remarks>
internal static class Client
{
    public static async Task<int> RunAsync()
    {
        await using var server = new Server(loggerFactory: new ConsoleLog());
        using var enough = new CancellationTokenSource();
        var origin = server.Add(Origin.At("127.0.0.1:4001", "origin"));
        var running = server.RunAsync(enough.Token);
        await origin.Ready;

        await using var workers = new WorkerGroup("client", 1);
        workers.Start();
        var connector = new HttpConnector(workers);
        var peer = HttpPeer.Parse("127.0.0.1:4001", new PeerOptions { ConnectionTimeout = TimeSpan.FromSeconds(1), ReadTimeout = TimeSpan.FromSeconds(5) });
        foreach (var path in (string[])["/one", "/two", "/three"])
            Console.Write(await workers.Workers[0].RunAsync(() => GetAsync(connector, peer, path)));

        await enough.CancelAsync();
        return await running;
    }

    private static async ValueTask<string> GetAsync(HttpConnector connector, HttpPeer peer, string path)
    {
        var session = connector.TryTake(peer, probe: false) ?? await connector.ConnectAsync(peer, onlyNew: false);
        try
        {
            var request = new RequestHeader("GET", path);
            request.Headers.Set(HeaderName.Host, "example.test");
            session.WriteHeader(request, hasBody: false);
            await session.FlushAsync();

            // Informational heads may come before the final one.
            do
                await session.ReadHeaderAsync();
            while (session.Response.StatusCode < 200);
            var body = new StringBuilder($"{session.Response.StatusCode} on a {(session.IsReused ? "pooled" : "new")} connection, ");
            BodyChunk chunk;
            do
            {
                chunk = await session.ReadBodyAsync();
                body.Append(Encoding.UTF8.GetString(chunk.Data.Span));
            }
            while (!chunk.IsEnd);
            return body.ToString();
        }
        finally
        {
            // Back to the pool when the response was read to its end, else closed.
            connector.Release(session, peer);
        }
    }
}
