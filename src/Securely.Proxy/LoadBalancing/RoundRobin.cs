using System.Runtime.InteropServices;

namespace Securely.Proxy.LoadBalancing;

/// <summary>
/// Takes the backends in turn, each as often as its weight says, the heavier ones spread out between the others (LB-06).
/// Every worker walks the same sequence at its own pace from its own start, so that workers share nothing.
/// </summary>
public sealed class RoundRobin : ISelection
{
    /// <inheritdoc/>
    public string Name => "round_robin";

    /// <inheritdoc/>
    public ISelector Build(IReadOnlyList<Backend> backends)
    {
        ArgumentNullException.ThrowIfNull(backends);
        ArgumentOutOfRangeException.ThrowIfZero(backends.Count);
        return new Rotation(SmoothSequence.Build(backends));
    }

    /// <summary>The sequence, and where each worker stands in it.</summary>
    private sealed class Rotation : ISelector
    {
        private readonly int[] _sequence;

        // One cell a worker, written by that worker alone. Two services may both have a worker 0; should they share a balancer they
        // share a cell too, and the worst that a lost update does is to choose one backend twice in a row.
        private readonly Cell[] _cells;

        // For calls outside of a worker and for worker indexes past the cells: written with Interlocked by anybody.
        private uint _shared;

        public Rotation(int[] sequence)
        {
            _sequence = sequence;
            _cells = new Cell[Math.Max(64, Environment.ProcessorCount)];
            for (var worker = 0; worker < _cells.Length; worker++)
            {
                _cells[worker].Position = Start(worker, sequence.Length);
            }
        }

        public int Propose(ReadOnlySpan<byte> key, ref SelectionCursor cursor)
        {
            var sequence = _sequence;
            if (cursor.Step >= sequence.Length)
            {
                return -1;
            }

            var cells = _cells;
            int place;
            if ((uint)cursor.Worker < (uint)cells.Length)
            {
                ref var cell = ref cells[cursor.Worker];
                place = cursor.Step == 0 ? cell.Position : Following((int)cursor.Position);
                cell.Position = Following(place);
            }
            else
            {
                // Every step takes one from the shared rotation, but walks on from its own place: others that step in between
                // must not hide a backend from this selection.
                var taken = Interlocked.Increment(ref _shared) - 1;
                place = cursor.Step == 0 ? (int)(taken % (uint)sequence.Length) : Following((int)cursor.Position);
            }

            cursor.Step++;
            cursor.Position = place;
            return sequence[place];
        }

        /// <summary>Spreads the starts by the golden ratio: any first few workers start far from each other, worker 0 at 0.</summary>
        private static int Start(int worker, int length) => (int)(((ulong)((uint)worker * 0x9E37_79B1u) * (uint)length) >> 32);

        private int Following(int place) => place + 1 == _sequence.Length ? 0 : place + 1;
    }

    /// <summary>Two cache lines wide, because processors fetch lines in pairs.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Cell
    {
        [FieldOffset(0)]
        public int Position;
    }
}
