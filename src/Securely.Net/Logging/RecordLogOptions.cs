namespace Securely.Net;

/// <summary>Where a <see cref="RecordLog"/> is written.</summary>
public sealed record RecordLogOptions
{
    /// <summary>The path that means standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>The fewest bytes of a queue.</summary>
    public const int SmallestQueue = 64 * 1024;

    /// <summary>The most bytes of a queue.</summary>
    public const int LargestQueue = 1 << 30;

    /// <summary>What it is called in messages, as in <c>Access log</c>; also the name of its thread.</summary>
    public required string Name { get; init; }

    /// <summary>A file, which is made with mode 0640 and appended to, a named pipe, or <see cref="StandardOutput"/>.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// How many bytes of records may wait for each thread; what does not fit is counted and lost. Default: 1 MiB. Range: 64 KiB to 1 GiB, rounded up to a
    /// power of two.
    /// </summary>
    public int QueueBytes { get; init; } = 1024 * 1024;
}

/// <summary>Makes the line of a record. Called by the log's own thread, one record at a time.</summary>
/// <param name="record">The bytes that were added.</param>
/// <param name="output">Takes the line with its end.</param>
public delegate void LogRecordFormatter(ReadOnlySpan<byte> record, LogBuffer output);
