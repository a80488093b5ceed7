using Microsoft.Extensions.Logging;
using Securely.Log;
using Securely.Testing;

namespace Securely.Components.Tests.Log;

public sealed class LogManagerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;
    private readonly StringWriter _error = new() { NewLine = "\n" };
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2025, 3, 15, 23, 59, 58, TimeSpan.Zero));

    private string File1 => Path.Combine(_directory, "logs", "app.log");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _error.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Nobody_forges_a_line()
    {
        await using var log = Manager(Single());
        log.Channel().Info("a\nb\u202e\x1b[31m", [new("k", "x\r\n[2025] fake")]);
        await log.FlushAsync(Token);

        Assert.Equal("[2025-03-15 23:59:58] securely.INFO: a\\nb\\u202e\\u001b[31m {\"k\":\"x\\r\\n[2025] fake\"} \n", await File.ReadAllTextAsync(File1, Token));
    }

    [Fact]
    public async Task Secrets_are_not_written_at_any_depth()
    {
        await using var log = Manager(Single() with { Formatter = new LineFormatter("%message% %context% %extra%\n"), ReplacePlaceholders = true });
        log.Context.Add("token", "t");
        log.Channel().Info("pw {password}", [new("password", "p"), new("user", Map("API_KEY", "k")), new("list", new object?[] { Map("secret", 1), 2 }), new("ok", "shown")]);
        await log.FlushAsync(Token);

        Assert.Equal(
            "pw [redacted] {\"password\":\"[redacted]\",\"user\":{\"API_KEY\":\"[redacted]\"},\"list\":[{\"secret\":\"[redacted]\"},2],\"ok\":\"shown\"} {\"token\":\"[redacted]\"}\n",
            await File.ReadAllTextAsync(File1, Token));
    }

    [Fact]
    public async Task A_file_that_was_moved_or_cut_off_is_opened_anew()
    {
        await using var log = Manager(Single());
        log.Channel().Info("one");
        await log.FlushAsync(Token);
        File.Move(File1, File1 + ".1");
        log.Channel().Info("two");
        await log.FlushAsync(Token);
        await File.WriteAllTextAsync(File1, "", Token);
        log.Channel().Info("three");
        await log.FlushAsync(Token);

        Assert.EndsWith("INFO: one  \n", await File.ReadAllTextAsync(File1 + ".1", Token), StringComparison.Ordinal);
        Assert.Equal("[2025-03-15 23:59:58] securely.INFO: three  \n", await File.ReadAllTextAsync(File1, Token));
    }

    [Fact]
    public async Task What_another_process_appends_stays()
    {
        await using var log = Manager(Single() with { Formatter = new LineFormatter("%message%\n") });
        log.Channel().Info("one");
        await log.FlushAsync(Token);
        await File.AppendAllTextAsync(File1, "other\n", Token);
        log.Channel().Info("two");
        await log.FlushAsync(Token);

        Assert.Equal("one\nother\ntwo\n", await File.ReadAllTextAsync(File1, Token));
    }

    [Fact]
    public async Task A_day_has_its_file_and_old_ones_go()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File1)!);
        foreach (var name in new[] { "app-2024-01-01.log", "app-2024-01-02.log", "app-notes.log" })
            await File.WriteAllTextAsync(Path.Combine(_directory, "logs", name), "", Token);
        await using var log = Manager(Single() with { Driver = "daily", Days = 2, Formatter = new LineFormatter("%message%\n") });
        log.Channel().Info("before");
        _time.Advance(TimeSpan.FromSeconds(3));
        log.Channel().Info("after");
        await log.FlushAsync(Token);

        Assert.Equal(["app-2025-03-15.log", "app-2025-03-16.log", "app-notes.log"], Directory.EnumerateFiles(Path.Combine(_directory, "logs")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("after\n", await File.ReadAllTextAsync(Path.Combine(_directory, "logs", "app-2025-03-16.log"), Token));
    }

    [Fact]
    public async Task Who_logs_never_waits_and_what_is_lost_is_counted()
    {
        var target = new StuckTarget();
        await using var log = new LogManager(new LogOptions { Default = "stuck", Channels = One("stuck", new LogChannelOptions { Driver = "stuck", Formatter = new LineFormatter("%message%\n") }), Capacity = 4, StandardError = _error });
        log.Extend("stuck", _ => target);
        log.Channel().Info("first");
        await target.Entered.Task.WaitAsync(Token);
        for (var i = 0; i < 10; i++)
            log.Channel().Info($"line {i}");

        Assert.Equal(6, log.Dropped);
        target.Released.SetResult();
        await log.FlushAsync(Token);

        Assert.Equal("first|6 records were lost here; they could not be written fast enough|line 0|line 1|line 2|line 3|", target.Text.Replace('\n', '|'));
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_said_once()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "logs"), "no folder", Token);
        await using var log = Manager(Single());
        log.Channel().Info("a");
        await log.FlushAsync(Token);
        log.Channel().Info("b");
        await log.FlushAsync(Token);

        Assert.StartsWith($"The log [{File1}] cannot be written: ", _error.ToString(), StringComparison.Ordinal);
        Assert.Single(_error.ToString().TrimEnd().Split('\n'));
        Assert.Equal(2, log.Dropped);
    }

    [Fact]
    public async Task A_value_that_throws_does_not_cost_the_message()
    {
        await using var log = Manager(Single() with { Formatter = new LineFormatter("%message% %context%\n") });
        log.Channel().Info("kept", [new("v", new Hostile())]);
        await log.FlushAsync(Token);
        Assert.Equal("kept {\"not_shown\":\"NotSupportedException\"}\n", await File.ReadAllTextAsync(File1, Token));
    }

    [Fact]
    public async Task Messages_of_other_libraries_carry_their_values_and_scopes()
    {
        await using var log = Manager(Single() with { Formatter = new LineFormatter("%level_name% %message% %context%\n"), Level = "info" });
        using var provider = new SecurelyLoggerProvider(log.Channel());
        var logger = provider.CreateLogger("App.Orders");
        Assert.False(logger.IsEnabled(LogLevel.Debug));
        using (logger.BeginScope(Map("order", 7)))
            logger.LogWarning(new EventId(42), "Paid {Amount}", 12.5);
        logger.LogDebug("not this");
        await log.FlushAsync(Token);

        Assert.Equal("WARNING Paid 12.5 {\"category\":\"App.Orders\",\"event\":42,\"order\":7,\"Amount\":12.5}\n", await File.ReadAllTextAsync(File1, Token));
    }

    [Fact]
    public async Task Messages_of_other_libraries_do_not_write_secrets_either()
    {
        await using var log = Manager(Single() with { Formatter = new LineFormatter("%message% %context%\n") });
        using var provider = new SecurelyLoggerProvider(log.Channel());
        var logger = provider.CreateLogger("App");
        logger.LogInformation("login of {User,-5}| with {Password} and {Token}, {{raw}} {Sum:F2} {List}", "ann", "hunter2", "tok123", 1.5, new[] { 1, 2 });
        logger.Log(LogLevel.Information, default, Map("secret", "hunter3"), null, static (state, _) => "told " + state[0].Value);
        await log.FlushAsync(Token);

        Assert.Equal(
            "login of ann  | with [redacted] and [redacted], {raw} 1.50 1, 2 {\"category\":\"App\",\"User\":\"ann\",\"Password\":\"[redacted]\",\"Token\":\"[redacted]\",\"Sum\":1.5,\"List\":[1,2]}\n"
            + "told [redacted] {\"category\":\"App\",\"secret\":\"[redacted]\"}\n",
            await File.ReadAllTextAsync(File1, Token));
    }

    [Fact]
    public async Task What_a_flow_knows_stays_in_it()
    {
        await using var log = Manager(Single() with { Formatter = new LineFormatter("%message% %extra%\n") });
        log.Context.Add("trace", 1);
        await Task.WhenAll(
            Task.Run(() => log.Context.Add("inner", "a"), Token),
            Task.Run(() => log.Context.Add("inner", "b"), Token));
        using (log.Context.Scope(Map("step", 2)))
            log.Channel().Info("in");
        log.Channel().Info("out");
        await log.FlushAsync(Token);

        Assert.Equal("in {\"trace\":1,\"step\":2}\nout {\"trace\":1}\n", await File.ReadAllTextAsync(File1, Token));
    }

    private static KeyValuePair<string, object?>[] Map(string key, object? value) => [new(key, value)];

    private static Dictionary<string, LogChannelOptions> One(string name, LogChannelOptions channel) => new(StringComparer.Ordinal) { [name] = channel };

    private LogChannelOptions Single() => new() { Driver = "single", Path = File1 };

    private LogManager Manager(LogChannelOptions channel) => new(new LogOptions { Default = "main", Channels = One("main", channel), StandardError = _error, Time = _time });

    private sealed class Hostile
    {
        public override string ToString() => throw new NotSupportedException();
    }

    private sealed class StuckTarget : LogTarget
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Text { get; private set; } = "";

        public override async ValueTask WriteAsync(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken)
        {
            Entered.TrySetResult();
            await Released.Task;
            Text += string.Concat(lines.Select(line => line.Text));
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
