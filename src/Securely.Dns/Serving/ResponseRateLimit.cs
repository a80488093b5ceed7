namespace Securely.Dns;

/// <summary>
/// Limits how many equal answers a network of clients gets, so that a forged address is not flooded by us. Each thread has its own, of fixed size;
/// two flows that meet in one place share a count, which errs on the side of the victim.
/// </summary>
internal sealed class ResponseRateLimit(int perSecond, int slip)
{
    private const int Places = 1 << 14;
    private readonly Place[] _places = perSecond > 0 ? new Place[Places] : [];

    /// <summary>Whether answers are counted at all.</summary>
    internal bool IsOn => _places.Length > 0;

    /// <summary>Counts one answer.</summary>
    /// <param name="address">The client's address.</param>
    /// <param name="kind">What equal answers have in common: a hash of the name, and of the code.</param>
    /// <param name="second">The time in seconds.</param>
    internal RateVerdict Count(ReadOnlySpan<byte> address, uint kind, uint second)
    {
        // Networks of 24 and 56 bits.
        var hash = address.Length == 4 ? 3 : 7;
        var mixed = (ulong)kind;
        foreach (var value in address[..hash])
            mixed = (mixed ^ value) * 0x100000001B3;
        mixed ^= mixed >> 29;
        ref var place = ref _places[mixed & (Places - 1)];
        if (place.Second != second)
            place = new Place { Second = second };
        if (++place.Count <= perSecond)
            return RateVerdict.Answer;
        return slip > 0 && (place.Count - perSecond) % slip == 0 ? RateVerdict.Truncate : RateVerdict.Drop;
    }

    private struct Place
    {
        internal uint Second;
        internal int Count;
    }
}

/// <summary>What happens to an answer.</summary>
internal enum RateVerdict
{
    Answer,
    Truncate,
    Drop,
}
