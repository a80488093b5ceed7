using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Runtime;

/// <summary>The buffers of a worker: sizes, what is kept, and what is let go of.</summary>
public sealed class SlabPoolTests
{
    [Theory]
    [InlineData(0, SlabPool.Head)]
    [InlineData(SlabPool.Head, SlabPool.Head)]
    [InlineData(SlabPool.Head + 1, SlabPool.Small)]
    [InlineData(SlabPool.Small + 1, SlabPool.Large)]
    [InlineData(SlabPool.Large + 1, SlabPool.Large + 1)]
    public void Gives_the_smallest_that_is_large_enough(int asked, int given) => Assert.Equal(given, new SlabPool().Rent(asked).Length);

    [Fact]
    public void Gives_again_what_it_was_given()
    {
        var pool = new SlabPool();
        var buffer = pool.Rent();
        pool.Return(buffer);
        Assert.Same(buffer, pool.Rent(SlabPool.Head + 1));
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(SlabPool.Large + 1)]
    public void Keeps_nothing_that_is_made_to_measure(int length)
    {
        var pool = new SlabPool();
        pool.Return(new byte[length]);
        Assert.Equal(0, pool.Unused);
    }

    [Fact]
    public async Task Keeps_a_wave_for_the_next_and_lets_go_of_it_bit_by_bit_down_to_the_floor()
    {
        const int Wave = 1_000;
        const long Floor = 1024 * 1024;
        var time = new ManualTimeProvider();
        await using var workers = new TestWorkers(time: time);
        var pool = workers[0].Buffers;
        await workers.RunAsync(() => Swing(pool, Wave));
        Assert.Equal((long)Wave * SlabPool.Small, pool.Unused);

        var elapsed = TimeSpan.Zero;
        // All of them were needed until now, so that the first time only looks.
        foreach (var least in (long[])[Wave, Wave - 118, Wave - 118 - 103])
        {
            await AdvanceAsync();
            Assert.InRange(pool.Unused, (least - 10) * SlabPool.Small, (least + 10) * SlabPool.Small);
        }

        for (var i = 0; i < 100 && pool.Unused > Floor; i++)
            await AdvanceAsync();
        Assert.Equal(Floor, pool.Unused);

        async Task AdvanceAsync()
        {
            time.Advance(SlabPool.TrimEvery);
            elapsed += SlabPool.TrimEvery;
            await workers.SettleAsync(elapsed);
        }
    }

    private static void Swing(SlabPool pool, int count)
    {
        var rented = Enumerable.Range(0, count).Select(_ => pool.Rent()).ToList();
        rented.ForEach(pool.Return);
    }
}
