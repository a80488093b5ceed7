using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Securely.Load;

/// <summary>
/// A closed loop over warm connections that makes an exact number of requests. It measures no latency: a round waits for its slowest
/// connection.
/// </summary>
internal sealed class LoadProcess
{
    private readonly KeepAliveClient[] _clients;
    private readonly long[] _outcomes = new long[Enum.GetValues<Outcome>().Length];
    private long _closedIdle;

    private LoadProcess(IPEndPoint server, string path, int connections)
    {
        var request = KeepAliveClient.Request(server, path);
        var buffer = new byte[64 * 1024];
        _clients = [.. Enumerable.Range(0, connections).Select(_ => new KeepAliveClient(server, request, buffer))];
    }

    public static int Run(Options options)
    {
        var load = new LoadProcess(options.EndPoint("to"), options.Text("path", "/"), options.Number("connections", 64));
        if (!Array.TrueForAll(load._clients, client => client.TryConnect()))
        {
            Console.Error.WriteLine($"Nobody listens on [{options.Text("to")}]");
            return 1;
        }

        load.Go(options.Number("warmup", 20_000));
        Console.WriteLine(load.Errors() == 0 ? "warm" : load.Report(0));
        while (Console.ReadLine() is { } command)
        {
            load.Forget();
            var began = Stopwatch.GetTimestamp();
            if (command == "flood")
                load.Flood();
            else
                load.Go(long.Parse(command.AsSpan(command.IndexOf(' ') + 1), NumberStyles.None, CultureInfo.InvariantCulture));
            Console.WriteLine(load.Report(Stopwatch.GetElapsedTime(began).TotalSeconds));
        }

        return 0;
    }

    /// <summary>So many requests on connections that must stay; one that ends is made anew and shows in the report.</summary>
    private void Go(long requests)
    {
        while (requests > 0)
        {
            var round = _clients.AsSpan(0, (int)Math.Min(requests, _clients.Length));
            foreach (var client in round)
            {
                if (!client.IsConnected && !client.TryConnect())
                    throw new IOException("Nobody listens any more");
                client.Send();
            }

            foreach (var client in round)
                _outcomes[(int)client.Receive()]++;
            requests -= round.Length;
        }
    }

    /// <summary>
    /// Requests as fast as they are answered, until nobody listens. A connection that the server has ended between two requests is no loss, as
    /// long as nothing was sent on it since.
    /// </summary>
    private void Flood()
    {
        var alive = _clients.ToList();
        while (alive.Count > 0)
        {
            alive.RemoveAll(client => !IsReady(client));
            alive.ForEach(client => client.Send());
            alive.ForEach(client => _outcomes[(int)client.Receive()]++);
        }

        bool IsReady(KeepAliveClient client)
        {
            if (client.IsConnected && !client.WasClosed())
                return true;
            _closedIdle += client.IsConnected ? 1 : 0;
            return client.TryConnect();
        }
    }

    private void Forget()
    {
        Array.Clear(_outcomes);
        _closedIdle = 0;
    }

    private long Errors() => _outcomes.Sum() - _outcomes[(int)Outcome.Answered];

    private string Report(double seconds)
    {
        var outcomes = Enum.GetValues<Outcome>().Select(outcome => $"{outcome.ToString().ToLowerInvariant()}={_outcomes[(int)outcome]}");
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', outcomes)} closed_idle={_closedIdle} seconds={seconds:F3}");
    }
}
