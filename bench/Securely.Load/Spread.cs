using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Securely.Http;
using Securely.Net;

namespace Securely.Load;

/// <summary>How evenly connections that arrive at once are spread over the workers of a service.</summary>
internal sealed class Spread : IHttpHandler
{
    private static readonly byte[] Request = "GET / HTTP/1.1\r\nHost: spread.test\r\n\r\n"u8.ToArray();

    public static async Task<int> RunAsync(Options options)
    {
        var connections = options.Number("connections", 1_000);
        var service = new HttpService("spread", new Spread());
        service.AddTcp("127.0.0.1:0");
        await using var workers = new WorkerGroup("spread", options.Number("threads", 4));
        using var sockets = new ListenSockets();
        using var shutdown = new CancellationTokenSource();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var context = new ServiceContext(workers, sockets, new StandardErrorLog(), TimeProvider.System, TimeSpan.FromSeconds(5), () => ready.TrySetResult());
        var running = service.RunAsync(context, shutdown.Token);
        await await Task.WhenAny(ready.Task, running);
        var clients = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => OpenAsync((IPEndPoint)service.BoundEndPoints[0])));
        Report([.. workers.Workers.Select(worker => worker.ConnectionCount)]);
        Array.ForEach(clients, client => client.Dispose());
        await shutdown.CancelAsync();
        await running;
        return 0;
    }

    public ValueTask HandleAsync(ServerSession session, CancellationToken shutdown) => session.RespondAsync(200, "ok");

    private static async Task<Socket> OpenAsync(IPEndPoint server)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(server);
        await client.SendAsync(Request);
        if (await client.ReceiveAsync(new byte[1024]) == 0)
            throw new IOException("The server has closed a connection that it should keep");
        return client;
    }

    private static void Report(int[] counts)
    {
        var all = counts.Sum();
        for (var i = 0; i < counts.Length; i++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"worker {i}: {counts[i]} of {all} connections ({100.0 * counts[i] / all:F1} %)"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"largest share: {100.0 * counts.Max() / all:F1} %, an even one is {100.0 / counts.Length:F1} %"));
    }
}
