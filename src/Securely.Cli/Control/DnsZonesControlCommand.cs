using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Securely.Dns;
using Securely.Net;

namespace Securely.Cli;

/// <summary>The server's side of <c>dns:zones</c>: one answer for each zone, so that there may be any number.</summary>
/// <param name="catalog">The zones; null for a server without a name server.</param>
/// <param name="keeper">How they stand.</param>
internal sealed class DnsZonesControlCommand(Catalog? catalog, ZoneKeeper? keeper) : IControlCommand
{
    public const string CommandName = "dns:zones";

    public string Name => CommandName;

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        if (catalog is null || keeper is null)
            throw new ControlCommandException("The server answers no names: its configuration has no [dns]", "no_dns");
        foreach (var zone in keeper.ReadStatus())
            yield return JsonSerializer.SerializeToElement(DnsZoneReport.Of(zone), DnsZonesJson.Default.DnsZoneReport);
    }
}

/// <summary>A zone as it is served.</summary>
internal sealed record DnsZoneReport
{
    public required string Name { get; init; }

    /// <summary>primary, or secondary for a copy of another server's zone.</summary>
    public required string Role { get; init; }

    /// <summary>Null for a copy that was never got.</summary>
    public uint? Serial { get; init; }

    public required int Records { get; init; }

    public required int Names { get; init; }

    /// <summary>current, changed (its journal has what its file has not), or expired (it is answered with SERVFAIL).</summary>
    public required string State { get; init; }

    public DateTimeOffset? RefreshesAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public string? LastError { get; init; }

    public static DnsZoneReport Of(ZoneStatus zone) => new()
    {
        Name = zone.Name.ToString(),
        Role = zone.IsSecondary ? "secondary" : "primary",
        Serial = zone.Serial,
        Records = zone.Records,
        Names = zone.Names,
        State = zone.IsExpired ? "expired" : zone.IsJournaled ? "changed" : "current",
        RefreshesAt = zone.RefreshesAt,
        ExpiresAt = zone.ExpiresAt,
        LastError = zone.LastError,
    };
}

/// <summary>Reads and writes the zones without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DnsZoneReport))]
internal sealed partial class DnsZonesJson : JsonSerializerContext;
