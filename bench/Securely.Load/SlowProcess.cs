using System.Diagnostics;
using System.Globalization;

namespace Securely.Load;

/// <summary>
/// A crowd of slow clients on one thread. They arrive evenly over some seconds, and whoever is cut off comes back at once, until that is no longer
/// wanted; how long each connection was endured is the figure.
/// </summary>
internal sealed class SlowProcess
{
    // Each client has one turn a second. Those of a second are spread over it as finely as the timer goes: clients that know nothing of each other
    // do not come in bursts, and the ordinary ones and the origin need the same processor.
    private const int Parts = 1000;
    private const int Arrival = 15 * Parts;

    private readonly Crowd[] _crowds;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private volatile bool _comesBack = true;

    private SlowProcess(Crowd[] crowds) => _crowds = crowds;

    public static int Run(Options options)
    {
        var clients = options.Number("clients", 2_000);
        var crowds = options.Text("kinds", "header,body,reader,idle").Split(',').Select(name => Enum.Parse<SlowKind>(name, ignoreCase: true)).Select(kind =>
        {
            var server = options.EndPoint(kind == SlowKind.Handshake ? "tls" : "to");
            var path = kind switch
            {
                SlowKind.Body => options.Text("sink", "/sink"),
                SlowKind.Reader => options.Text("large", "/large"),
                _ => options.Text("path", "/"),
            };
            return new Crowd(kind, [.. Enumerable.Range(0, clients).Select(number => new SlowClient(kind, number, server, path))]);
        }).ToArray();
        var process = new SlowProcess(crowds);
        using var ended = new ManualResetEvent(false);
        var control = new Thread(() => process.Obey(ended)) { Name = "control" };
        control.Start();
        process.Drive(ended);
        control.Join();
        return 0;
    }

    /// <summary>Gives each client its turn once a second, also the turns that the processor had no time for.</summary>
    private void Drive(ManualResetEvent ended)
    {
        for (long tick = 0; !ended.WaitOne(1);)
        {
            for (var now = _clock.ElapsedMilliseconds * Parts / 1000; tick < now; tick++)
                Turn(tick);
        }
    }

    private void Turn(long tick)
    {
        foreach (var crowd in _crowds)
        {
            if (tick < Arrival)
                crowd.Arrive(tick, Arrival, _clock.ElapsedMilliseconds);
            crowd.Act((int)(tick % Parts), Parts, _clock.ElapsedMilliseconds, _comesBack);
        }

        if (tick == Arrival)
            Console.WriteLine($"slow {_crowds.Sum(crowd => crowd.Open)}");
    }

    private void Obey(ManualResetEvent ended)
    {
        while (Console.ReadLine() is { } command)
        {
            if (command == "leave")
                _comesBack = false;
            Console.WriteLine(string.Join(' ', _crowds.Select(crowd => crowd.Report())));
        }

        ended.Set();
    }

    /// <summary>The clients of one kind.</summary>
    private sealed class Crowd(SlowKind kind, SlowClient[] clients)
    {
        private int _arrived;
        private long _opened;
        private long _gone;
        private long _refused;
        private long _least = long.MaxValue;
        private long _most;

        public int Open => clients.Count(client => client.IsOpen);

        /// <summary>Opens the share of one tick of the arrival.</summary>
        public void Arrive(long tick, int ticks, long now)
        {
            for (var until = (int)((tick + 1) * clients.Length / ticks); _arrived < until; _arrived++)
                TryOpen(clients[_arrived], now);
        }

        /// <summary>Gives one part of those who have arrived their turn.</summary>
        public void Act(int part, int parts, long now, bool comesBack)
        {
            for (var i = part; i < _arrived; i += parts)
            {
                var client = clients[i];
                if (client.IsOpen && !client.Act())
                {
                    _gone++;
                    _least = Math.Min(_least, now - client.Since);
                    _most = Math.Max(_most, now - client.Since);
                }

                if (!client.IsOpen && comesBack)
                    TryOpen(client, now);
            }
        }

        public string Report()
        {
            var name = kind.ToString().ToLowerInvariant();
            var least = _gone == 0 ? 0 : _least;
            return string.Create(CultureInfo.InvariantCulture, $"{name}.opened={_opened} {name}.gone={_gone} {name}.refused={_refused} {name}.least={least} {name}.most={_most} {name}.left={Open}");
        }

        private void TryOpen(SlowClient client, long now)
        {
            if (client.TryOpen(now))
                _opened++;
            else
                _refused++;
        }
    }
}
