using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Dns;

/// <summary>
/// A JSON line for each question, or for a share of them. Threads that answer copy what a line needs and go on; a thread of the log's own writes. A disk
/// that is slow costs lines, which are counted, and never an answer.
/// </summary>
/// <remarks>
/// Life: 1. made, which opens the file; 2. given to a server with <see cref="DnsServerOptions.QueryLog"/>; 3. disposed after it has ended. Names are
/// escaped, so nothing that a client sends can end a line or reach a terminal as a control character. Thread-safe.
/// </remarks>
public sealed class DnsQueryLog : IDisposable
{
    private readonly DnsQueryLogOptions _options;
    private readonly RecordLog _log;
    private readonly TimeProvider _time;
    private readonly StringBuilder _name = new();
    private int _recorders;

    /// <summary>Opens the log.</summary>
    /// <param name="options">Where it is written, and of what share of questions.</param>
    /// <param name="logger">Where lost lines are reported; nowhere when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public DnsQueryLog(DnsQueryLogOptions options, ILogger? logger = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Sample is not (> 0 and <= 1))
            throw new ArgumentException($"Sample [{options.Sample}] is no share of questions; it is above 0 and at most 1.", nameof(options));
        _options = options;
        _time = time ?? TimeProvider.System;
        _log = new RecordLog(new RecordLogOptions { Name = "Query log", Path = options.Path, QueueBytes = options.QueueBytes }, Format, logger, time);
    }

    /// <summary>Lines written.</summary>
    public long Lines => _log.Lines;

    /// <summary>Lines that were lost because the queue of their thread was full.</summary>
    public long DroppedByQueue => _log.DroppedByQueue;

    /// <summary>Lines that were lost because a write failed.</summary>
    public long DroppedByWrite => _log.DroppedByWrite;

    /// <summary>Opens the file once more, for whoever has moved it.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The path; null for standard output.</returns>
    /// <exception cref="IOException">It cannot be opened, so that the log goes on in the old file.</exception>
    public Task<string?> ReopenAsync(CancellationToken cancellationToken = default) => _log.ReopenAsync(cancellationToken);

    /// <summary>Waits until what was asked by now is written, or lost.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends with the write.</returns>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _log.FlushAsync(cancellationToken);

    /// <summary>Writes what waits and closes the file.</summary>
    public void Dispose() => _log.Dispose();

    /// <summary>Counts lines in a registry.</summary>
    internal void ShowIn(MetricsRegistry registry)
    {
        registry.Counter(new MetricDefinition("securely_dns_query_log_lines_total", "Lines of the query log that were written.")).Observe(() => Lines);
        var dropped = registry.Counter(new MetricDefinition("securely_dns_query_log_dropped_total", "Lines of the query log that were lost, because a queue was full or a write failed.") { Labels = ["reason"] });
        dropped.Observe(() => DroppedByQueue, "queue_full");
        dropped.Observe(() => DroppedByWrite, "write_failed");
    }

    /// <summary>What one thread records with.</summary>
    internal QueryRecorder AddRecorder() => new(this, _log.AddQueue(), _options.Sample, Interlocked.Increment(ref _recorders));

    /// <summary>Records a question; called by the recorder's own thread.</summary>
    internal void Add(QueryRecorder recorder, ReadOnlySpan<byte> record) => _log.TryAdd(recorder.Queue, record);

    internal long Now => _time.GetUtcNow().UtcTicks;

    /// <summary>What writes.</summary>
    internal RecordLog Log => _log;

    private void Format(ReadOnlySpan<byte> record, LogBuffer output)
    {
        var head = MemoryMarshal.Read<QueryLogHead>(record);
        output.Put("{\"time\":\""u8);
        new DateTime(head.Time, DateTimeKind.Utc).TryFormat(output.Room(40), out var written, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        output.Advance(written);
        output.Put("\",\"client\":\""u8);
        new IPAddress(head.Address()).TryFormat(output.Room(64), out written);
        output.Advance(written);
        output.Put("\",\"transport\":\""u8);
        output.Put(DnsTransports.Utf8Of(head.Transport));
        output.Put("\""u8);
        var name = record[Unsafe.SizeOf<QueryLogHead>()..];
        if (name.Length > 0)
        {
            NameText.Format(name, _name.Clear());
            Text(",\"name\":"u8, _name.ToString(), output);
            Text(",\"type\":"u8, Records.ResourceRecord.TypeName(head.Type), output);
            Text(",\"class\":"u8, Records.ResourceRecord.NameOf(head.Class), output);
        }

        if (head.Operation != OpCode.Query)
            Text(",\"operation\":"u8, Enum.IsDefined(head.Operation) ? head.Operation.ToString().ToLowerInvariant() : string.Create(null, $"opcode{(int)head.Operation}"), output);
        Result(head, output);
        output.Put("}\n"u8);
    }

    private static void Result(in QueryLogHead head, LogBuffer output)
    {
        output.Put(",\"recursion_desired\":"u8);
        output.Put(head.WantsRecursion ? "true"u8 : "false"u8);
        if (head.Size > 0)
        {
            Text(",\"code\":"u8, ResponseCodeText.NameOf(head.Code), output);
            output.Put(head.IsAuthoritative ? ",\"authoritative\":true"u8 : ",\"authoritative\":false"u8);
            output.Put(head.IsTruncated ? ",\"truncated\":true"u8 : ",\"truncated\":false"u8);
        }

        output.Put(",\"bytes\":"u8);
        output.PutNumber(head.Size);
        if (head.IsLimited)
            output.Put(",\"limited\":true"u8);
    }

    private static void Text(ReadOnlySpan<byte> key, string value, LogBuffer output)
    {
        Span<byte> bytes = stackalloc byte[1100];
        output.Put(key);
        output.PutJson(bytes[..Encoding.UTF8.GetBytes(value, bytes)]);
    }
}
