using System.Text.Json;

namespace Securely.Cli.Tests;

/// <summary>The commands that change the log of a running server, over a server that runs in this process.</summary>
public sealed class LogCommandTests : IDisposable
{
    private const string OneSite = "data_dir: data\nlisteners: [{address: 127.0.0.1:0}]\nsites: [{hosts: [\"*\"], routes: [{respond: {body: hello}}]}]\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_level_of_the_log_changes_while_the_server_runs()
    {
        Write("securely.yaml", OneSite);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        Assert.StartsWith("The level is info\n", (await CliRun.RunAsync(["log:level"], _directory)).Output, StringComparison.Ordinal);
        var own = await CliRun.RunAsync(["log:level", "debug", "--category", "Securely.Hosting"], _directory);
        Assert.Contains("  Securely.Hosting                 debug\n", own.Output, StringComparison.Ordinal);
        var all = await CliRun.RunAsync(["log:level", "error", "--json"], _directory);
        using var levels = JsonDocument.Parse(all.Output);
        Assert.Equal("error", levels.RootElement.GetProperty("level").GetString());
        Assert.Equal("debug", levels.RootElement.GetProperty("categories").GetProperty("Securely.Hosting").GetString());
        Assert.Contains("Securely.Service.sites", levels.RootElement.GetProperty("known").EnumerateArray().Select(name => name.GetString()));
        await program.StopAsync();

        Assert.Contains("debug Securely.Hosting.Server: Phase [GracefulTerminate]", program.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_goes_on_in_a_new_file()
    {
        Write("securely.yaml", "error_log: error.log\n" + OneSite);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        File.Move(Path.Combine(_directory, "error.log"), Path.Combine(_directory, "error.log.1"));

        var run = await CliRun.RunAsync(["log:reopen"], _directory);
        await program.StopAsync();

        Assert.Equal((ExitCode.Ok, $"Opened {Path.Combine(_directory, "error.log")} anew\n"), (run.ExitCode, run.Output));
        Assert.Contains("Service [sites] has ended", await File.ReadAllTextAsync(Path.Combine(_directory, "error.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_file_there_is_nothing_to_open_anew()
    {
        Write("securely.yaml", OneSite);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        var run = await CliRun.RunAsync(["log:reopen"], _directory);

        Assert.Equal((ExitCode.Ok, "The log goes to standard error alone; name a file with error_log\n"), (run.ExitCode, run.Output));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);
}
