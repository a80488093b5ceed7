using System.Net;
using System.Text.Json;
using Securely.Settings;
using Securely.Testing;

namespace Securely.Components.Tests.Settings;

public sealed class HookRunnerTests
{
    private static readonly SettingChange[] Changes = [Change("APP_NAME"), Change("DB_HOST")];

    [Fact]
    public async Task A_command_learns_the_names_and_no_value()
    {
        using var directory = new TemporaryDirectory();
        var hook = new UpdateHook { Names = ["APP_*"], Command = "env > seen.txt" };
        var result = Assert.Single(await new HookRunner([hook]).RunAsync(directory.File(".env"), Changes));
        Assert.Null(result.Error);
        Assert.Contains("SETTINGS_CHANGED=APP_NAME\n", await File.ReadAllTextAsync(directory.File("seen.txt"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hook_that_fails_keeps_no_other_from_running()
    {
        using var directory = new TemporaryDirectory();
        var told = new List<SettingsMessage>();
        var runner = new HookRunner(
            [new UpdateHook { Command = "exit 3" }, new UpdateHook { Names = ["MAIL_*"], Command = "exit 4" }, new UpdateHook { TellsServer = true }],
            (message, _) =>
            {
                told.Add(message);
                return Task.CompletedTask;
            });
        var results = await runner.RunAsync(directory.File(".env"), Changes);
        Assert.Equal([("command [exit 3]", "it ended with 3"), ("message to the server", null)], results.Select(result => (result.Hook, result.Error)));
        Assert.Equal(["APP_NAME", "DB_HOST"], Assert.Single(told).Changed);
    }

    [Fact]
    public async Task A_call_is_tried_again_with_longer_pauses()
    {
        var time = new ManualTimeProvider();
        using var server = new Answers(time, 503, 500, 204);
        var running = new HookRunner([new UpdateHook { Url = new Uri("http://hook.test/x?token=1"), Timeout = TimeSpan.FromDays(20) }], time: time, handler: server).RunAsync(".env", Changes);
        while (!running.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        var result = Assert.Single(await running);
        Assert.True(server.Times[1] - server.Times[0] >= TimeSpan.FromMilliseconds(250));
        Assert.True(server.Times[2] - server.Times[1] >= TimeSpan.FromMilliseconds(500));
        Assert.Equal(new HookResult("call [http://hook.test/x]", null), result);
        using var body = JsonDocument.Parse(server.Bodies[2]);
        Assert.Equal(["APP_NAME", "DB_HOST"], body.RootElement.GetProperty("changed").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task A_call_that_is_wrong_is_not_tried_again()
    {
        using var server = new Answers(TimeProvider.System, 404);
        var result = Assert.Single(await new HookRunner([new UpdateHook { Url = new Uri("http://hook.test/") }], handler: server).RunAsync(".env", Changes));
        Assert.Equal("the answer was 404", result.Error);
        Assert.Single(server.Bodies);
    }

    private static SettingChange Change(string name) => new() { Id = 1, At = DateTimeOffset.UnixEpoch, By = "ann", Action = "set", Name = name };

    private sealed class Answers(TimeProvider time, params int[] statuses) : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        public List<DateTimeOffset> Times { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            Times.Add(time.GetUtcNow());
            return new HttpResponseMessage((HttpStatusCode)statuses[Bodies.Count - 1]);
        }
    }
}
