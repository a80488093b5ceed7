using Securely.Proxy.LoadBalancing;

namespace Securely.Network.Tests.Proxy.LoadBalancing;

public sealed class RoundRobinTests
{
    [Theory]
    [InlineData("1,1", "01")]
    [InlineData("2,1", "010")]
    [InlineData("5,1,1", "0010200")]
    [InlineData("10,2,2", "0010200")]
    [InlineData("1,2,3", "210212")]
    [InlineData("7", "0")]
    public void Spreads_the_turns_of_the_heavy_between_the_light(string weights, string expected)
    {
        var sequence = SmoothSequence.Build(Backends([.. weights.Split(',').Select(int.Parse)]));

        Assert.Equal(expected, string.Concat(sequence));
    }

    [Fact]
    public void Scales_great_weights_down_and_forgets_nobody()
    {
        var sequence = SmoothSequence.Build(Backends(65_535, 65_535, 1, 32_767));

        Assert.InRange(sequence.Length, 4, SmoothSequence.MaxLength + 4);
        Assert.Equal([0, 1, 2, 3], sequence.Distinct().Order());
        Assert.Equal(0.4, sequence.Count(index => index == 0) / (double)sequence.Length, 2);
        Assert.Equal(0.2, sequence.Count(index => index == 3) / (double)sequence.Length, 2);
    }

    [Fact]
    public void Two_equal_backends_alternate_strictly_on_one_worker()
    {
        var selector = new RoundRobin().Build(Backends(1, 1));

        Assert.Equal("01010101", Turns(selector, worker: 0, 8));
    }

    [Fact]
    public void A_weight_of_two_gets_exactly_two_of_three()
    {
        var selector = new RoundRobin().Build(Backends(1, 2));

        for (var period = 0; period < 10; period++)
        {
            Assert.Equal(2, Turns(selector, worker: 0, 3).Count(turn => turn == '1'));
        }
    }

    [Fact]
    public void Workers_walk_at_their_own_pace_from_their_own_start()
    {
        var selector = new RoundRobin().Build(Backends(1, 1, 1, 1));

        Assert.Equal("0", Turns(selector, worker: 0, 1));
        Assert.Equal("23", Turns(selector, worker: 1, 2));
        Assert.Equal("123012", Turns(selector, worker: 0, 6));
        Assert.Equal("0123", Turns(selector, worker: 1, 4));
        Assert.Equal(4, Enumerable.Range(0, 8).Select(worker => Turns(new RoundRobin().Build(Backends(1, 1, 1, 1)), worker, 1)).Distinct().Count());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void Calls_without_a_cell_share_one_rotation(int worker)
    {
        var selector = new RoundRobin().Build(Backends(1, 1, 1));

        Assert.Equal("012012", Turns(selector, worker, 6));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    public void One_selection_sees_every_backend_and_then_the_end(int worker)
    {
        var selector = new RoundRobin().Build(Backends(3, 1, 1));
        var cursor = new SelectionCursor { Worker = worker };
        var seen = new List<int>();
        for (var index = selector.Propose(default, ref cursor); index >= 0; index = selector.Propose(default, ref cursor))
        {
            seen.Add(index);
        }

        Assert.Equal(5, seen.Count);
        Assert.Equal([0, 1, 2], seen.Distinct().Order());
    }

    private static Backend[] Backends(params int[] weights) =>
        [.. weights.Select((weight, index) => Backend.Parse($"10.0.0.{index + 1}:80", weight))];

    private static string Turns(ISelector selector, int worker, int count)
    {
        var turns = "";
        for (var i = 0; i < count; i++)
        {
            var cursor = new SelectionCursor { Worker = worker };
            turns += selector.Propose(default, ref cursor);
        }

        return turns;
    }
}
