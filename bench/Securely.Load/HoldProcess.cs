namespace Securely.Load;

/// <summary>Connections that have made a request and then wait.</summary>
internal static class HoldProcess
{
    public static int Run(Options options)
    {
        var server = options.EndPoint("to");
        var request = KeepAliveClient.Request(server, options.Text("path", "/"));
        var buffer = new byte[64 * 1024];
        var clients = Enumerable.Range(0, options.Number("connections", 9_000)).Select(_ => new KeepAliveClient(server, request, buffer)).ToArray();
        // One after the other, so that the server never has more than one request at a time: what stays is what waiting costs.
        Console.WriteLine($"held {clients.Count(client => client.TryConnect() && Asks(client))}");
        while (Console.ReadLine() is not null)
            Console.WriteLine($"held {clients.Count(client => client.IsConnected && Asks(client))}");
        return 0;
    }

    private static bool Asks(KeepAliveClient client)
    {
        client.Send();
        return client.Receive() == Outcome.Answered && client.IsConnected;
    }
}
