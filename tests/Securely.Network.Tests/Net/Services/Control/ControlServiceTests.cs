using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net;

public sealed class ControlServiceTests
{
    private const string Accepted = """{"version":1,"answer":"accepted"}""";
    private const string End = """{"version":1,"answer":"end"}""";

    [Fact]
    public async Task Accepts_answers_as_often_as_the_command_does_and_says_the_end()
    {
        await using var control = await RunningControl.StartAsync(FakeCommand.Of("count", "1", """{"two":[2]}"""));

        var answers = await control.ExchangeAsync(RunningControl.Frame("""{"version":1,"command":"count","request":{}}"""));

        Assert.Equal([Accepted, """{"version":1,"answer":"item","item":1}""", """{"version":1,"answer":"item","item":{"two":[2]}}""", End], answers);
    }

    [Fact]
    public async Task Hands_on_what_the_caller_gives_and_an_empty_object_where_it_gives_nothing()
    {
        await using var control = await RunningControl.StartAsync(FakeCommand.Echo());

        Assert.Contains("""{"version":1,"answer":"item","item":{"a":"b"}}""", await control.ExchangeAsync(RunningControl.Frame("""{"request":{"a":"b"},"command":"echo","version":1}""")));
        Assert.Contains("""{"version":1,"answer":"item","item":{}}""", await control.ExchangeAsync(RunningControl.Frame("""{"version":1,"command":"echo"}""")));
    }

    [Fact]
    public async Task A_request_may_arrive_in_pieces()
    {
        await using var control = await RunningControl.StartAsync(FakeCommand.Echo());
        using var socket = await control.ConnectAsync();
        foreach (var piece in RunningControl.Frame("""{"version":1,"command":"echo"}"""))
            await socket.SendAsync(new[] { piece });

        Assert.Equal([Accepted, """{"version":1,"answer":"item","item":{}}""", End], await RunningControl.ReadToEndAsync(socket));
    }

    [Theory]
    [InlineData("""{"version":1,"command":"nope"}""", "unknown_command", "Command [nope] is not known to this server; it knows [echo]")]
    [InlineData("""{"version":2,"command":"echo"}""", "version", "This server speaks version [1] of the control protocol; call it with the program of its own version")]
    [InlineData("""{"version":"1","command":"echo"}""", "version", "This server speaks version [1] of the control protocol; call it with the program of its own version")]
    [InlineData("""{"command":"echo"}""", "version", "This server speaks version [1] of the control protocol; call it with the program of its own version")]
    [InlineData("""{"version":1}""", "malformed", "A request names its command, as in [\\u0022command\\u0022: \\u0022status\\u0022]")]
    [InlineData("""{"version":1,"command":7}""", "malformed", "A request names its command, as in [\\u0022command\\u0022: \\u0022status\\u0022]")]
    [InlineData("""{"version":1,"command":"\ud800"}""", "malformed", "A request names its command, as in [\\u0022command\\u0022: \\u0022status\\u0022]")]
    [InlineData("""{"version":1,"command":"echo","request":[]}""", "malformed", "The [request] of a request is an object")]
    [InlineData("[]", "malformed", "A message is not a JSON object")]
    [InlineData("{\"version\":1,", "malformed", "A message is not JSON")]
    [InlineData("", "malformed", "A message is not JSON")]
    public async Task Says_what_is_wrong_with_a_request(string request, string code, string message)
    {
        await using var control = await RunningControl.StartAsync(FakeCommand.Echo());

        var answers = await control.ExchangeAsync(RunningControl.Frame(request));

        Assert.Equal([$$"""{"version":1,"answer":"error","code":"{{code}}","message":"{{message}}"}"""], answers);
    }

    [Fact]
    public async Task A_message_nested_too_deep_is_malformed()
    {
        await using var control = await RunningControl.StartAsync(FakeCommand.Echo());

        var answers = await control.ExchangeAsync(RunningControl.Frame(new string('[', 500_000)));

        Assert.Contains("\"malformed\"", Assert.Single(answers), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "1195725856")]
    [InlineData("\0\u0010\0\u0001", "1048577")]
    public async Task A_message_over_a_mebibyte_is_refused_before_it_comes(string bytes, string length)
    {
        await using var control = await RunningControl.StartAsync(FakeCommand.Echo());

        var answers = await control.ExchangeAsync([.. bytes.Select(character => (byte)character)]);

        Assert.Equal([$$"""{"version":1,"answer":"error","code":"too_large","message":"A message of [{{length}}] bytes is too large; [1048576] are the most"}"""], answers);
    }

    [Fact]
    public async Task Half_a_request_ends_with_the_deadline()
    {
        var time = new ManualTimeProvider();
        await using var control = await RunningControl.StartAsync(null, time, FakeCommand.Echo());
        using var socket = await control.ConnectAsync();
        await socket.SendAsync(RunningControl.Frame("""{"version":1,"command":"echo"}""").AsMemory(0, 20));

        await time.WaitForTimersAsync();
        time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(["""{"version":1,"answer":"error","code":"timed_out","message":"No request came within 10 s"}"""], await RunningControl.ReadToEndAsync(socket));
    }

    [Fact]
    public async Task A_caller_that_ends_inside_of_its_request_is_told_so()
    {
        await using var control = await RunningControl.StartAsync(FakeCommand.Echo());
        using var socket = await control.ConnectAsync();
        await socket.SendAsync(RunningControl.Frame("""{"version":1,"command":"echo"}""").AsMemory(0, 20));
        socket.Shutdown(SocketShutdown.Send);

        Assert.Contains("\"incomplete\"", Assert.Single(await RunningControl.ReadToEndAsync(socket)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_of_a_command_reaches_the_caller_and_a_failure_the_log_too()
    {
        await using var control = await RunningControl.StartAsync(
            new FakeCommand("refuse", (_, _) => throw new ControlCommandException("Level [loud] is not known", "unknown_level")),
            new FakeCommand("fail", (_, _) => throw new InvalidOperationException("broken")));

        var refused = await control.ExchangeAsync(RunningControl.Frame("""{"version":1,"command":"refuse"}"""));
        var failed = await control.ExchangeAsync(RunningControl.Frame("""{"version":1,"command":"fail"}"""));

        Assert.Equal([Accepted, """{"version":1,"answer":"error","code":"unknown_level","message":"Level [loud] is not known"}"""], refused);
        Assert.Equal([Accepted, """{"version":1,"answer":"error","code":"failed","message":"Command [fail] failed: broken"}"""], failed);
        Assert.Contains("Control command [fail] failed", Assert.Single(control.Log.Of(LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_is_too_large_is_an_error_in_its_place()
    {
        await using var control = await RunningControl.StartAsync(FakeCommand.Of("large", "1", $"\"{new string('x', 1024 * 1024)}\"", "2"));

        var answers = await control.ExchangeAsync(RunningControl.Frame("""{"version":1,"command":"large"}"""));

        Assert.Equal([Accepted, """{"version":1,"answer":"item","item":1}"""], answers[..2]);
        Assert.Contains("\"too_large\"", Assert.Single(answers[2..]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_caller_over_the_limit_is_refused_and_served_when_another_has_gone()
    {
        var (asked, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var control = await RunningControl.StartAsync(path => new ControlServiceOptions { Path = path, MaxConnections = 1 }, null, FakeCommand.Waiting(asked, left), FakeCommand.Echo());
        using (var first = await control.ConnectAsync())
        {
            await first.SendAsync(RunningControl.Frame("""{"version":1,"command":"wait"}"""));
            await asked.Task.WaitAsync(TestWorkers.Patience);
            using var second = await control.ConnectAsync();
            Assert.Equal(["""{"version":1,"answer":"error","code":"busy","message":"The server has [1] callers already; call again later"}"""], await RunningControl.ReadToEndAsync(second));
        }

        await left.Task.WaitAsync(TestWorkers.Patience);
        string[] answers;
        do
            answers = await control.ExchangeAsync(RunningControl.Frame("""{"version":1,"command":"echo"}"""));
        while (answers.Any(answer => answer.Contains("\"busy\"", StringComparison.Ordinal)));
        Assert.Equal(End, answers[^1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_that_goes_or_says_more_ends_its_command(bool saysMore)
    {
        var (asked, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var control = await RunningControl.StartAsync(FakeCommand.Waiting(asked, left));
        using var socket = await control.ConnectAsync();
        await socket.SendAsync(RunningControl.Frame("""{"version":1,"command":"wait"}"""));
        await asked.Task.WaitAsync(TestWorkers.Patience);

        if (saysMore)
            await socket.SendAsync("x"u8.ToArray());
        else
            socket.Dispose();

        await left.Task.WaitAsync(TestWorkers.Patience);
    }

    [Fact]
    public async Task A_caller_that_takes_no_answers_is_given_up()
    {
        var time = new ManualTimeProvider();
        var (asked, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var control = await RunningControl.StartAsync(null, time, new FakeCommand("flood", (_, _) => FloodAsync(asked, left)));
        using var socket = await control.ConnectAsync();
        await socket.SendAsync(RunningControl.Frame("""{"version":1,"command":"flood"}"""));
        await asked.Task.WaitAsync(TestWorkers.Patience);

        while (!left.Task.IsCompleted)
        {
            await Task.WhenAny(left.Task, time.WaitForTimersAsync());
            time.Advance(TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public async Task A_server_that_ends_says_so_and_takes_its_file_away()
    {
        var (asked, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var control = await RunningControl.StartAsync(FakeCommand.Waiting(asked, left));
        using var waiting = await control.ConnectAsync();
        using var silent = await control.ConnectAsync();
        await waiting.SendAsync(RunningControl.Frame("""{"version":1,"command":"wait"}"""));
        await asked.Task.WaitAsync(TestWorkers.Patience);

        await control.StopAsync();

        const string Ending = """{"version":1,"answer":"error","code":"ending","message":"The server ends"}""";
        Assert.Equal([Accepted, Ending], await RunningControl.ReadToEndAsync(waiting));
        Assert.False(File.Exists(control.Path));
        Assert.False(control.Service.IsListening);
    }

    [Fact]
    public async Task What_callers_do_wrong_disturbs_no_other_caller()
    {
        await using var control = await RunningControl.StartAsync(FakeCommand.Echo());
        var random = new Random(4);
        for (var i = 0; i < 200; i++)
        {
            var bytes = i % 2 == 0 ? new byte[random.Next(1, 64)] : RunningControl.Frame("""{"version":1,"command":"echo"}""");
            if (i % 2 == 0)
                random.NextBytes(bytes);
            else
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            // One at a time, because the kernel lets only so many wait.
            using var socket = await control.ConnectAsync();
            await socket.SendAsync(bytes.AsMemory(0, random.Next(1, bytes.Length + 1)));
            socket.Shutdown(SocketShutdown.Send);
            await RunningControl.ReadToEndAsync(socket);
        }

        await foreach (var answer in control.Client().RunAsync("echo", json => json.WriteNumber("still", 1)))
            Assert.Equal("""{"still":1}""", answer.GetRawText());
        Assert.Empty(control.Log.Of(LogLevel.Warning));
    }

    [Fact]
    public void Two_commands_of_one_name_are_refused() =>
        Assert.Contains("[a]", Assert.Throws<ArgumentException>(() => new ControlService(new ControlServiceOptions { Path = "x" }, FakeCommand.Of("a"), FakeCommand.Of("a"))).Message, StringComparison.Ordinal);

    private static async IAsyncEnumerable<string> FloodAsync(TaskCompletionSource asked, TaskCompletionSource left)
    {
        asked.TrySetResult();
        var large = JsonSerializer.Serialize(new string('x', 100_000));
        try
        {
            while (true)
            {
                await Task.Yield();
                yield return large;
            }
        }
        finally
        {
            left.TrySetResult();
        }
    }
}
