using Securely.Net;

namespace Securely.Network.Tests.Net.Logging;

public sealed class LogRingTests
{
    [Fact]
    public void Gives_back_what_was_added_in_order_round_and_round()
    {
        var ring = new LogRing(1024);
        for (var i = 0; i < 1000; i++)
        {
            var record = Record(i, 1 + (i * 7 % 200));
            Assert.True(ring.TryAdd(record, out _));
            Assert.True(ring.TryAdd(record, out _));
            Assert.Equal(record, Take(ring));
            Assert.Equal(record, Take(ring));
            Assert.True(ring.IsEmpty);
        }

        Assert.Equal(0, ring.Dropped);
    }

    [Fact]
    public void A_full_ring_counts_what_it_does_not_take_and_keeps_what_it_has()
    {
        var ring = new LogRing(1024);
        var taken = 0;
        while (ring.TryAdd(Record(taken, 60), out var isUrgent))
        {
            // Told once, when more than half is used.
            Assert.Equal(taken == 8, isUrgent);
            taken++;
        }

        Assert.Equal(16, taken);
        Assert.False(ring.TryAdd(Record(0, 60), out _));
        Assert.Equal(2, ring.Dropped);
        for (var i = 0; i < taken; i++)
            Assert.Equal(Record(i, 60), Take(ring));
        Assert.True(ring.IsEmpty);
        Assert.True(ring.TryAdd(Record(1, 60), out _));
    }

    [Fact]
    public void What_comes_while_it_is_read_is_for_the_next_time()
    {
        var ring = new LogRing(1024);
        ring.TryAdd([1], out _);
        var end = ring.End;
        ring.TryAdd([2], out _);
        Assert.True(ring.TryPeek(end, out var record));
        ring.Remove(record.Length);
        Assert.False(ring.TryPeek(end, out _));
        Assert.Equal([2], Take(ring));
    }

    [Fact]
    public async Task Two_threads_lose_nothing_but_what_is_counted()
    {
        const int Records = 200_000;
        var ring = new LogRing(4096);
        var added = 0L;
        var done = false;
        var writing = Task.Run(() =>
        {
            for (var i = 0; i < Records; i++)
                added += ring.TryAdd(BitConverter.GetBytes(i).AsSpan()[..(i % 2 == 0 ? 4 : 3)], out _) ? 1 : 0;
            Volatile.Write(ref done, true);
        });
        var read = 0L;
        while (!Volatile.Read(ref done) || !ring.IsEmpty)
        {
            var end = ring.End;
            while (ring.TryPeek(end, out var record))
            {
                Assert.True(record.Length is 3 or 4);
                ring.Remove(record.Length);
                read++;
            }
        }

        await writing;
        Assert.Equal(added, read);
        Assert.Equal(Records, read + ring.Dropped);
    }

    private static byte[] Record(int seed, int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(seed + i))];

    private static byte[] Take(LogRing ring)
    {
        Assert.True(ring.TryPeek(ring.End, out var record));
        var copy = record.ToArray();
        ring.Remove(copy.Length);
        return copy;
    }
}
