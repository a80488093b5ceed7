using Securely.Net;

namespace Securely.Proxy;

/// <summary>
/// Lets one message a second of each worker through, so that a dead upstream under load does not fill the log, and counts the others. Each worker
/// touches its own cell only.
/// </summary>
internal sealed class LogThrottle(int workers)
{
    private const long Interval = 1000;

    private readonly (long Next, int Skipped)[] _cells = new (long, int)[workers];

    /// <summary>Whether this message may be logged.</summary>
    /// <param name="worker">The current worker.</param>
    /// <param name="skipped">How many were not, since the last one that was.</param>
    internal bool TryEnter(Worker worker, out int skipped)
    {
        ref var cell = ref _cells[worker.Index];
        skipped = cell.Skipped;
        if (worker.Now < cell.Next)
        {
            cell.Skipped++;
            return false;
        }

        cell = (worker.Now + Interval, 0);
        return true;
    }
}
