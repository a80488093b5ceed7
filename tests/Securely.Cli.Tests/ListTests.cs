using System.CommandLine;
using System.Text.Json;

namespace Securely.Cli.Tests;

public sealed class ListTests : IDisposable
{
    private readonly StringWriter _standard = new() { NewLine = "\n" };

    public void Dispose() => _standard.Dispose();

    [Fact]
    public void Groups_commands_by_namespace_under_headings_with_the_plain_ones_first()
    {
        new ListRenderer(new Output(_standard, TextWriter.Null)).Write(Root());

        Assert.EndsWith(
            """
            Available commands:
              list          List the commands
              serve         Run the server
             queue
              queue:retry   Retry failed jobs
              queue:work    Work on jobs
             settings
              settings:get  Show a setting

            Run securely COMMAND --help for one of them.

            """.ReplaceLineEndings("\n"),
            _standard.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Shows_one_namespace_alone()
    {
        new ListRenderer(new Output(_standard, TextWriter.Null)).Write(Root(), "queue");

        Assert.Equal(
            """
            Available commands of [queue]:
              queue:retry  Retry failed jobs
              queue:work   Work on jobs

            """,
            _standard.ToString(), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Paints_headings_and_names_where_colour_is_on()
    {
        new ListRenderer(new Output(_standard, TextWriter.Null) { Paint = new Paint(true) }).Write(Root(), "queue");

        Assert.Equal(
            "\e[33mAvailable commands of [queue]:\e[0m\n"
            + "  \e[32mqueue:retry\e[0m  Retry failed jobs\n"
            + "  \e[32mqueue:work\e[0m   Work on jobs\n",
            _standard.ToString());
    }

    [Fact]
    public async Task Lists_as_json_everything_that_help_says()
    {
        var run = await CliRun.RunAsync("list", "--json");

        using var document = JsonDocument.Parse(run.Output);
        Assert.Equal(ProductVersion.Text, document.RootElement.GetProperty("version").GetString());
        var commands = document.RootElement.GetProperty("commands").EnumerateArray().ToList();
        Assert.Equal(["check", "completion", "list", "proxy", "serve", "status", "stop",
            "config:check", "config:decrypt", "config:encrypt", "config:get", "config:has", "config:set", "config:show", "dns:check", "dns:doctor", "dns:export", "dns:flush", "dns:install", "dns:query", "dns:records", "dns:serve", "dns:uninstall", "dns:zones", "events:dispatch", "events:list", "events:listen", "key:generate", "key:rotate", "log:channels", "log:level", "log:reopen", "log:tail",
            "settings:all", "settings:edit", "settings:export", "settings:forget", "settings:get", "settings:has", "settings:history", "settings:import", "settings:rollback", "settings:rotate", "settings:set", "settings:tree", "validation:check"], commands.Select(command => command.GetProperty("name").GetString()));
        var serve = commands.Single(command => command.GetProperty("name").ValueEquals("serve"));
        Assert.Contains(serve.GetProperty("options").EnumerateArray(), option =>
            option.GetProperty("name").ValueEquals("--conf") && option.GetProperty("aliases")[0].ValueEquals("-c"));
    }

    private static RootCommand Root()
    {
        var root = new RootCommand();
        root.Subcommands.Add(new Command("settings:get", "Show a setting"));
        root.Subcommands.Add(new Command("serve", "Run the server"));
        root.Subcommands.Add(new Command("queue:work", "Work on jobs"));
        root.Subcommands.Add(new Command("secret", "Not to be seen") { Hidden = true });
        root.Subcommands.Add(new Command("queue:retry", "Retry failed jobs"));
        root.Subcommands.Add(new Command("list", "List the commands"));
        return root;
    }
}
