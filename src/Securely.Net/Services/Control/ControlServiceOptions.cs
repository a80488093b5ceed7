namespace Securely.Net;

/// <summary>How a server is controlled.</summary>
public sealed record ControlServiceOptions
{
    /// <summary>The socket file. Its directory must exist; a path that is longer than a socket's name may be is well on Linux.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// Whether the service fails when it cannot have its socket, and the server with it. Default: true. False: it warns and the server runs
    /// without, for a path that nobody asked for.
    /// </summary>
    public bool IsRequired { get; init; } = true;

    /// <summary>How many callers are served at a time; the next one is refused. Default: 64.</summary>
    public int MaxConnections { get; init; } = 64;

    /// <summary>How long a caller may take to send its request, and to take each answer. Default: 10 s.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);
}
