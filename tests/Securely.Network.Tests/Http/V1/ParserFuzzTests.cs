using Securely.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Http.V1;

/// <summary>
/// Damaged messages: whatever they are, no exception leaves a parser, and the outcome does not depend on how the bytes arrive.
/// </summary>
public sealed class ParserFuzzTests
{
    private const int Rounds = 4_000;

    private static readonly HttpLimits Limits = new() { RequestLine = 64, HeaderBytes = 160, Headers = 6, Body = 40 };

    private static readonly string[] Requests =
    [
        "GET /a?b HTTP/1.1\r\nHost: a.test:80\r\nConnection: keep-alive, x\r\nX: y\r\n\r\n",
        "POST http://a.test/ HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n",
        "\r\nPUT / HTTP/1.0\r\nContent-Length: 12\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
    ];

    private static readonly string[] Responses =
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX : y\r\n folded\r\nConnection: close\r\n\r\n",
        "HTTP/1.0 404\r\nTransfer-Encoding: chunked\r\nKeep-Alive: timeout=5\r\n\r\n",
    ];

    private static readonly string[] Bodies = ["5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nX: y\r\nHost: z\r\n\r\n"];

    [Fact]
    public void Requests_come_out_the_same() => Run(Requests, 1, static message =>
    {
        var whole = Wire.RequestOnce(message, Delivery.Whole, Limits);
        Compare(whole, Wire.RequestOnce(message, Delivery.Bytes, Limits));
        Compare(whole, Wire.RequestOnce(message, Delivery.Lines, Limits));
    });

    [Fact]
    public void Responses_come_out_the_same() => Run(Responses, 2, static message =>
    {
        var whole = Wire.ResponseOnce(message, Delivery.Whole, KnownMethod.Get, upgrade: true, allowInvalidLength: false, Limits);
        Compare(whole, Wire.ResponseOnce(message, Delivery.Bytes, KnownMethod.Get, upgrade: true, allowInvalidLength: false, Limits));
        Compare(whole, Wire.ResponseOnce(message, Delivery.Lines, KnownMethod.Get, upgrade: true, allowInvalidLength: false, Limits));
    });

    [Fact]
    public void Bodies_come_out_the_same() => Run(Bodies, 3, static message =>
    {
        var whole = new ChunkedReader(Limits);
        var status = whole.Decode([.. message], out int consumed, out int produced);
        var piecewise = new ChunkedReader(Limits);
        var other = HeadStatus.NeedMore;
        int at = 0;
        int data = 0;
        while (at < message.Length && other == HeadStatus.NeedMore)
        {
            other = piecewise.Read(message.AsSpan(at, 1), out int used, out _, out int length);
            at += used;
            data += length;
        }

        if (status != HeadStatus.Error)
        {
            Assert.Equal((status, consumed, produced), (other, at, data));
            return;
        }

        // The line of a trailer may hide its mistake until it ends.
        Assert.NotEqual(HeadStatus.Done, other);
        Assert.True(other == HeadStatus.NeedMore || piecewise.Error.StatusCode == whole.Error.StatusCode);
    });

    private static void Compare(Parsed whole, Parsed other)
    {
        if (whole.Status != HeadStatus.Error)
        {
            Assert.Equal(whole, other);
            return;
        }

        // Of an unfinished line only the control characters are looked at, so it may hide its mistake until it ends or is too long.
        Assert.NotEqual(HeadStatus.Done, other.Status);
        Assert.True(other.Status == HeadStatus.NeedMore || other.ErrorStatus == whole.ErrorStatus || other.ErrorStatus is 414 or 431);
    }

    private static void Run(string[] messages, int seed, Action<byte[]> check)
    {
        var random = new Random(seed);
        const string Interesting = "\r\n\0\t :;,/*#@aA05-\u007f\u00e9";
        for (int round = 0; round < Rounds; round++)
        {
            var message = new List<byte>(Wire.Bytes(messages[random.Next(messages.Length)]));
            for (int edits = random.Next(4); edits > 0 && message.Count > 0; edits--)
            {
                int at = random.Next(message.Count);
                byte value = (byte)Interesting[random.Next(Interesting.Length)];
                switch (random.Next(4))
                {
                    case 0:
                        message[at] = value;
                        break;
                    case 1:
                        message.Insert(at, value);
                        break;
                    case 2:
                        message.RemoveAt(at);
                        break;
                    default:
                        int length = Math.Min(random.Next(1, 20), message.Count - at);
                        message.InsertRange(at, message.GetRange(at, length));
                        break;
                }
            }

            if (message.Count > 0)
            {
                check([.. message]);
            }
        }
    }
}
