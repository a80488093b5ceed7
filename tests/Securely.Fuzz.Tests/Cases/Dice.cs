namespace Securely.Fuzz.Tests.Cases;

/// <summary>Numbers that look random and are the same on every machine and runtime (SplitMix64). Not for use by two threads.</summary>
internal sealed class Dice(ulong seed)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state = Mix(seed);

    /// <summary>The dice of one case of a run.</summary>
    public static Dice For(ulong seed, long number) => new(Mix(seed) + ((ulong)number * Golden));

    /// <summary>From 0 to less than <paramref name="end"/>, which is at least 1.</summary>
    public int Below(int end) => (int)(((UInt128)Roll() * (ulong)end) >> 64);

    /// <summary>From <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int count) => Below(count) == 0;

    /// <summary>One of several things.</summary>
    public T Of<T>(IReadOnlyList<T> things) => things[Below(things.Count)];

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private ulong Roll()
    {
        _state += Golden;
        return Mix(_state);
    }
}
