namespace Securely.Net;

/// <summary>
/// The read and write buffers of one worker: pinned arrays of two sizes, kept on free lists and never cleared. Only the owning worker touches it.
/// </summary>
public sealed class SlabPool
{
    /// <summary>The size of a buffer for heads and small bodies, in bytes.</summary>
    public const int Small = 16 * 1024;

    /// <summary>The size of a buffer for streaming bodies, in bytes.</summary>
    public const int Large = 64 * 1024;

    private const int MostSmall = 256;
    private const int MostLarge = 64;

    private readonly Stack<byte[]> _small = new();
    private readonly Stack<byte[]> _large = new();

    /// <summary>Takes a buffer of at least <paramref name="size"/> bytes.</summary>
    /// <param name="size">In bytes; what is over <see cref="Large"/> is made to measure and not kept.</param>
    /// <returns>A pinned array; its content is undefined.</returns>
    public byte[] Rent(int size = Small)
    {
        if (size <= Small)
            return _small.TryPop(out var small) ? small : GC.AllocateUninitializedArray<byte>(Small, pinned: true);
        if (size <= Large)
            return _large.TryPop(out var large) ? large : GC.AllocateUninitializedArray<byte>(Large, pinned: true);
        return GC.AllocateUninitializedArray<byte>(size, pinned: true);
    }

    /// <summary>Gives a buffer back. It must not be used afterwards.</summary>
    /// <param name="buffer">A buffer of <see cref="Rent"/>.</param>
    public void Return(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        if (buffer.Length == Small && _small.Count < MostSmall)
            _small.Push(buffer);
        else if (buffer.Length == Large && _large.Count < MostLarge)
            _large.Push(buffer);
    }
}
