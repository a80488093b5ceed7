using System.CommandLine;
using Securely.Dns;

namespace Securely.Cli;

/// <summary><c>dns:export</c>: writes a zone in the plainest form, which every name server reads.</summary>
internal sealed class DnsExportCommand(Output output, CliEnvironment environment) : ICliCommand
{
    public Command Build()
    {
        var zone = ZoneArguments.Zone();
        var file = ZoneArguments.File();
        var command = new DocumentedCommand("dns:export", "Write a zone file with one record a line and without directives")
        {
            Details =
            [
                "What $GENERATE makes and $INCLUDE brings is in the output; the records are in DNSSEC's order, the SOA first. "
                + "Errors and warnings go to standard error; the exit code is 3 when there is an error.",
            ],
            Examples = [new("securely dns:export example.test example.test.zone", "Write the zone example.test to standard output")],
        };
        command.Arguments.Add(zone);
        command.Arguments.Add(file);
        command.SetAction(result => Run(ZoneArguments.Read(result.GetRequiredValue(zone)), result.GetRequiredValue(file)));
        return command;
    }

    private int Run(DomainName apex, string path)
    {
        var file = ZoneFileReader.Read(environment.Resolve(path), apex);
        var isValid = Zone.TryBuild(file, out var zone);
        ZoneArguments.Write(file, output);
        if (zone is not null)
            ZoneFileWriter.Write(zone, output.Standard);
        return isValid ? ExitCode.Ok : ExitCode.Configuration;
    }
}
