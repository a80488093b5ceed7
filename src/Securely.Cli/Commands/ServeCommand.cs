using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>serve</c>: runs the server of a configuration file, or one that shows a welcome page.</summary>
internal sealed class ServeCommand(Output output, CliEnvironment environment) : ICliCommand
{
    public Command Build()
    {
        var file = ConfigurationOption.Create();
        var daemon = new Option<bool>("--daemon", "-d") { Description = "Run in the background (not available yet)" };
        var test = new Option<bool>("--test", "-t") { Description = "Only validate the configuration, as check does, and exit" };
        var upgrade = new Option<bool>("--upgrade", "-u") { Description = "Take over the sockets of a running server (not available yet)" };
        var command = new DocumentedCommand("serve", "Run the server until it is told to stop")
        {
            Details =
            [
                "Without -c it reads ./securely.yaml, then /etc/securely/securely.yaml. Where neither exists it listens on 127.0.0.1:8080, or on "
                + "the next free port, and shows a welcome page.",
                "The first lines of standard output are the addresses, one http://ADDRESS/ a line; the log goes to standard error.",
                "SIGTERM lets running requests finish first (grace_period_seconds), SIGINT does not.",
            ],
            Examples =
            [
                new("securely serve", "Serve ./securely.yaml, or the welcome page"),
                new("securely serve -c /etc/securely/securely.yaml", "Serve the sites of a file"),
                new("securely serve -t -c securely.yaml", "Validate the file and exit"),
            ],
        };
        command.Options.Add(file);
        command.Options.Add(daemon);
        command.Options.Add(test);
        command.Options.Add(upgrade);
        command.SetAction((result, cancellationToken) =>
        {
            Refuse(result, daemon, "a supervisor such as systemd can keep securely serve in the background");
            Refuse(result, upgrade, "stop the running server first");
            return RunAsync(result.GetValue(file), result.GetValue(test), cancellationToken);
        });
        return command;
    }

    private Task<int> RunAsync(string? named, bool isTest, CancellationToken cancellationToken)
    {
        var file = ConfigurationFile.Find(named, environment);
        if (isTest && file is not null)
            return Task.FromResult(new CheckCommand(output, environment).Run(file, json: false));
        var configuration = file is null ? ConfigurationReader.WithoutFile(environment) : ConfigurationFile.Load(file, output, environment);
        if (isTest)
        {
            output.WriteLine($"{ConfigurationFile.NotFound(environment)}; the defaults are {output.Paint.Name("ok")}");
            return Task.FromResult(ExitCode.Ok);
        }

        return new ServerRun(output, environment).RunAsync(configuration, [.. Remarks(configuration)], cancellationToken);
    }

    private IEnumerable<string> Remarks(SecurelyConfiguration configuration)
    {
        yield return configuration.File is { } file
            ? $"Serving {file} ({configuration.Summary})"
            : $"{ConfigurationFile.NotFound(environment)}, so a welcome page answers every request";
        if (Directory.Exists(configuration.DataDirectory))
            yield return $"Data is in {configuration.DataDirectory}";
    }

    private static void Refuse(ParseResult result, Option<bool> option, string wayOut)
    {
        if (result.GetValue(option))
            throw new CliException($"Option [{result.GetResult(option)!.IdentifierToken!.Value}] is not available yet; {wayOut}", ExitCode.Usage);
    }
}
