using Securely.Config;

namespace Securely.Components.Tests.Config;

public sealed class NearestNameTests
{
    private static readonly string[] Known = ["threads", "listeners", "upstreams", "sites", "dns", "daemon", "daemons"];

    [Theory]
    [InlineData("thread", "threads")]
    [InlineData("htreads", "threads")]
    [InlineData("listner", "listeners")]
    [InlineData("upstream", "upstreams")]
    [InlineData("stie", "sites")]
    [InlineData("DNS", "dns")]
    [InlineData("Listeners", "listeners")]
    [InlineData("deamon", "daemon")]
    [InlineData("threads", "threads")]
    public void Finds_a_name_two_steps_away(string written, string meant) => Assert.Equal(meant, NearestName.Find(written, Known));

    [Theory]
    [InlineData("lstnr")]
    [InlineData("application")]
    [InlineData("")]
    [InlineData("db")]
    public void Finds_nothing_where_nothing_is_near(string written) => Assert.Null(NearestName.Find(written, Known));

    [Fact]
    public void Takes_the_first_of_equally_near_names() => Assert.Equal("cat", NearestName.Find("bat", ["cat", "hat"]));

    [Fact]
    public void Keeps_to_the_distance_that_is_asked_for() => Assert.Null(NearestName.Find("listner", Known, maxDistance: 1));

    [Fact]
    public void Does_not_compare_very_long_names() => Assert.Null(NearestName.Find(new string('x', 129), [new string('x', 128)]));
}
