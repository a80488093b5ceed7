using Securely.Hosting;
using Securely.Net;

namespace Securely.Load;

/// <summary>An upstream that takes everything and answers nothing, so that a request lasts as long as its client lets it.</summary>
internal sealed class SinkProcess : IConnectionHandler
{
    public static async Task<int> RunAsync(Options options)
    {
        var service = new ListeningService("sink", new SinkProcess(), new ListeningServiceOptions { Threads = 1 });
        service.AddTcp(options.Text("listen", "127.0.0.1:0"));
        await using var server = new Server(loggerFactory: new StandardErrorLog());
        var handle = server.Add(service);
        var running = server.RunAsync();
        await Task.WhenAny(handle.Ready, running);
        if (!handle.Ready.IsCompletedSuccessfully)
            return await running;
        Console.WriteLine(service.BoundEndPoints[0]);
        return await running;
    }

    public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
    {
        while (await connection.WaitReadableAsync())
        {
            var buffer = connection.Worker!.Buffers.Rent();
            var count = await connection.ReadAsync(buffer);
            connection.Worker.Buffers.Return(buffer);
            if (count == 0)
                return;
        }
    }
}
