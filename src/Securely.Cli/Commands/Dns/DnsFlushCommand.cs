using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Securely.Cli;

/// <summary><c>dns:flush</c>: lets the running server forget answers of others.</summary>
internal sealed class DnsFlushCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ControlCall _call = new(environment);

    public Command Build()
    {
        var name = new Argument<string?>("NAME") { Description = "The name whose answers are forgotten; all when not given", Arity = ArgumentArity.ZeroOrOne };
        var below = new Option<bool>("--below") { Description = "Forget the names below it too" };
        var json = new Option<bool>("--json") { Description = "Write a JSON document instead" };
        var command = new DocumentedCommand("dns:flush", "Let the running server forget answers of others")
        {
            Details = ["The next question goes to an upstream again. What the own zones say is not kept, so there is nothing to forget of it.", ControlCall.Details],
            Examples =
            [
                new("securely dns:flush", "Forget everything"),
                new("securely dns:flush example.org --below", "Forget one domain"),
            ],
        };
        command.Arguments.Add(name);
        ControlCall.Declare(command);
        command.Options.Add(below);
        command.Options.Add(json);
        command.SetAction((result, cancellationToken) => RunAsync(result, result.GetValue(name), result.GetValue(below), result.GetValue(json), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string? name, bool below, bool json, CancellationToken cancellationToken)
    {
        if (below && name is null)
            throw new CliException("Option [--below] needs a NAME", ExitCode.Usage);
        if (name is not null)
            ZoneArguments.Read(name);
        var answer = await _call.AskAsync(line, DnsFlushControlCommand.CommandName, request => Write(request, name, below), cancellationToken);
        var report = answer.Deserialize(DnsFlushJson.Default.DnsFlushReport)!;
        if (json)
            JsonOutput.Write(output, writer => JsonSerializer.Serialize(writer, report, DnsFlushJson.Default.DnsFlushReport));
        else
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Answers forgotten: {report.Forgotten}"));
        return ExitCode.Ok;
    }

    private static void Write(Utf8JsonWriter request, string? name, bool below)
    {
        if (name is not null)
            request.WriteString("name", name);
        request.WriteBoolean("below", below);
    }
}
