using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Securely.Dns;
using Securely.Dns.Records;
using Securely.Net;

namespace Securely.Cli;

/// <summary>The server's side of <c>dns:query --trace</c>: what it would answer, and why.</summary>
/// <param name="server">The name server; null where there is none.</param>
/// <param name="time">The clock.</param>
internal sealed class DnsQueryControlCommand(DnsServer? server, TimeProvider time) : IControlCommand
{
    public const string CommandName = "dns:query";

    public string Name => CommandName;

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        if (server is null)
            throw new ControlCommandException("The server answers no names: its configuration has no [dns]", "no_dns");
        if (TraceRequest.Read(request) is not { } wanted || !DomainName.TryParse(wanted.Name, out var name) || !ResourceRecord.TryParseType(wanted.Type, out var type)
            || !IPAddress.TryParse(wanted.From ?? "127.0.0.1", out var client))
            throw new ControlCommandException("The question cannot be read; give [name], [type] and [from]", "bad_question");
        var message = new DnsMessage { RecursionDesired = true, Questions = [new Question(name, type)], Edns = new Edns { WantsProof = wanted.WantsProof } };
        var explanation = server.Explain(message, client, wanted.IsStream, time);
        yield return JsonSerializer.SerializeToElement(new DnsTraceReport { Steps = explanation.Steps, Answer = explanation.Answer?.Encode() }, DnsTraceJson.Default.DnsTraceReport);
    }
}

/// <summary>What is asked for.</summary>
internal sealed record TraceRequest(string Name, string Type, string? From, bool IsStream, bool WantsProof)
{
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("name", Name);
        json.WriteString("type", Type);
        if (From is not null)
            json.WriteString("from", From);
        json.WriteBoolean("tcp", IsStream);
        json.WriteBoolean("dnssec", WantsProof);
    }

    /// <summary>Null where something is missing.</summary>
    public static TraceRequest? Read(JsonElement json) =>
        Text(json, "name") is { } name && Text(json, "type") is { } type ? new TraceRequest(name, type, Text(json, "from"), Flag(json, "tcp"), Flag(json, "dnssec")) : null;

    private static string? Text(JsonElement json, string key) => json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(JsonElement json, string key) => json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.True;
}

/// <summary>The decisions, and the answer as it would be sent.</summary>
internal sealed record DnsTraceReport
{
    public required IReadOnlyList<DnsDecision> Steps { get; init; }

    public byte[]? Answer { get; init; }
}

/// <summary>Reads and writes it without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DnsTraceReport))]
internal sealed partial class DnsTraceJson : JsonSerializerContext;
