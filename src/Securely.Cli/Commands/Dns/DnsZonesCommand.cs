using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Securely.Cli;

/// <summary><c>dns:zones</c>: the zones that the running server answers for.</summary>
internal sealed class DnsZonesCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ControlCall _call = new(environment);

    public Command Build()
    {
        var json = new Option<bool>("--json") { Description = "Write a JSON document instead" };
        var command = new DocumentedCommand("dns:zones", "Show the zones that the running server answers for")
        {
            Details =
            [
                "Each with its role, its serial number, and how many records and names it has. A zone is current; changed, when dns:records or updates have changed "
                + "what its file says; or expired, when it is a copy that no primary has confirmed in time: then it is answered with SERVFAIL.",
                ControlCall.Details,
            ],
            Examples =
            [
                new("securely dns:zones", "Ask the server of ./securely.yaml or /etc/securely/securely.yaml"),
                new("securely dns:zones -c securely.yaml --json", "The same for programs"),
            ],
        };
        ControlCall.Declare(command);
        command.Options.Add(json);
        command.SetAction((result, cancellationToken) => RunAsync(result, result.GetValue(json), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, bool json, CancellationToken cancellationToken)
    {
        var zones = new List<DnsZoneReport>();
        await foreach (var answer in _call.RunAsync(line, DnsZonesControlCommand.CommandName, null, cancellationToken))
            zones.Add(answer.Deserialize(DnsZonesJson.Default.DnsZoneReport)!);
        if (json)
            WriteJson(zones);
        else
            Write(zones);
        return ExitCode.Ok;
    }

    private void Write(List<DnsZoneReport> zones)
    {
        var grid = new Grid(
            "Zones", new GridColumn("role", IsNumber: false), new GridColumn("serial"), new GridColumn("records"), new GridColumn("names"), new GridColumn("state", IsNumber: false), new GridColumn("expires", IsNumber: false));
        foreach (var zone in zones)
            grid.Add(zone.Name, zone.Role, zone.Serial is { } serial ? Text(serial) : "-", Text(zone.Records), Text(zone.Names), zone.State, zone.ExpiresAt?.ToString("u", CultureInfo.InvariantCulture) ?? "");
        grid.Write(output);
        foreach (var zone in zones.Where(zone => zone.LastError is not null))
            output.WriteLine($"{zone.Name} {output.Paint.Warning(zone.LastError!)}");

        static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private void WriteJson(List<DnsZoneReport> zones) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("zones");
        foreach (var zone in zones)
            JsonSerializer.Serialize(json, zone, DnsZonesJson.Default.DnsZoneReport);
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
