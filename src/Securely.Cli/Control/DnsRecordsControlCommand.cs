using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Securely.Dns;
using Securely.Dns.Records;
using Securely.Net;

namespace Securely.Cli;

/// <summary>The server's side of <c>dns:records</c>: changes records and answers with the serial number, or lists them, one answer for each.</summary>
/// <param name="keeper">The zones; null for a server without a name server.</param>
internal sealed class DnsRecordsControlCommand(ZoneKeeper? keeper) : IControlCommand
{
    public const string CommandName = "dns:records";

    public string Name => CommandName;

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (keeper is null)
            throw new ControlCommandException("The server answers no names: its configuration has no [dns]", "no_dns");
        var asked = Read(request);
        var zone = ReadName(asked.Zone, "zone");
        var name = asked.Name is null ? null : Qualify(asked.Name, zone);
        var type = asked.Type is null ? RecordType.Any : ReadType(asked.Type);
        if (asked.Action == DnsRecordsRequest.List)
        {
            foreach (var record in List(keeper, zone, name, type))
                yield return JsonSerializer.SerializeToElement(DnsRecordReport.Of(record), DnsRecordsJson.Default.DnsRecordReport);
            yield break;
        }

        var change = new RecordChange(ReadAction(asked.Action), name ?? throw new ControlCommandException("A change names what it changes", "invalid_request"), type) { Data = asked.Data, Ttl = asked.Ttl };
        yield return JsonSerializer.SerializeToElement(new DnsChangeReport { Zone = zone.ToString(), Serial = await ChangeAsync(keeper, zone, change, cancellationToken) }, DnsRecordsJson.Default.DnsChangeReport);
    }

    private static DnsRecordsRequest Read(JsonElement request)
    {
        try
        {
            return request.Deserialize(DnsRecordsJson.Default.DnsRecordsRequest)!;
        }
        catch (JsonException error)
        {
            throw new ControlCommandException($"The request cannot be read: {error.Message}", "invalid_request");
        }
    }

    private static async Task<uint> ChangeAsync(ZoneKeeper keeper, DomainName zone, RecordChange change, CancellationToken cancellationToken)
    {
        try
        {
            return await keeper.ChangeAsync(zone, [change], cancellationToken);
        }
        catch (Exception error) when (error is ZoneChangeException or IOException or ObjectDisposedException)
        {
            throw new ControlCommandException(error.Message, error is ZoneChangeException ? "invalid_change" : "not_saved");
        }
    }

    private static IEnumerable<ResourceRecord> List(ZoneKeeper keeper, DomainName zone, DomainName? name, RecordType type) =>
        keeper.Catalog.TryGet(zone, out var found)
            ? found.Records().Where(record => (name is null || record.Name.Equals(name)) && (type == RecordType.Any || record.Type == type))
            : throw new ControlCommandException($"The zone [{zone}] is not here; dns:zones shows those that are", "unknown_zone");

    private static DomainName ReadName(string text, string kind) =>
        DomainName.TryParse(text, out var name) ? name : throw new ControlCommandException($"The {kind} [{text}] is not a domain name", "invalid_request");

    // www and www.example.test mean the same in the zone example.test; @ is the zone itself.
    private static DomainName Qualify(string text, DomainName zone)
    {
        if (text == "@")
            return zone;
        var name = ReadName(text, "name");
        return text.EndsWith('.') || name.IsWithin(zone) ? name : ReadName(zone.IsRoot ? text : $"{text}.{zone}", "name");
    }

    private static RecordType ReadType(string text) =>
        ResourceRecord.TryParseType(text, out var type) ? type : throw new ControlCommandException($"[{text}] is not a record type", "invalid_request");

    private static RecordAction ReadAction(string text) => text switch
    {
        DnsRecordsRequest.Add => RecordAction.Add,
        DnsRecordsRequest.Set => RecordAction.Set,
        DnsRecordsRequest.Remove => RecordAction.Remove,
        _ => throw new ControlCommandException($"[{text}] is not known; use [{string.Join("], [", DnsRecordsRequest.Actions)}]", "invalid_request"),
    };
}

/// <summary>What is asked for.</summary>
internal sealed record DnsRecordsRequest
{
    public const string List = "list";
    public const string Add = "add";
    public const string Set = "set";
    public const string Remove = "remove";

    public static IReadOnlyList<string> Actions { get; } = [Add, Set, Remove, List];

    public required string Action { get; init; }

    public required string Zone { get; init; }

    public string? Name { get; init; }

    public string? Type { get; init; }

    public IReadOnlyList<string> Data { get; init; } = [];

    public uint? Ttl { get; init; }
}

/// <summary>A record as zone files have it.</summary>
internal sealed record DnsRecordReport
{
    public required string Name { get; init; }

    public required uint Ttl { get; init; }

    public required string Type { get; init; }

    public required string Data { get; init; }

    public static DnsRecordReport Of(ResourceRecord record) =>
        new() { Name = record.Name.ToString(), Ttl = record.Ttl, Type = ResourceRecord.TypeName(record.Type), Data = record.DataText };
}

/// <summary>What a change has led to.</summary>
internal sealed record DnsChangeReport
{
    public required string Zone { get; init; }

    public required uint Serial { get; init; }
}

/// <summary>Reads and writes them without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DnsRecordsRequest))]
[JsonSerializable(typeof(DnsRecordReport))]
[JsonSerializable(typeof(DnsChangeReport))]
internal sealed partial class DnsRecordsJson : JsonSerializerContext;
