namespace Securely.Proxy;

/// <summary>How the servers of an upstream are checked (LB-08, LB-09).</summary>
public sealed record HealthCheckOptions
{
    /// <summary>What a server has to do to be healthy.</summary>
    public required HealthCheckKind Kind { get; init; }

    /// <summary>What is asked for, with <see cref="HealthCheckKind.Http"/>: a path, and perhaps a query. Default <c>/</c>.</summary>
    public string? Path { get; init; }

    /// <summary>The host that is named, with <see cref="HealthCheckKind.Http"/> and <see cref="HealthCheckKind.Grpc"/>. Default null, the server's address.</summary>
    public string? Host { get; init; }

    /// <summary>The name of the service that has to be well, with <see cref="HealthCheckKind.Grpc"/>. Default empty, the whole server.</summary>
    public string? Service { get; init; }

    /// <summary>From one round of checks to the next. Default 1 s; more than zero.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one check may take, connecting included. Default 1 s; more than zero.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many good answers in a row make a server healthy again. Default 1; 1 to 1,000.</summary>
    public int Healthy { get; init; } = 1;

    /// <summary>How many bad ones in a row make it unhealthy. Default 1; 1 to 1,000.</summary>
    public int Unhealthy { get; init; } = 1;
}

/// <summary>What a server has to do to be healthy.</summary>
public enum HealthCheckKind
{
    /// <summary>Take a connection, with TLS where the upstream has it.</summary>
    Tcp,

    /// <summary>Answer a GET with 200.</summary>
    Http,

    /// <summary>Say by <c>grpc.health.v1.Health</c> that it serves.</summary>
    Grpc,
}
