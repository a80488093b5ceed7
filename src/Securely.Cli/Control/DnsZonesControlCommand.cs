using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Securely.Dns;
using Securely.Net;

namespace Securely.Cli;

/// <summary>The server's side of <c>dns:zones</c>: one answer for each zone, so that there may be any number.</summary>
/// <param name="catalog">The zones; null for a server without a name server.</param>
internal sealed class DnsZonesControlCommand(Catalog? catalog) : IControlCommand
{
    public const string CommandName = "dns:zones";

    public string Name => CommandName;

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        if (catalog is null)
            throw new ControlCommandException("The server answers no names: its configuration has no [dns]", "no_dns");
        foreach (var zone in catalog.Zones)
        {
            var report = new DnsZoneReport { Name = zone.Apex.ToString(), Serial = zone.Serial, Records = zone.RecordCount, Names = zone.NameCount };
            yield return JsonSerializer.SerializeToElement(report, DnsZonesJson.Default.DnsZoneReport);
        }
    }
}

/// <summary>A zone as it is served.</summary>
internal sealed record DnsZoneReport
{
    public required string Name { get; init; }

    public required uint Serial { get; init; }

    public required int Records { get; init; }

    public required int Names { get; init; }
}

/// <summary>Reads and writes the zones without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DnsZoneReport))]
internal sealed partial class DnsZonesJson : JsonSerializerContext;
