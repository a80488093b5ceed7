using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>A span as it came over the wire.</summary>
internal sealed record ReceivedSpan(string Service, string TraceId, string SpanId, string ParentSpanId, string Name, ulong Kind, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Takes spans over OTLP/HTTP in protocol buffers, which it reads on its own.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentQueue<string> _heads = new();
    private readonly TestOrigin _origin;

    public OtlpReceiver() => _origin = TestOrigin.Start(OriginScripts.EachRequest((connection, head, body) =>
    {
        _heads.Enqueue(head);
        foreach (var span in Read(body))
        {
            _spans.Enqueue(span);
            Phases.Signal("span");
        }

        return connection.SendOkAsync("");
    }));

    public string Endpoint => $"http://{_origin.Address}";

    /// <summary>Signals <c>span</c> for each.</summary>
    public PhaseBarrier Phases { get; } = new();

    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];

    public IReadOnlyList<string> Heads => [.. _heads];

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    // The numbers are those of the fields in opentelemetry/proto/trace/v1/trace.proto.
    private static IEnumerable<ReceivedSpan> Read(byte[] request)
    {
        foreach (var resourceSpans in Fields(request).Where(field => field.Number == 1))
        {
            var resource = Fields(resourceSpans.Bytes).First(field => field.Number == 1);
            var service = Attributes(resource.Bytes, 1)["service.name"];
            foreach (var scopeSpans in Fields(resourceSpans.Bytes).Where(field => field.Number == 2))
            {
                foreach (var span in Fields(scopeSpans.Bytes).Where(field => field.Number == 2))
                    yield return ReadSpan(service, span.Bytes);
            }
        }
    }

    private static ReceivedSpan ReadSpan(string service, byte[] span)
    {
        var fields = Fields(span).ToLookup(field => field.Number);
        return new ReceivedSpan(
            service, Hex(1), Hex(2), Hex(4), Encoding.UTF8.GetString(fields[5].Single().Bytes), fields[6].Single().Value, Attributes(span, 9));

        string Hex(int number) => Convert.ToHexStringLower(fields[number].SingleOrDefault().Bytes ?? []);
    }

    private static Dictionary<string, string> Attributes(byte[] message, int number) => Fields(message).Where(field => field.Number == number)
        .Select(attribute => Fields(attribute.Bytes).ToDictionary(field => field.Number))
        .ToDictionary(attribute => Encoding.UTF8.GetString(attribute[1].Bytes), attribute => Text(Fields(attribute[2].Bytes).Single()), StringComparer.Ordinal);

    private static string Text((int Number, ulong Value, byte[] Bytes) value) =>
        value.Number == 1 ? Encoding.UTF8.GetString(value.Bytes) : value.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<(int Number, ulong Value, byte[] Bytes)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    yield return (number, Varint(message, ref at), []);
                    break;
                case 1:
                    yield return (number, BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at)), []);
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    yield return (number, 0, message.AsSpan(at, length).ToArray());
                    at += length;
                    break;
                case 5:
                    yield return (number, BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at)), []);
                    at += 4;
                    break;
                default:
                    throw new FormatException($"Field {number} has type {tag & 7}");
            }
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        for (var (value, shift) = (0UL, 0); ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
    }
}
