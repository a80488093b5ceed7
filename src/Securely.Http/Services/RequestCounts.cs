using System.Runtime.InteropServices;

namespace Securely.Http;

/// <summary>
/// How many requests each worker of a service has read. A worker writes its own cell only, without synchronization; whoever sums them up reads
/// each as it stands.
/// </summary>
internal sealed class RequestCounts(int workers)
{
    private readonly Cell[] _cells = new Cell[workers];

    internal long Total
    {
        get
        {
            var total = 0L;
            foreach (ref var cell in _cells.AsSpan())
                total += Volatile.Read(ref cell.Count);
            return total;
        }
    }

    /// <summary>Called by the worker itself.</summary>
    internal void Add(int worker) => _cells[worker].Count++;

    /// <summary>As large as two cache lines, which processors fetch together: no worker waits for another one's count.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Cell
    {
        [FieldOffset(64)]
        public long Count;
    }
}
