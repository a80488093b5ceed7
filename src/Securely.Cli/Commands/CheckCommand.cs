using System.CommandLine;
using Securely.Config;

namespace Securely.Cli;

/// <summary><c>check</c>: says everything that is wrong with a configuration file, without serving it.</summary>
internal sealed class CheckCommand(Output output, CliEnvironment environment) : ICliCommand
{
    public Command Build()
    {
        var named = new Argument<string?>("FILE") { Description = "The configuration file", Arity = ArgumentArity.ZeroOrOne };
        var file = ConfigurationOption.Create();
        var json = new Option<bool>("--json") { Description = "Write a JSON document to standard output instead" };
        var command = new DocumentedCommand("check", "Validate a configuration file")
        {
            Details =
            [
                "Errors and warnings go to standard error as FILE:LINE:COLUMN: message. The exit code is 3 when there is an error, and 0 when there "
                + "are only warnings. Without FILE it checks what serve would read.",
            ],
            Examples =
            [
                new("securely check", "Validate ./securely.yaml or /etc/securely/securely.yaml"),
                new("securely check securely.yaml", "Validate one file"),
                new("securely check -c securely.yaml --json", "The same for programs"),
            ],
        };
        command.Arguments.Add(named);
        command.Options.Add(file);
        command.Options.Add(json);
        command.SetAction(result => Run(Choose(result.GetValue(named), result.GetValue(file)), result.GetValue(json)));
        return command;
    }

    /// <summary>Validates one file and says so; also what <c>serve -t</c> does.</summary>
    public int Run(string? named, bool json)
    {
        var file = ConfigurationFile.Find(named, environment)
            ?? throw new CliException(ConfigurationFile.NotFound(environment) + "; name a file, as in securely check FILE", ExitCode.Configuration);
        var diagnostics = new ConfigDiagnostics();
        var configuration = ConfigurationReader.Read(file, environment, diagnostics);
        ConfigurationFile.Write(diagnostics, output);
        var isValid = configuration is not null && !diagnostics.HasErrors;
        if (json)
            WriteJson(file, isValid ? configuration : null, diagnostics);
        else if (isValid)
            output.WriteLine($"{file}: {output.Paint.Name("ok")} ({configuration!.Summary})");
        return isValid ? ExitCode.Ok : ExitCode.Configuration;
    }

    private static string? Choose(string? argument, string? option) => argument is not null && option is not null
        ? throw new CliException("The file is named twice; give it as FILE or with -c", ExitCode.Usage)
        : argument ?? option;

    private void WriteJson(string file, SecurelyConfiguration? configuration, ConfigDiagnostics diagnostics) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteString("file", file);
        json.WriteBoolean("ok", configuration is not null);
        if (configuration is not null)
        {
            json.WriteNumber("listeners", configuration.Listeners.Count);
            json.WriteNumber("upstreams", configuration.Proxy.Upstreams.Count);
            json.WriteNumber("sites", configuration.Proxy.Sites.Count);
            json.WriteNumber("zones", configuration.Dns?.Zones.Count ?? 0);
        }

        json.WriteStartArray("diagnostics");
        foreach (var item in diagnostics.Items)
        {
            json.WriteStartObject();
            json.WriteString("severity", item.Severity == ConfigSeverity.Error ? "error" : "warning");
            json.WriteString("file", item.Origin.File);
            json.WriteNumber("line", item.Origin.Line);
            json.WriteNumber("column", item.Origin.Column);
            json.WriteString("message", item.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
