using Microsoft.Extensions.Logging;

namespace Securely.Cli.Tests;

public sealed class LogLevelsTests : IDisposable
{
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public void Dispose() => _error.Dispose();

    [Fact]
    public void The_longest_category_that_fits_counts()
    {
        var levels = new LogLevels();
        levels.Set("A", LogLevel.Error);
        levels.Set("A.B", LogLevel.Debug);

        Assert.Equal(LogLevel.Error, levels.Of("A"));
        Assert.Equal(LogLevel.Error, levels.Of("A.Bc"));
        Assert.Equal(LogLevel.Debug, levels.Of("A.B"));
        Assert.Equal(LogLevel.Debug, levels.Of("A.B.C"));
        Assert.Equal(LogLevel.Information, levels.Of("AB"));
        levels.Set("A.B", null);
        Assert.Equal(LogLevel.Error, levels.Of("A.B"));
    }

    [Fact]
    public void Loggers_notice_a_change_at_their_next_message()
    {
        using (var log = new ProcessLog(_error, null, TimeProvider.System))
        {
            var (one, two) = (log.CreateLogger("One"), log.CreateLogger("Two"));
            one.LogDebug("a");
            log.Levels.Set(LogLevel.Debug);
            one.LogDebug("b");
            log.Levels.Set("One", LogLevel.None);
            one.LogCritical("c");
            two.LogDebug("d");
            two.LogTrace("e");
            log.Levels.Set(LogLevel.Error);
            two.LogWarning("f");
            two.LogError("g");
        }

        Assert.Equal(["debug One: b", "debug Two: d", "error Two: g"], _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[25..]));
    }

    [Fact]
    public void Every_level_has_a_name_and_every_name_a_level()
    {
        Assert.All(Enum.GetValues<LogLevel>(), level =>
        {
            Assert.True(LogLevels.TryParse(LogLevels.NameOf(level), out var again));
            Assert.Equal(level, again);
        });
        Assert.False(LogLevels.TryParse("loud", out _));
        Assert.False(LogLevels.TryParse("", out _));
    }
}
