namespace Securely.Proxy;

/// <summary>What an access log says of each request, and where.</summary>
public sealed record AccessLogOptions
{
    /// <summary>The path that stands for standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>The file that lines are appended to, a named pipe, or <see cref="StandardOutput"/>.</summary>
    public required string Path { get; init; }

    /// <summary>What a line looks like. Default: <see cref="AccessLogFormat.Json"/>.</summary>
    public AccessLogFormat Format { get; init; } = AccessLogFormat.Json;

    /// <summary>
    /// The fields of a line, in order, by the names of <see cref="AccessLog.FieldNames"/>, or <c>header:NAME</c> and <c>response_header:NAME</c>.
    /// Default: null, which is <see cref="AccessLog.DefaultFields"/>. The combined format has its own and takes none.
    /// </summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>The share of requests that get a line, chosen at random. Default: 1, all of them. Range: above 0, to 1.</summary>
    public double Sample { get; init; } = 1;

    /// <summary>
    /// Names of query parameters whose values are not written, in any case and however they are encoded; also in the Referer field. Default: none.
    /// </summary>
    public IReadOnlyList<string> RedactedQuery { get; init; } = [];

    /// <summary>Names of fields whose values are not written. Default: none.</summary>
    public IReadOnlyList<string> RedactedHeaders { get; init; } = [];

    /// <summary>
    /// How many bytes of requests may wait, for each worker, until they are written; what does not fit is counted and lost. Default: 1 MiB.
    /// Range: 64 KiB to 1 GiB, rounded up to a power of two.
    /// </summary>
    public int QueueBytes { get; init; } = 1024 * 1024;
}

/// <summary>What a line of an access log looks like.</summary>
public enum AccessLogFormat
{
    /// <summary>A JSON object a line, in ASCII.</summary>
    Json,

    /// <summary>The combined format of nginx and Apache.</summary>
    Combined,
}
