using System.Text;
using Securely.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Http.V1;

/// <summary>What a parser made of a message, as text, so that outcomes can be compared.</summary>
internal sealed record Parsed(HeadStatus Status, int ErrorStatus, string Problem, string Head, MessageFraming Framing, int Consumed);

/// <summary>
/// Parses messages that are written out as text, one byte a character, whole, by line and by byte, and insists on one outcome.
/// </summary>
internal static class Wire
{
    private static readonly Delivery[] Deliveries = [Delivery.Whole, Delivery.Lines, Delivery.Bytes];

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>The ends of the pieces, as positions in the message.</summary>
    public static IEnumerable<int> Ends(byte[] message, Delivery delivery)
    {
        for (int end = 1; end <= message.Length; end++)
        {
            bool here = delivery switch
            {
                Delivery.Whole => end == message.Length,
                Delivery.Lines => message[end - 1] == '\n' || end == message.Length,
                _ => true,
            };
            if (here)
            {
                yield return end;
            }
        }
    }

    public static Parsed Request(string message, HttpLimits? limits = null) =>
        Same(message, delivery => RequestOnce(Bytes(message), delivery, limits ?? HttpLimits.Default));

    public static Parsed Response(
        string message, KnownMethod request = KnownMethod.Get, bool upgrade = false, bool allowInvalidLength = false,
        HttpLimits? limits = null) => Same(
            message,
            delivery => ResponseOnce(Bytes(message), delivery, request, upgrade, allowInvalidLength, limits ?? HttpLimits.Default));

    public static Parsed RequestOnce(byte[] message, Delivery delivery, HttpLimits limits)
    {
        var parser = new RequestParser(limits);
        var header = new RequestHeader();
        var status = HeadStatus.NeedMore;
        byte[] buffer = [];
        int start = 0;
        foreach (int end in Ends(message, delivery))
        {
            buffer = Moved(message, buffer, ref start, end);
            status = parser.Parse(header, buffer, start, start + end);
            if (status != HeadStatus.NeedMore)
            {
                break;
            }
        }

        string head = status == HeadStatus.Done ? $"{header.MethodText} {header.TargetText} {header.Version}\r\n{header.Headers}" : "";
        return new Parsed(status, parser.Error.StatusCode, parser.Error.Problem ?? "", head, parser.Framing, parser.Consumed);
    }

    public static Parsed ResponseOnce(
        byte[] message, Delivery delivery, KnownMethod request, bool upgrade, bool allowInvalidLength, HttpLimits limits)
    {
        var parser = new ResponseParser(limits, allowInvalidLength);
        parser.Reset(request, upgrade);
        var header = new ResponseHeader();
        var status = HeadStatus.NeedMore;
        byte[] buffer = [];
        int start = 0;
        foreach (int end in Ends(message, delivery))
        {
            buffer = Moved(message, buffer, ref start, end);
            status = parser.Parse(header, buffer, start, start + end);
            if (status != HeadStatus.NeedMore)
            {
                break;
            }
        }

        string head = status == HeadStatus.Done ? $"{header.Version} {header.StatusCode} [{header.ReasonText}]\r\n{header.Headers}" : "";
        return new Parsed(status, parser.Error.StatusCode, parser.Error.Problem ?? "", head, parser.Framing, parser.Consumed);
    }

    /// <summary>
    /// A new buffer with what has come, at another place each time. What the parser has seen is taken from its own buffer, because it may
    /// have joined lines there.
    /// </summary>
    private static byte[] Moved(byte[] message, byte[] old, ref int start, int end)
    {
        int seen = old.Length - start;
        int next = (start + 3) % 7;
        byte[] buffer = new byte[next + end];
        old.AsSpan(start).CopyTo(buffer.AsSpan(next));
        message.AsSpan(seen, end - seen).CopyTo(buffer.AsSpan(next + seen));
        start = next;
        return buffer;
    }

    private static Parsed Same(string message, Func<Delivery, Parsed> parse)
    {
        var results = Array.ConvertAll(Deliveries, delivery => parse(delivery));
        Assert.NotEmpty(message);
        Assert.All(results, result => Assert.Equal(results[0] with { Problem = "" }, result with { Problem = "" }));
        return results[0];
    }
}
