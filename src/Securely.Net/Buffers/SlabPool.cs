namespace Securely.Net;

/// <summary>
/// The read and write buffers of one worker: pinned arrays of three sizes, kept on free lists and never cleared. Only the owning worker touches it.
/// </summary>
/// <remarks>
/// It keeps as many as were in use at once, for pinned memory that comes and goes with each wave of connections is collected late and whole.
/// What a wave has left behind is let go of by an eighth each <see cref="TrimEvery"/>, and a floor of 1 MiB of each size stays.
/// </remarks>
public sealed class SlabPool
{
    /// <summary>The size of a buffer for the head of a request, in bytes.</summary>
    public const int Head = 4 * 1024;

    /// <summary>The size of a buffer for heads and small bodies, in bytes.</summary>
    public const int Small = 16 * 1024;

    /// <summary>The size of a buffer for streaming bodies, in bytes.</summary>
    public const int Large = 64 * 1024;

    /// <summary>How often what is not needed any more is let go of.</summary>
    internal static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(10);

    private const int Floor = 1024 * 1024;

    private readonly FreeList _heads = new(Head);
    private readonly FreeList _small = new(Small);
    private readonly FreeList _large = new(Large);
    private readonly Worker? _worker;
    private readonly WorkerTimer? _trim;

    /// <summary>Makes a pool that belongs to no worker, and so keeps what it was given for as long as it lives.</summary>
    public SlabPool()
    {
    }

    internal SlabPool(Worker worker)
    {
        _worker = worker;
        _trim = new WorkerTimer(static pool => ((SlabPool)pool!).Trim(), this);
    }

    /// <summary>Bytes that lie unused on the free lists.</summary>
    internal long Unused => _heads.Unused + _small.Unused + _large.Unused;

    /// <summary>Takes a buffer of at least <paramref name="size"/> bytes.</summary>
    /// <param name="size">In bytes; what is over <see cref="Large"/> is made to measure and not kept.</param>
    /// <returns>A pinned array; its content is undefined.</returns>
    public byte[] Rent(int size = Small) => ListOf(size)?.Rent() ?? GC.AllocateUninitializedArray<byte>(size, pinned: true);

    /// <summary>Gives a buffer back. It must not be used afterwards.</summary>
    /// <param name="buffer">A buffer of <see cref="Rent"/>.</param>
    public void Return(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        if (ListOf(buffer.Length) is not { } list || list.Size != buffer.Length)
            return;
        list.Return(buffer);
        if (list.IsAboveFloor && _trim is { IsSet: false })
            _trim.Set(_worker!, TrimEvery);
    }

    private FreeList? ListOf(int size) => size <= Head ? _heads : size <= Small ? _small : size <= Large ? _large : null;

    private void Trim()
    {
        _heads.Trim();
        _small.Trim();
        _large.Trim();
        if (_heads.IsAboveFloor || _small.IsAboveFloor || _large.IsAboveFloor)
            _trim!.Set(_worker!, TrimEvery);
    }

    /// <summary>The buffers of one size that are not in use.</summary>
    private sealed class FreeList(int size)
    {
        private const int LeastTrim = 16;

        private readonly Stack<byte[]> _free = new();
        private int _leastFree;

        public int Size => size;

        public long Unused => (long)_free.Count * size;

        public bool IsAboveFloor => _free.Count > Floor / size;

        public byte[] Rent()
        {
            if (!_free.TryPop(out var buffer))
                return GC.AllocateUninitializedArray<byte>(size, pinned: true);
            if (_free.Count < _leastFree)
                _leastFree = _free.Count;
            return buffer;
        }

        public void Return(byte[] buffer) => _free.Push(buffer);

        /// <summary>Lets go of an eighth of those that nobody has needed since the last time, but for the floor.</summary>
        public void Trim()
        {
            var surplus = Math.Min(_leastFree, _free.Count - (Floor / size));
            for (var left = Math.Min(surplus, Math.Max(LeastTrim, surplus / 8)); left > 0; left--)
                _free.Pop();
            _leastFree = _free.Count;
        }
    }
}
