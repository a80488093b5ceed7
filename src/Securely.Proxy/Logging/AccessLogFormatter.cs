using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Securely.Http;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>Makes a line of a record. Used by the writing thread alone.</summary>
internal abstract class AccessLogFormatter
{
    private readonly Range[] _ranges;
    private readonly byte[] _second = new byte[32];
    private long _secondOf = -1;
    private int _secondLength;

    private protected AccessLogFormatter(AccessLogField[] fields, QueryRedaction redaction)
    {
        _ranges = new Range[fields.Count(field => field.IsText)];
        Redaction = redaction;
    }

    private protected QueryRedaction Redaction { get; }

    /// <summary>Adds a line with its end.</summary>
    internal abstract void Format(ReadOnlySpan<byte> record, LogBuffer output);

    /// <summary>Splits a record into its numbers and texts.</summary>
    private protected AccessLogHead Read(ReadOnlySpan<byte> record)
    {
        var at = Unsafe.SizeOf<AccessLogHead>();
        for (var i = 0; i < _ranges.Length; i++)
        {
            var length = at < record.Length ? MemoryMarshal.Read<ushort>(record[at..]) : AccessLogRecorder.Absent;
            at += sizeof(ushort);
            _ranges[i] = length == AccessLogRecorder.Absent ? Range.All : at..(at + length);
            at += length == AccessLogRecorder.Absent ? 0 : length;
        }

        return MemoryMarshal.Read<AccessLogHead>(record);
    }

    /// <summary>A text of the record that was split last, by its number among the fields that are texts.</summary>
    private protected bool TryText(ReadOnlySpan<byte> record, int number, out ReadOnlySpan<byte> text)
    {
        var range = _ranges[number];
        text = range.Equals(Range.All) ? default : record[range];
        return !range.Equals(Range.All);
    }

    /// <summary>What does not change within a second, made once for all of its lines.</summary>
    private protected void PutSecond(DateTime time, string format, LogBuffer output)
    {
        var second = time.Ticks / TimeSpan.TicksPerSecond;
        if (second != _secondOf)
        {
            time.TryFormat(_second, out _secondLength, format, System.Globalization.CultureInfo.InvariantCulture);
            _secondOf = second;
        }

        output.Put(_second.AsSpan(0, _secondLength));
    }

    private protected static ReadOnlySpan<byte> Protocol(HttpVersion version) => version switch
    {
        HttpVersion.Http10 => "HTTP/1.0"u8,
        HttpVersion.Http11 => "HTTP/1.1"u8,
        _ => "HTTP/2.0"u8,
    };
}

/// <summary>A JSON object a line.</summary>
internal sealed class JsonLineFormatter(AccessLogField[] fields, QueryRedaction redaction) : AccessLogFormatter(fields, redaction)
{
    private static readonly byte[][] Sources = [.. RequestMetrics.Sources.Select(Encoding.ASCII.GetBytes)];
    private static readonly byte[][] Kinds = [.. RequestMetrics.Kinds.Select(Encoding.ASCII.GetBytes)];

    private readonly AccessLogField[] _fields = fields;

    // What stands before each value.
    private readonly byte[][] _keys = [.. fields.Select((field, i) => Encoding.ASCII.GetBytes($"{(i == 0 ? '{' : ',')}\"{field.Name}\":"))];

    internal override void Format(ReadOnlySpan<byte> record, LogBuffer output)
    {
        var head = Read(record);
        var texts = 0;
        for (var i = 0; i < _fields.Length; i++)
        {
            output.Put(_keys[i]);
            if (_fields[i].IsText)
                PutText(record, _fields[i], texts++, in head, output);
            else
                PutNumber(_fields[i].Kind, in head, output);
        }

        if ((head.Flags & AccessLogFlags.Cut) != 0)
            output.Put(",\"cut\":true"u8);
        output.Put("}\n"u8);
    }

    private void PutText(ReadOnlySpan<byte> record, AccessLogField field, int number, in AccessLogHead head, LogBuffer output)
    {
        if (field.Kind == AccessLogKind.UpstreamAddress && head.Upstream.IsSet)
        {
            PutAddress(in head.Upstream, output);
            return;
        }

        if (!TryText(record, number, out var text))
            output.Put("null"u8);
        else if (field.IsRedacted)
            output.PutJson(QueryRedaction.Hidden);
        else if (field.Kind == AccessLogKind.Query)
            output.PutJson(Redaction.Apply(text));
        else if (field.Header == HeaderName.Referer)
            output.PutJson(Redaction.ApplyToAddress(text));
        else
            output.PutJson(text);
    }

    private void PutNumber(AccessLogKind kind, in AccessLogHead head, LogBuffer output)
    {
        switch (kind)
        {
            case AccessLogKind.Time:
                PutTime(new DateTime(head.Time, DateTimeKind.Utc), output);
                break;
            case AccessLogKind.Client:
                PutAddress(in head.Client, output);
                break;
            case AccessLogKind.Peer:
                PutAddress(in head.Peer, output);
                break;
            case AccessLogKind.Protocol when (head.Flags & AccessLogFlags.Refused) == 0:
                output.PutJson(Protocol(head.Version));
                break;
            case AccessLogKind.Status:
                output.PutNumber(head.Status);
                break;
            case AccessLogKind.Bytes:
                output.PutNumber(head.Bytes);
                break;
            case AccessLogKind.RequestBytes:
                output.PutNumber(head.RequestBytes);
                break;
            case AccessLogKind.Duration:
                output.PutSeconds(head.Duration);
                break;
            default:
                PutOutcome(kind, in head, output);
                break;
        }
    }

    /// <summary>What there is only of a request that an upstream was asked for, or that failed.</summary>
    private static void PutOutcome(AccessLogKind kind, in AccessLogHead head, LogBuffer output)
    {
        switch (kind)
        {
            case AccessLogKind.UpstreamStatus when head.UpstreamStatus != 0:
                output.PutNumber(head.UpstreamStatus);
                break;
            case AccessLogKind.UpstreamTime when head.UpstreamTicks != 0:
                output.PutSeconds(head.UpstreamTicks);
                break;
            case AccessLogKind.Tries:
                output.PutNumber(head.Tries);
                break;
            case AccessLogKind.Reused when head.Tries > 0:
                output.Put((head.Flags & AccessLogFlags.Reused) != 0 ? "true"u8 : "false"u8);
                break;
            case AccessLogKind.Error when (head.Flags & AccessLogFlags.Failed) != 0:
                output.Put("\""u8);
                output.Put(Sources[(int)head.ErrorSource]);
                output.Put(" "u8);
                output.Put(Kinds[(int)head.ErrorKind]);
                output.Put("\""u8);
                break;
            default:
                output.Put("null"u8);
                break;
        }
    }

    private void PutTime(DateTime time, LogBuffer output)
    {
        output.Put("\""u8);
        PutSecond(time, "yyyy-MM-ddTHH:mm:ss", output);
        output.Put("."u8);
        output.PutDigits(time.Millisecond, 3);
        output.Put("Z\""u8);
    }

    private static void PutAddress(in LogAddress address, LogBuffer output)
    {
        if (!address.IsSet)
        {
            output.Put("null"u8);
            return;
        }

        output.Put("\""u8);
        address.Write(output);
        output.Put("\""u8);
    }
}

/// <summary>The combined format: <c>client - - [time] "request" status bytes "referer" "user agent"</c>.</summary>
internal sealed class CombinedLineFormatter : AccessLogFormatter
{
    // The numbers of the texts.
    private const int Method = 0;
    private const int Path = 1;
    private const int Query = 2;
    private const int Referer = 3;
    private const int UserAgent = 4;

    private readonly AccessLogField[] _fields;

    private CombinedLineFormatter(AccessLogField[] fields, QueryRedaction redaction)
        : base(fields, redaction) => _fields = fields;

    /// <summary>The formatter, and the fields that it needs.</summary>
    internal static (AccessLogField[] Fields, AccessLogFormatter Formatter) Create(IReadOnlyList<string> redactedHeaders, QueryRedaction redaction)
    {
        string[] names = ["method", "path", "query", "referer", "user_agent"];
        AccessLogField[] fields = [.. names.Select(name => AccessLogField.Parse(name, redactedHeaders)!)];
        return (fields, new CombinedLineFormatter(fields, redaction));
    }

    internal override void Format(ReadOnlySpan<byte> record, LogBuffer output)
    {
        var head = Read(record);
        if (head.Client.IsSet)
            head.Client.Write(output);
        else
            output.Put("-"u8);
        output.Put(" - - ["u8);
        PutSecond(new DateTime(head.Time, DateTimeKind.Utc), "dd/MMM/yyyy:HH:mm:ss '+0000'", output);
        output.Put("] \""u8);
        PutRequest(record, in head, output);
        output.Put("\" "u8);
        output.PutNumber(head.Status);
        output.Put(" "u8);
        output.PutNumber(head.Bytes);
        output.Put(" \""u8);
        PutField(record, Referer, output);
        output.Put("\" \""u8);
        PutField(record, UserAgent, output);
        output.Put("\"\n"u8);
    }

    private void PutRequest(ReadOnlySpan<byte> record, in AccessLogHead head, LogBuffer output)
    {
        if (!TryText(record, Method, out var method))
        {
            output.Put("-"u8);
            return;
        }

        output.PutEscaped(method);
        output.Put(" "u8);
        TryText(record, Path, out var path);
        output.PutEscaped(path);
        if (TryText(record, Query, out var query))
        {
            output.Put("?"u8);
            output.PutEscaped(Redaction.Apply(query));
        }

        output.Put(" "u8);
        output.Put(Protocol(head.Version));
    }

    private void PutField(ReadOnlySpan<byte> record, int number, LogBuffer output)
    {
        if (!TryText(record, number, out var text))
            output.Put("-"u8);
        else if (_fields[number].IsRedacted)
            output.Put(QueryRedaction.Hidden);
        else
            output.PutEscaped(number == Referer ? Redaction.ApplyToAddress(text) : text);
    }
}
