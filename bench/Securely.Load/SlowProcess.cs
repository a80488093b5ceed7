using System.Diagnostics;
using System.Globalization;

namespace Securely.Load;

/// <summary>
/// A crowd of slow clients on one thread. They arrive evenly over some seconds, and whoever is cut off comes back at once, until that is no longer
/// wanted; how long each connection was endured is the figure.
/// </summary>
internal sealed class SlowProcess
{
    // A turn of one part takes a millisecond or two of the processor that the ordinary clients and the origin need as well.
    private const int Parts = 25;
    private const int TurnsASecond = 4;

    private readonly Crowd[] _crowds;
    private readonly int _ramp;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private volatile bool _comesBack = true;

    private SlowProcess(Crowd[] crowds, int seconds)
    {
        _crowds = crowds;
        _ramp = Math.Max(1, seconds * Parts * TurnsASecond);
    }

    public static async Task<int> RunAsync(Options options)
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
        var process = new SlowProcess(crowds, options.Number("ramp", 15));
        new Thread(process.Obey) { IsBackground = true, Name = "control" }.Start();
        await process.DriveAsync();
        return 0;
    }

    /// <summary>Gives each client its turn four times a second, a byte in one of the four, spread evenly over the time.</summary>
    private async Task DriveAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TurnsASecond / Parts));
        for (var tick = 0; await timer.WaitForNextTickAsync(); tick++)
        {
            foreach (var crowd in _crowds)
            {
                if (tick < _ramp)
                    crowd.Arrive(tick, _ramp, _clock.ElapsedMilliseconds);
                crowd.Act(tick % Parts, Parts, tick / Parts % TurnsASecond == 0, _clock.ElapsedMilliseconds, _comesBack);
            }

            if (tick == _ramp)
                Console.WriteLine($"slow {_crowds.Sum(crowd => crowd.Open)}");
        }
    }

    private void Obey()
    {
        while (Console.ReadLine() is { } command)
        {
            if (command == "leave")
                _comesBack = false;
            Console.WriteLine(string.Join(' ', _crowds.Select(crowd => crowd.Report())));
        }

        Environment.Exit(0);
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
        public void Arrive(int tick, int ticks, long now)
        {
            for (var until = (int)((tick + 1L) * clients.Length / ticks); _arrived < until; _arrived++)
                TryOpen(clients[_arrived], now);
        }

        /// <summary>Gives one part of those who have arrived their turn.</summary>
        public void Act(int part, int parts, bool isNewSecond, long now, bool comesBack)
        {
            for (var i = part; i < _arrived; i += parts)
            {
                var client = clients[i];
                if (client.IsOpen && !client.Act(isNewSecond))
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
