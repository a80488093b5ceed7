using System.CommandLine;
using Securely.Dns;

namespace Securely.Cli;

/// <summary><c>dns:check</c>: says everything that is wrong with a zone file.</summary>
internal sealed class DnsCheckCommand(Output output, CliEnvironment environment) : ICliCommand
{
    public Command Build()
    {
        var zone = ZoneArguments.Zone();
        var file = ZoneArguments.File();
        var json = new Option<bool>("--json") { Description = "Write a JSON document to standard output instead" };
        var command = new DocumentedCommand("dns:check", "Validate a zone file")
        {
            Details =
            [
                "Errors and warnings go to standard error as FILE:LINE:COLUMN: message. The exit code is 3 when there is an error, and 0 when there are only warnings.",
            ],
            Examples =
            [
                new("securely dns:check example.test example.test.zone", "Validate the file of the zone example.test"),
                new("securely dns:check example.test example.test.zone --json", "The same for programs"),
            ],
        };
        command.Arguments.Add(zone);
        command.Arguments.Add(file);
        command.Options.Add(json);
        command.SetAction(result => Run(ZoneArguments.Read(result.GetRequiredValue(zone)), result.GetRequiredValue(file), result.GetValue(json)));
        return command;
    }

    private int Run(DomainName apex, string path, bool json)
    {
        var file = ZoneFileReader.Read(environment.Resolve(path), apex);
        var isValid = Zone.TryBuild(file, out var zone);
        ZoneArguments.Write(file, output);
        if (json)
            WriteJson(file, zone);
        else if (zone is not null)
            output.WriteLine(string.Create(null, $"{path}: {output.Paint.Name("ok")} (serial {zone.Serial}, {zone.RecordCount} records, {zone.NameCount} names)"));
        return isValid ? ExitCode.Ok : ExitCode.Configuration;
    }

    private void WriteJson(ZoneFile file, Zone? zone) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteString("zone", file.Apex.ToString());
        json.WriteString("file", file.Name);
        json.WriteBoolean("ok", zone is not null);
        if (zone is not null)
        {
            json.WriteNumber("serial", zone.Serial);
            json.WriteNumber("records", zone.RecordCount);
        }

        json.WriteStartArray("diagnostics");
        foreach (var problem in file.Problems)
        {
            json.WriteStartObject();
            json.WriteString("severity", problem.Severity == ZoneProblemSeverity.Error ? "error" : "warning");
            json.WriteString("file", problem.File);
            json.WriteNumber("line", problem.Line);
            json.WriteNumber("column", problem.Column);
            json.WriteString("message", problem.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}

/// <summary>What the commands about zone files have in common.</summary>
internal static class ZoneArguments
{
    public static Argument<string> Zone() => new("ZONE") { Description = "The name of the zone" };

    public static Argument<string> File() => new("FILE") { Description = "The zone file" };

    /// <exception cref="CliException">It is no name; exit code 2.</exception>
    public static DomainName Read(string text) =>
        DomainName.TryParse(text, out var name) ? name : throw new CliException($"[{text}] is not a domain name", ExitCode.Usage);

    /// <summary>Writes what is wrong with a file to standard error.</summary>
    public static void Write(ZoneFile file, Output output)
    {
        foreach (var problem in file.Problems)
        {
            var text = problem.ToString();
            output.Error.WriteLine(problem.Severity == ZoneProblemSeverity.Error ? output.ErrorPaint.Failure(text) : output.ErrorPaint.Warning(text));
        }
    }
}
