using System.Buffers;
using System.Runtime.CompilerServices;

namespace Securely.Http;

/// <summary>
/// Arrays of one small length, kept by the thread that gives them back, in front of the shared pool: that one keeps a single array of a
/// length for each thread and locks for the next, and every request needs two.
/// </summary>
/// <typeparam name="T">The elements; they are not cleared.</typeparam>
internal static class ThreadArrays<T>
{
    private const int MostKept = 64;

    [ThreadStatic]
    private static T[][]? _kept;

    [ThreadStatic]
    private static int _count;

    /// <summary>An array of at least so many elements; of exactly <paramref name="small"/>, a power of two, when that is enough.</summary>
    public static T[] Rent(int length, int small)
    {
        if (length > small)
        {
            return ArrayPool<T>.Shared.Rent(length);
        }

        int count = _count;
        if (count == 0)
        {
            return ArrayPool<T>.Shared.Rent(small);
        }

        _count = --count;
        return _kept![count];
    }

    /// <summary>Takes an array back, from any thread.</summary>
    public static void Return(T[] array, int small)
    {
        int count = _count;
        if (array.Length != small || count == MostKept)
        {
            ArrayPool<T>.Shared.Return(array);
            return;
        }

        (_kept ?? MakeRoom())[count] = array;
        _count = count + 1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T[][] MakeRoom() => _kept = new T[MostKept][];
}
