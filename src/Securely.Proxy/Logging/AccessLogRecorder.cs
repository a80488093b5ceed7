using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Securely.Http;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>
/// Puts the records of one worker together, for its queue. It belongs to that worker, copies what is needed of a request, and allocates nothing.
/// </summary>
internal sealed class AccessLogRecorder
{
    /// <summary>In place of a length: there was no such text.</summary>
    internal const ushort Absent = ushort.MaxValue;

    /// <summary>What is kept of one text.</summary>
    internal const int MostText = 4096;

    // All texts of a record, with the numbers before them: far less than the smallest ring, so that one request cannot block it.
    private const int MostRecord = 16 * 1024;

    private readonly AccessLogField[] _texts;
    private readonly byte[] _record = new byte[MostRecord];
    private readonly ulong _threshold;
    private ulong _random;
    private int _length;
    private bool _isCut;

    internal AccessLogRecorder(AccessLogField[] fields, double sample, int worker, LogRing queue)
    {
        _texts = [.. fields.Where(field => field.IsText)];
        _threshold = sample >= 1 ? ulong.MaxValue : (ulong)(sample * ulong.MaxValue);
        // Any start but 0 will do; workers must not choose alike.
        _random = 0x9E3779B97F4A7C15 * (ulong)(worker + 1);
        Queue = queue;
    }

    internal LogRing Queue { get; }

    /// <summary>Whether the next request gets a line.</summary>
    internal bool IsChosen()
    {
        if (_threshold == ulong.MaxValue)
            return true;
        // xorshift64 (Marsaglia 2003).
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return _random < _threshold;
    }

    /// <summary>Puts a record together, which is good until the next one.</summary>
    /// <param name="head">The numbers.</param>
    /// <param name="session">The request's session; null for one that could not be read, of which there are no texts.</param>
    /// <param name="course">Whom the request is counted for.</param>
    /// <param name="upstream">Where the last try went.</param>
    internal ReadOnlySpan<byte> Make(ref AccessLogHead head, ServerSession? session, in RequestCourse course, EndPoint? upstream)
    {
        _length = Unsafe.SizeOf<AccessLogHead>();
        _isCut = false;
        if (session is not null)
        {
            foreach (var field in _texts)
                Add(field, session, in course, upstream);
        }

        head.Flags |= (_isCut ? AccessLogFlags.Cut : 0) | (session is null ? AccessLogFlags.Refused : 0);
        MemoryMarshal.Write(_record, in head);
        return _record.AsSpan(0, _length);
    }

    private void Add(AccessLogField field, ServerSession session, in RequestCourse course, EndPoint? upstream)
    {
        var request = session.Request;
        switch (field.Kind)
        {
            case AccessLogKind.Method:
                Add(request.Method);
                break;
            case AccessLogKind.Host:
                Add(request.Host);
                break;
            case AccessLogKind.Path:
                Add(request.Path.IsEmpty ? request.Target : request.Path);
                break;
            case AccessLogKind.Query:
                AddUnlessEmpty(request.Query);
                break;
            case AccessLogKind.Site:
                AddUnlessEmpty(course.Site?.NameBytes);
                break;
            case AccessLogKind.Upstream:
                AddUnlessEmpty(course.Upstream?.NameBytes);
                break;
            case AccessLogKind.Route or AccessLogKind.UpstreamAddress:
                // An IP address stands among the numbers.
                AddText(field.Kind == AccessLogKind.Route ? course.Route : upstream is UnixDomainSocketEndPoint ? upstream.ToString() : null);
                break;
            case AccessLogKind.TraceId or AccessLogKind.SpanId:
                AddTrace(field.Kind, request.Headers, in course);
                break;
            case AccessLogKind.ResponseHeader:
                AddField(session.ResponseWritten?.Headers, field.Header);
                break;
            default:
                AddField(request.Headers, field.Header);
                break;
        }
    }

    private void AddField(HeaderMap? headers, HeaderName name)
    {
        if (headers is not null && headers.TryGet(name, out var value))
            Add(value);
        else
            AddAbsent();
    }

    /// <summary>Without traces of our own there may still be one that the client has named.</summary>
    private void AddTrace(AccessLogKind kind, HeaderMap headers, in RequestCourse course)
    {
        Span<byte> text = stackalloc byte[TraceParent.TraceIdLength];
        var trace = course.Trace;
        if (kind == AccessLogKind.SpanId)
        {
            trace.WriteSpanId(text);
            AddUnlessEmpty(trace.SpanId == 0 ? default : text[..TraceParent.SpanIdLength]);
            return;
        }

        if (trace.TraceId == 0)
            TraceParent.TryRead(headers, out trace);
        trace.WriteTraceId(text);
        AddUnlessEmpty(trace.TraceId == 0 ? default : text);
    }

    private void AddText(string? text)
    {
        Span<byte> bytes = stackalloc byte[256];
        if (text is null)
        {
            AddAbsent();
            return;
        }

        Utf8Try(text, bytes, out var length);
        Add(bytes[..length]);
    }

    private void Utf8Try(string text, Span<byte> bytes, out int length) =>
        _isCut |= System.Text.Unicode.Utf8.FromUtf16(text, bytes, out _, out length) != System.Buffers.OperationStatus.Done;

    private void AddUnlessEmpty(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            AddAbsent();
        else
            Add(text);
    }

    private void AddAbsent()
    {
        if (_record.Length - _length < sizeof(ushort))
            return;
        MemoryMarshal.Write(_record.AsSpan(_length), Absent);
        _length += sizeof(ushort);
    }

    private void Add(ReadOnlySpan<byte> text)
    {
        var room = Math.Min(MostText, _record.Length - _length - sizeof(ushort));
        if (text.Length > room)
        {
            _isCut = true;
            text = text[..Math.Max(room, 0)];
            // A text that ends at the record's own end is none: what follows it would be read as absent.
            if (room < 0)
                return;
        }

        MemoryMarshal.Write(_record.AsSpan(_length), (ushort)text.Length);
        text.CopyTo(_record.AsSpan(_length + sizeof(ushort)));
        _length += sizeof(ushort) + text.Length;
    }
}
