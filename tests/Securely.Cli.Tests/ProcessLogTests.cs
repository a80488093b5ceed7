using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Cli.Tests;

public sealed class ProcessLogTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public void Dispose()
    {
        _error.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Writes_a_line_a_message_with_time_level_and_category()
    {
        using (var log = new ProcessLog(_error, null, new StoppedClock()))
        {
            var logger = log.CreateLogger("proxy");
            logger.LogInformation("Upstream [{Name}] is back", "app");
            logger.LogDebug("Nobody reads this");
            logger.LogWarning("Careful");
        }

        Assert.Equal("2026-01-02T03:04:05.006Z info proxy: Upstream [app] is back\n2026-01-02T03:04:05.006Z warning proxy: Careful\n", _error.ToString());
    }

    [Fact]
    public void An_error_of_the_network_is_a_sentence_and_any_other_has_its_stack()
    {
        using (var log = new ProcessLog(_error, null, new StoppedClock()))
        {
            log.CreateLogger("net").LogError(new NetException(NetErrorKind.BindError, "the address is in use", ErrorSource.Internal), "Cannot start");
            log.CreateLogger("net").LogError(new InvalidOperationException("broken"), "Cannot go on");
        }

        var lines = _error.ToString().Split('\n');
        Assert.EndsWith("error net: Cannot start: the address is in use", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("error net: Cannot go on", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("    System.InvalidOperationException: broken", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_is_logged_forges_a_line_or_reaches_a_terminal_as_a_control_character()
    {
        const string Hostile = "a\n2026-01-02T03:04:05.006Z info proxy: all is well\r\u001b[2J\u009b\u202e";
        using (var log = new ProcessLog(_error, null, new StoppedClock()))
        {
            log.CreateLogger("proxy").LogError("Request [{Path}] failed", Hostile);
            log.CreateLogger("proxy").LogError(new NetException(NetErrorKind.ReadError, Hostile), "Failed");
            log.CreateLogger("proxy").LogError(new FormatException(Hostile), "Failed");
        }

        var lines = _error.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal(3, lines.Count(line => line.StartsWith("2026-01-02T03:04:05.006Z error proxy: ", StringComparison.Ordinal)));
        Assert.All(lines, line => Assert.True(line.StartsWith("2026-01-02T03:04:05.006Z error proxy: ", StringComparison.Ordinal) || line.StartsWith("    ", StringComparison.Ordinal), line));
        Assert.All(lines, line => Assert.DoesNotContain(line, letter => char.IsControl(letter) || letter == '\u202e'));
        Assert.EndsWith("Request [a\\x0a2026-01-02T03:04:05.006Z info proxy: all is well\\x0d\\x1b[2J\\x9b\\u202e] failed", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Appends_to_the_file_of_error_log_as_well()
    {
        var file = Path.Combine(_directory, "error.log");
        File.WriteAllText(file, "kept\n");

        using (var log = new ProcessLog(_error, file, new StoppedClock()))
            log.CreateLogger("proxy").LogError("Gone");

        Assert.Equal("kept\n2026-01-02T03:04:05.006Z error proxy: Gone\n", File.ReadAllText(file));
        Assert.EndsWith("Gone\n", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_opened_ends_the_start()
    {
        var failure = Assert.Throws<CliException>(() => new ProcessLog(_error, Path.Combine(_directory, "missing", "error.log"), TimeProvider.System));

        Assert.Equal(ExitCode.Failed, failure.ExitCode);
        Assert.Contains("error.log", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opens_its_file_anew_and_loses_nothing()
    {
        var (file, moved) = (Path.Combine(_directory, "error.log"), Path.Combine(_directory, "error.log.1"));
        using (var log = new ProcessLog(_error, file, new StoppedClock()))
        {
            var logger = log.CreateLogger("proxy");
            logger.LogError("Before");
            File.Move(file, moved);
            logger.LogError("Meanwhile");
            Assert.Equal(file, await log.ReopenAsync());
            logger.LogError("After");
        }

        Assert.EndsWith("Before\n2026-01-02T03:04:05.006Z error proxy: Meanwhile\n", File.ReadAllText(moved), StringComparison.Ordinal);
        Assert.Equal("2026-01-02T03:04:05.006Z error proxy: After\n", File.ReadAllText(file));
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_anew_leaves_the_old_one()
    {
        var directory = Directory.CreateDirectory(Path.Combine(_directory, "logs")).FullName;
        var (file, moved) = (Path.Combine(directory, "error.log"), Path.Combine(_directory, "moved"));
        using (var log = new ProcessLog(_error, file, new StoppedClock()))
        {
            Directory.Move(directory, moved);
            var failure = await Assert.ThrowsAsync<CliException>(log.ReopenAsync);
            Assert.Contains($"[{file}]", failure.Message, StringComparison.Ordinal);
            log.CreateLogger("proxy").LogError("After");
        }

        Assert.EndsWith("After\n", File.ReadAllText(Path.Combine(moved, "error.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_file_there_is_nothing_to_open_anew()
    {
        using var log = new ProcessLog(_error, null, TimeProvider.System);

        Assert.Null(await log.ReopenAsync());
    }

    [Fact]
    public void A_full_disk_ends_nothing()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no device that is always full here");
        using (var log = new ProcessLog(_error, "/dev/full", new StoppedClock()))
        {
            log.CreateLogger("proxy").LogError("One");
            log.CreateLogger("proxy").LogError("Two");
        }

        Assert.EndsWith("Two\n", _error.ToString(), StringComparison.Ordinal);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero);
    }
}
