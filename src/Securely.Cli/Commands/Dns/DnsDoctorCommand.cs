using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>dns:doctor</c>: says whether this machine finds the names of local domains, and where they are lost.</summary>
internal sealed class DnsDoctorCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ResolverCall _call = new(output, environment);

    public Command Build()
    {
        var json = new Option<bool>("--json") { Description = "Write a JSON document instead" };
        var command = new DocumentedCommand("dns:doctor", "Say whether this machine finds the names of local domains")
        {
            Details =
            [
                "Looks at what dns:install has written, asks the name server directly and then the system as any program does, and says which of them is wrong. "
                + "The exit code is 1 when something is. With --root it looks at the files below it and asks nobody.",
            ],
            Examples =
            [
                new("securely dns:doctor", "Look at this machine"),
                new("securely dns:doctor --json", "The same for programs"),
            ],
        };
        command.Options.Add(json);
        ResolverCall.Declare(command, "Show what would be looked at and asked, and ask nobody");
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(json), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, bool isJson, CancellationToken cancellationToken)
    {
        var tree = _call.Tree(line);
        var manifest = new ResolverInstaller(tree).Installed
            ?? throw new CliException("Nothing is installed: this machine does not ask our name server; run securely dns:install");
        if (ResolverCall.IsDryRun(line))
            return Announce(manifest, tree, ResolverCall.IsMachine(line));
        var doctor = new ResolverDoctor(tree, environment);
        var findings = doctor.LookAtFiles(manifest, ResolverCall.Manager(null, tree, ResolverCall.IsMachine(line))).ToList();
        foreach (var name in ResolverCall.IsMachine(line) ? ResolverDoctor.Probes(manifest) : [])
            findings.AddRange(await doctor.AskAsync(manifest, name, cancellationToken));
        if (isJson)
            WriteJson(findings);
        else
            Write(findings);
        return findings.TrueForAll(finding => finding.IsGood) ? ExitCode.Ok : ExitCode.Failed;
    }

    private int Announce(ResolverManifest manifest, SystemTree tree, bool isMachine)
    {
        foreach (var file in manifest.Files)
            output.WriteLine($"To look at: {tree.Locate(file.Path)}");
        foreach (var name in isMachine ? ResolverDoctor.Probes(manifest) : [])
            output.WriteLine($"To ask: {(manifest.Manager == ResolverManager.Hosts ? "" : manifest.Server + " and ")}the system for {name}");
        return ExitCode.Ok;
    }

    private void Write(List<Finding> findings)
    {
        foreach (var finding in findings)
            output.WriteLine($"{(finding.IsGood ? output.Paint.Name("ok   ") : output.Paint.Failure("wrong"))}  {finding.Message}");
    }

    private void WriteJson(List<Finding> findings) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("ok", findings.TrueForAll(finding => finding.IsGood));
        json.WriteStartArray("findings");
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteBoolean("ok", finding.IsGood);
            json.WriteString("hop", finding.Hop);
            json.WriteString("message", finding.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
