namespace Securely.Proxy.LoadBalancing;

/// <summary>Lays weights out as one period of turns, in which a heavy backend's turns are spread instead of following each other.</summary>
internal static class SmoothSequence
{
    /// <summary>The longest period; larger sums of weights are scaled down to it, each backend keeping at least one turn.</summary>
    public const int MaxLength = 4096;

    /// <summary>One period: positions of backends, each as often as its weight divided by the common divisor of all.</summary>
    public static int[] Build(IReadOnlyList<Backend> backends)
    {
        var weights = new int[backends.Count];
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = backends[i].Weight;
        }

        Reduce(weights);
        var total = Sum(weights);
        if (total > MaxLength)
        {
            foreach (ref var weight in weights.AsSpan())
            {
                weight = (int)Math.Max(1, Math.Round((double)weight * MaxLength / total));
            }

            Reduce(weights);
            total = Sum(weights);
        }

        return total == weights.Length ? [.. Enumerable.Range(0, weights.Length)] : Interleave(weights, (int)total);
    }

    /// <summary>
    /// At each turn everybody gains credit by weight, the richest is chosen and pays the sum of all weights. Weights 5, 1, 1 give
    /// a a b a c a a.
    /// </summary>
    private static int[] Interleave(ReadOnlySpan<int> weights, int total)
    {
        var sequence = new int[total];
        var credits = new int[weights.Length];
        for (var turn = 0; turn < total; turn++)
        {
            var richest = 0;
            for (var i = 0; i < weights.Length; i++)
            {
                credits[i] += weights[i];
                if (credits[i] > credits[richest])
                {
                    richest = i;
                }
            }

            credits[richest] -= total;
            sequence[turn] = richest;
        }

        return sequence;
    }

    private static void Reduce(Span<int> weights)
    {
        var divisor = 0;
        foreach (var weight in weights)
        {
            divisor = GreatestCommonDivisor(divisor, weight);
        }

        foreach (ref var weight in weights)
        {
            weight /= divisor;
        }
    }

    private static int GreatestCommonDivisor(int a, int b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }

    private static long Sum(ReadOnlySpan<int> weights)
    {
        long sum = 0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        return sum;
    }
}
