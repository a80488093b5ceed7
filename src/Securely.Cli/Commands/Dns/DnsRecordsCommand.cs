using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Securely.Config;

namespace Securely.Cli;

/// <summary><c>dns:records</c>: shows and changes the records of the running server.</summary>
internal sealed class DnsRecordsCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ControlCall _call = new(environment);

    public Command Build()
    {
        var action = ActionArgument();
        var zone = ZoneArguments.Zone();
        var name = new Argument<string?>("NAME") { Description = "The name, with or without the zone's; @ for the zone itself", Arity = ArgumentArity.ZeroOrOne };
        var type = new Argument<string?>("TYPE") { Description = "The record type, as in MX or TYPE65280", Arity = ArgumentArity.ZeroOrOne };
        var data = new Argument<string[]>("DATA") { Description = "The data of each record as in a zone file; quote what has spaces", Arity = ArgumentArity.ZeroOrMore };
        var ttl = new Option<uint?>("--ttl") { HelpName = "SECONDS", Description = "How long the records may be kept; what the set has, or 3600, when not given" };
        var json = new Option<bool>("--json") { Description = "Write a JSON document instead" };
        var command = Describe();
        foreach (var argument in (Argument[])[action, zone, name, type, data])
            command.Arguments.Add(argument);
        ControlCall.Declare(command);
        command.Options.Add(ttl);
        command.Options.Add(json);
        command.SetAction((result, cancellationToken) =>
        {
            var request = new DnsRecordsRequest
            {
                Action = result.GetRequiredValue(action),
                Zone = ZoneArguments.Read(result.GetRequiredValue(zone)).ToString(),
                Name = result.GetValue(name),
                Type = result.GetValue(type),
                Data = result.GetValue(data) ?? [],
                Ttl = result.GetValue(ttl),
            };
            Check(request);
            return request.Action == DnsRecordsRequest.List ? ListAsync(result, request, result.GetValue(json), cancellationToken) : ChangeAsync(result, request, result.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static DocumentedCommand Describe() => new("dns:records", "Show or change the records of a zone of the running server")
    {
        Details =
        [
            "add adds records to a set, set gives it these records and no others, remove takes records away, or all of a set or of a name, list shows them. "
            + "A change steps the serial number, is saved before the command ends, and secondaries are told of it. The zone file stays as it is: "
            + "when it is given a higher serial number later, it replaces the changes.",
            "Names in DATA are absolute.",
            ControlCall.Details,
        ],
        Examples =
        [
            new("securely dns:records add example.test www A 192.0.2.1 --ttl 300", "Add an address"),
            new("securely dns:records set example.test @ MX \"10 mail.example.test.\" \"20 mail2.example.test.\"", "Set the mail exchanges"),
            new("securely dns:records remove example.test www", "Remove all records of a name"),
            new("securely dns:records list example.test", "Show all records as a zone file"),
        ],
    };

    private static Argument<string> ActionArgument()
    {
        var action = new Argument<string>("ACTION") { Description = string.Join(", ", DnsRecordsRequest.Actions) };
        action.CompletionSources.Add([.. DnsRecordsRequest.Actions]);
        action.Validators.Add(result =>
        {
            var name = result.Tokens[0].Value;
            if (!DnsRecordsRequest.Actions.Contains(name, StringComparer.Ordinal))
                result.AddError(NearestName.Find(name, DnsRecordsRequest.Actions) is { } nearest
                    ? $"Action [{name}] is not known; did you mean [{nearest}]?"
                    : $"Action [{name}] is not known; choose one of {string.Join(", ", DnsRecordsRequest.Actions)}");
        });
        return action;
    }

    private static void Check(DnsRecordsRequest request)
    {
        if (request.Action is DnsRecordsRequest.Add or DnsRecordsRequest.Set && request.Data.Count == 0)
            throw new CliException($"dns:records {request.Action} needs NAME, TYPE and DATA, as in: securely dns:records {request.Action} example.test www A 192.0.2.1", ExitCode.Usage);
        if (request.Action == DnsRecordsRequest.Remove && request.Name is null)
            throw new CliException("dns:records remove needs NAME, as in: securely dns:records remove example.test www A", ExitCode.Usage);
    }

    private async Task<int> ChangeAsync(ParseResult line, DnsRecordsRequest request, bool json, CancellationToken cancellationToken)
    {
        var answer = await _call.AskAsync(line, DnsRecordsControlCommand.CommandName, writer => Write(writer, request), cancellationToken);
        if (json)
        {
            JsonOutput.Write(output, answer.WriteTo);
            return ExitCode.Ok;
        }

        var report = answer.Deserialize(DnsRecordsJson.Default.DnsChangeReport)!;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Zone {output.Paint.Name(report.Zone)} has serial {report.Serial}"));
        return ExitCode.Ok;
    }

    private async Task<int> ListAsync(ParseResult line, DnsRecordsRequest request, bool json, CancellationToken cancellationToken)
    {
        var records = new List<DnsRecordReport>();
        await foreach (var answer in _call.RunAsync(line, DnsRecordsControlCommand.CommandName, writer => Write(writer, request), cancellationToken))
        {
            var record = answer.Deserialize(DnsRecordsJson.Default.DnsRecordReport)!;
            if (json)
                records.Add(record);
            else
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{record.Name}\t{record.Ttl}\tIN\t{record.Type}\t{record.Data}"));
        }

        if (json)
            WriteJson(records);
        return ExitCode.Ok;
    }

    private void WriteJson(List<DnsRecordReport> records) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("records");
        foreach (var record in records)
            JsonSerializer.Serialize(json, record, DnsRecordsJson.Default.DnsRecordReport);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter writer, DnsRecordsRequest request)
    {
        foreach (var property in JsonSerializer.SerializeToElement(request, DnsRecordsJson.Default.DnsRecordsRequest).EnumerateObject())
            property.WriteTo(writer);
    }
}
