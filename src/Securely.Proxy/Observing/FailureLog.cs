using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>
/// Keeps a failure that repeats itself from filling the log: the first one is logged, those of the next second are counted, and their number is
/// logged when it has passed. Failures are the same when upstream server, kind and source are. Each worker touches its own cell only.
/// </summary>
internal sealed partial class FailureLog
{
    private const long Window = 1000;

    // More than any upstream has servers, mostly; what is beyond shares a place.
    private const int MostPlaces = 64;

    private readonly ILogger _logger;
    private readonly Cell?[] _cells;

    internal FailureLog(ILogger logger, int workers)
    {
        _logger = logger;
        _cells = new Cell?[workers];
        Retries = new LogThrottle(workers);
    }

    /// <summary>For tries that are repeated.</summary>
    internal LogThrottle Retries { get; }

    /// <summary>Kind, source and detail of an error, and what was behind it, on one line that nobody can break.</summary>
    internal static string Describe(ProxyError error)
    {
        var text = new StringBuilder(error.ToString());
        for (var cause = error.Cause; cause is not null; cause = cause.InnerException)
        {
            // Most layers repeat what the one below has said.
            if (!text.ToString().Contains(cause.Message, StringComparison.Ordinal))
                text.Append(" <- ").Append(cause.GetType().Name).Append(": ").Append(cause.Message);
        }

        return LogText.Escape(text.ToString());
    }

    /// <summary>Whether this failure gets a line of its own now.</summary>
    /// <param name="worker">The current worker.</param>
    /// <param name="server">The upstream server that was asked; null for none.</param>
    /// <param name="error">What failed.</param>
    /// <param name="upstream">What the log calls the upstream.</param>
    internal bool TryEnter(Worker worker, EndPoint? server, ProxyError error, string upstream)
    {
        var cell = _cells[worker.Index] ??= new Cell(this, worker);
        ref var place = ref cell.Find(server, error);
        if (worker.Now >= place.Until)
        {
            place = new Place(server, error.Kind, error.Source) { Until = worker.Now + Window };
            return true;
        }

        place.Repeated++;
        place.Last = error;
        place.Upstream = upstream;
        cell.Arm();
        return false;
    }

    [LoggerMessage(3004, LogLevel.Error, "Requests to upstream [{Upstream}] failed: {Error}; repeated {Times} times")]
    private static partial void LogRepeated(ILogger logger, string upstream, string error, int times);

    private record struct Place(EndPoint? Server, ErrorKind Kind, ErrorSource Source)
    {
        public long Until;
        public int Repeated;
        public ProxyError? Last;
        public string? Upstream;
    }

    private sealed class Cell
    {
        private readonly FailureLog _log;
        private readonly Worker _worker;
        private readonly WorkerTimer _timer;
        private Place[] _places = new Place[4];
        private int _count;

        internal Cell(FailureLog log, Worker worker)
        {
            _log = log;
            _worker = worker;
            _timer = new WorkerTimer(static cell => ((Cell)cell!).ReportRepeated(), this);
        }

        /// <summary>The place of a failure; a new one, whose time is over, when there is none.</summary>
        internal ref Place Find(EndPoint? server, ProxyError error)
        {
            var free = -1;
            for (var i = 0; i < _count; i++)
            {
                ref var place = ref _places[i];
                if (place.Kind == error.Kind && place.Source == error.Source && Equals(place.Server, server))
                    return ref place;
                if (place.Repeated == 0 && place.Until <= _worker.Now)
                    free = i;
            }

            if (free >= 0)
                return ref _places[free];
            if (_count == MostPlaces)
                return ref _places[MostPlaces - 1];
            if (_count == _places.Length)
                Array.Resize(ref _places, _count * 2);
            return ref _places[_count++];
        }

        internal void Arm()
        {
            if (!_timer.IsSet)
                _timer.Set(_worker, TimeSpan.FromMilliseconds(Window));
        }

        private void ReportRepeated()
        {
            var isLeft = false;
            for (var i = 0; i < _count; i++)
            {
                ref var place = ref _places[i];
                if (place.Repeated > 0 && _worker.Now >= place.Until)
                {
                    LogRepeated(_log._logger, place.Upstream!, Describe(place.Last!), place.Repeated);
                    place.Until = _worker.Now + Window;
                    place.Repeated = 0;
                    place.Last = null;
                }

                isLeft |= place.Repeated > 0;
            }

            if (isLeft)
                Arm();
        }
    }
}
