using System.Diagnostics;
using System.Globalization;
using Securely.Config;
using Securely.Testing;

namespace Securely.Cli.Tests.Settings;

/// <summary>What is left when a writer is killed, and when two of them write at once, with the built program as a process.</summary>
public sealed class CrashTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public Task A_killed_writer_leaves_the_old_file_or_the_new_one() => KillAsync(50);

    [Fact]
    [Trait("Category", "Long")]
    public Task A_thousand_killed_writers_leave_the_old_file_or_the_new_one() => KillAsync(1000);

    [Fact]
    public Task Two_processes_lose_no_update_of_each_other() => WriteAtOnceAsync(TimeSpan.FromSeconds(2));

    [Fact]
    [Trait("Category", "Long")]
    public Task Two_processes_lose_no_update_of_each_other_for_long() => WriteAtOnceAsync(TimeSpan.FromSeconds(10));

    private async Task KillAsync(int times)
    {
        // Long enough that half of it would show.
        var filler = string.Concat(Enumerable.Range(0, 2000).Select(i => string.Create(CultureInfo.InvariantCulture, $"FILLER_{i}=\"some text {i}\"\n")));
        _directory.Write(".env", "VALUE=0\n" + filler);
        var random = new Random(7);
        var whole = await MeasureAsync();
        var current = "VALUE=measured\n" + filler;
        var (killed, old, renewed) = (0, 0, 0);
        for (var i = 1; i <= times; i++)
        {
            var next = string.Create(CultureInfo.InvariantCulture, $"VALUE={i}\n") + filler;
            using var process = Start("settings:set", "VALUE", i.ToString(CultureInfo.InvariantCulture));
            WaitForMoment(process, whole, i, random);
            killed += Kill(process) ? 1 : 0;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            var text = await File.ReadAllTextAsync(_directory.File(".env"), TestContext.Current.CancellationToken);
            Assert.True(text == current || text == next, $"After kill {i} the file is neither the old nor the new one: {text.Length} characters, beginning with [{text[..Math.Min(40, text.Length)]}]");
            old += text == current ? 1 : 0;
            renewed += text == next ? 1 : 0;
            current = text;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{killed} of {times} killed, {old} files old, {renewed} new");
        Assert.True(killed > 0);
    }

    /// <summary>Any moment of the program's life, or, every other time, one while it writes: the new file stands beside the old one then.</summary>
    private void WaitForMoment(Process process, TimeSpan whole, int round, Random random)
    {
        if (round % 2 == 0)
        {
            process.WaitForExit(whole * (0.2 + (0.9 * random.NextDouble())));
            return;
        }

        var beside = _directory.File(".env.new");
        File.Delete(beside);
        while (!File.Exists(beside) && !process.HasExited)
            Thread.Yield();
        for (var turn = random.Next(300); turn > 0 && !process.HasExited; turn--)
            Thread.Yield();
    }

    private async Task<TimeSpan> MeasureAsync()
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Start("settings:set", "VALUE", "measured");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return Stopwatch.GetElapsedTime(started);
    }

    private async Task WriteAtOnceAsync(TimeSpan howLong)
    {
        _directory.Write(".env", "# kept\nFIRST=1\n");
        var started = Stopwatch.GetTimestamp();
        var written = await Task.WhenAll(WriteAsync("LEFT"), WriteAsync("RIGHT"));
        var entries = DotEnvReader.ReadFile(_directory.File(".env"), new ConfigDiagnostics())!.Select(entry => $"{entry.Name}={entry.Value}").ToHashSet(StringComparer.Ordinal);
        Assert.All(written.SelectMany(names => names).Append("FIRST=1"), expected => Assert.Contains(expected, entries));
        Assert.Equal(written.Sum(names => names.Count) + 1, entries.Count);
        TestContext.Current.TestOutputHelper?.WriteLine($"{written[0].Count} and {written[1].Count} updates, none lost");

        async Task<List<string>> WriteAsync(string side)
        {
            var names = new List<string>();
            do
            {
                var name = $"{side}_{names.Count}";
                using var process = Start("settings:set", name, side);
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
                Assert.Equal(0, process.ExitCode);
                names.Add($"{name}={side}");
            }
            while (Stopwatch.GetElapsedTime(started) < howLong);

            return names;
        }
    }

    private static bool Kill(Process process)
    {
        try
        {
            process.Kill();
            return true;
        }
        catch (InvalidOperationException)
        {
            // It was faster this time.
            return false;
        }
    }

    private Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(CliRunner.FindBinary(), [.. arguments, "--file", _directory.File(".env")])
    {
        WorkingDirectory = _directory.Path,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
