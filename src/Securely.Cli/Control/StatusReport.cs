using System.Text.Json.Serialization;

namespace Securely.Cli;

/// <summary>What a running server says of itself: the answer of <c>status</c>. Adding a member is free; renaming one breaks who reads the JSON.</summary>
internal sealed record StatusReport
{
    /// <summary>Of the program, as <c>--version</c> prints it.</summary>
    public required string Version { get; init; }

    [JsonPropertyName("pid")]
    public required int ProcessId { get; init; }

    /// <summary>When the server was started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    public required double UptimeSeconds { get; init; }

    /// <summary>A name of <see cref="Hosting.ExecutionPhase"/> in snake case.</summary>
    public required string Phase { get; init; }

    /// <summary>The path of the file that is served; null for a server without one.</summary>
    public required string? Configuration { get; init; }

    public required RequestStatus Requests { get; init; }

    /// <summary>The name server; null where there is none.</summary>
    public DnsStatus? Dns { get; init; }

    /// <summary>Open connections of clients on all listeners.</summary>
    public required int Connections { get; init; }

    public required IReadOnlyList<ListenerReport> Listeners { get; init; }

    public required IReadOnlyList<WorkerReport> Workers { get; init; }

    public required IReadOnlyList<UpstreamReport> Upstreams { get; init; }

    public required IReadOnlyList<PoolReport> Pools { get; init; }
}

/// <summary>Requests since the start, and how many a second there were lately; less than that long after the start, since the start.</summary>
internal sealed record RequestStatus
{
    public required long Total { get; init; }

    [JsonPropertyName("per_second_10s")]
    public required double PerSecondOfTenSeconds { get; init; }

    [JsonPropertyName("per_second_1m")]
    public required double PerSecondOfOneMinute { get; init; }
}

/// <summary>What the name server has done since the start, and how many questions a second there were lately.</summary>
internal sealed record DnsStatus
{
    public required IReadOnlyList<string> Addresses { get; init; }

    public required int Zones { get; init; }

    public required long Queries { get; init; }

    [JsonPropertyName("per_second_10s")]
    public required double PerSecondOfTenSeconds { get; init; }

    [JsonPropertyName("per_second_1m")]
    public required double PerSecondOfOneMinute { get; init; }

    /// <summary>Answers that <c>dns.responses_per_second</c> has dropped.</summary>
    public required long Dropped { get; init; }

    /// <summary>Open streams.</summary>
    public required int Connections { get; init; }
}

internal sealed record ListenerReport
{
    public required string Service { get; init; }

    /// <summary><c>http://IP:PORT/</c>, <c>https://IP:PORT/</c> or <c>unix:/path</c>.</summary>
    public required string Address { get; init; }

    /// <summary>Connections that are open.</summary>
    public required int Connections { get; init; }
}

internal sealed record WorkerReport
{
    /// <summary>The service and a number; also the name of its thread.</summary>
    public required string Name { get; init; }

    /// <summary>Share of the last tenth of a second in which it was busy, from 0 to 1.</summary>
    public required double Load { get; init; }

    /// <summary>Connections of clients that it serves.</summary>
    public required int Connections { get; init; }
}

internal sealed record UpstreamReport
{
    public required string Name { get; init; }

    /// <summary>How a server is chosen.</summary>
    public required string Balance { get; init; }

    /// <summary>Empty when no name of the upstream has resolved.</summary>
    public required IReadOnlyList<UpstreamServerReport> Servers { get; init; }
}

internal sealed record UpstreamServerReport
{
    public required string Address { get; init; }

    public required int Weight { get; init; }

    /// <summary><c>ready</c>: requests may go to it.</summary>
    public required string State { get; init; }
}

internal sealed record PoolReport
{
    /// <summary>The service whose requests use it.</summary>
    public required string Name { get; init; }

    /// <summary>Connections to upstreams that wait for the next request.</summary>
    public required int Idle { get; init; }

    /// <summary>How many may wait on all workers.</summary>
    public required long Limit { get; init; }
}

/// <summary>Reads and writes the report without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext;
