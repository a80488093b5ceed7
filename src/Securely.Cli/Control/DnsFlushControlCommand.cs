using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Securely.Dns;
using Securely.Net;

namespace Securely.Cli;

/// <summary>The server's side of <c>dns:flush</c>.</summary>
/// <param name="server">The name server; null for a server without one.</param>
internal sealed class DnsFlushControlCommand(DnsServer? server) : IControlCommand
{
    public const string CommandName = "dns:flush";

    public string Name => CommandName;

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        if (server is null)
            throw new ControlCommandException("The server answers no names: its configuration has no [dns]", "no_dns");
        var wanted = request.ValueKind == JsonValueKind.Object ? request.Deserialize(DnsFlushJson.Default.DnsFlushRequest)! : new DnsFlushRequest();
        DomainName? name = null;
        if (wanted.Name is not null && !DomainName.TryParse(wanted.Name, out name))
            throw new ControlCommandException($"[{wanted.Name}] is not a domain name", "no_name");
        var report = new DnsFlushReport { Forgotten = server.Flush(name, wanted.Below) };
        yield return JsonSerializer.SerializeToElement(report, DnsFlushJson.Default.DnsFlushReport);
    }
}

/// <summary>What is to be forgotten.</summary>
internal sealed record DnsFlushRequest
{
    /// <summary>The name; null for everything.</summary>
    public string? Name { get; init; }

    /// <summary>Whether the names below it are meant too.</summary>
    public bool Below { get; init; }
}

/// <summary>What was forgotten.</summary>
internal sealed record DnsFlushReport
{
    public required int Forgotten { get; init; }
}

/// <summary>Reads and writes them without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DnsFlushRequest))]
[JsonSerializable(typeof(DnsFlushReport))]
internal sealed partial class DnsFlushJson : JsonSerializerContext;
