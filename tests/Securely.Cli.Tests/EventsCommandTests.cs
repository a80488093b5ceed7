using System.Text.Json;

namespace Securely.Cli.Tests;

/// <summary>The commands of events, over a server that runs in this process.</summary>
public sealed class EventsCommandTests : IDisposable
{
    private const string OneSite = "data_dir: data\nlisteners: [{address: 127.0.0.1:0}]\nsites: [{hosts: [\"*\"], routes: [{respond: {body: hello}}]}]\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;

    public EventsCommandTests() => File.WriteAllText(Path.Combine(_directory, "securely.yaml"), OneSite);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task One_shell_hears_what_another_one_dispatches()
    {
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        Assert.Equal("Nobody listens; securely events:listen does\n", (await RunAsync("events:list")).Output);
        var listening = RunAsync("events:listen", "deploy.*", "--count", "1", "--json");
        await ListenedAsync("deploy.*");

        Assert.Equal("elsewhere was heard by 0 listeners and 0 calls of events:listen\n", (await RunAsync("events:dispatch", "elsewhere")).Output);
        var dispatched = await RunAsync("events:dispatch", "deploy.done", "v1.2", "{\"host\": \"app\"}", "7", "null", "--json");
        var heard = await listening;

        using var answer = JsonDocument.Parse(dispatched.Output);
        Assert.Equal((0, 1), (answer.RootElement.GetProperty("listeners").GetInt32(), answer.RootElement.GetProperty("watches").GetInt32()));
        using var line = JsonDocument.Parse(heard.Output);
        Assert.Equal((ExitCode.Ok, "Listening to [deploy.*]\n"), (heard.ExitCode, heard.Error));
        Assert.Equal("deploy.done", line.RootElement.GetProperty("event").GetString());
        Assert.Equal("""["v1.2",{"host":"app"},7,null]""", line.RootElement.GetProperty("payload").GetRawText().Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_server_tells_of_its_end()
    {
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        var listening = RunAsync("events:listen", "server.*");
        await ListenedAsync("server.*");

        await program.StopAsync();
        var heard = await listening;

        Assert.Equal(ExitCode.Ok, heard.ExitCode);
        Assert.Contains(" server.graceful_terminate []\n", heard.Output, StringComparison.Ordinal);
        Assert.EndsWith("The server has ended\n", heard.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_names_of_the_server_are_its_own()
    {
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        var run = await RunAsync("events:dispatch", "server.running");

        Assert.Equal((ExitCode.Failed, "Event [server.running] is the server's own, because it begins with [server.]; choose another name\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Lists_watches_as_a_table_and_for_programs()
    {
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        var listening = RunAsync("events:listen", "a.*");
        await ListenedAsync("a.*");

        Assert.Equal("Events:  kind   listener\n  a.*    watch  watch\n", (await RunAsync("events:list")).Output);
        Assert.Equal("Nobody listens to an event with [b] in its name\n", (await RunAsync("events:list", "--event", "b")).Output);
        await program.StopAsync();
        await listening;
    }

    private Task<CliRun> RunAsync(params string[] arguments) => CliRun.RunAsync(arguments, _directory);

    /// <summary>Asks until somebody listens.</summary>
    private async Task ListenedAsync(string pattern)
    {
        while (!(await RunAsync("events:list", "--json")).Output.Contains($"\"event\": \"{pattern}\"", StringComparison.Ordinal))
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
    }
}
