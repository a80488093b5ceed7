using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Securely.Http;

namespace Securely.Network.Tests.Http.V2;

/// <summary>A client that sends frames written out in hexadecimal digits, and shows what comes back as one line a frame.</summary>
internal sealed class FrameClient(LiveClient live)
{
    /// <summary>GET / of http://a.b, whole.</summary>
    public const string Get = "000008 01 05 00000001 82 86 84 4103612e62";

    private readonly HpackDecoder _decoder = new(1 << 20, 10_000);
    private readonly List<string> _frames = [];
    private int _parsed;

    /// <summary>All frames that have come, in order.</summary>
    public IReadOnlyList<string> Frames
    {
        get
        {
            Parse();
            return _frames;
        }
    }

    /// <summary>The last frame that has come.</summary>
    public string Last => Frames.Count == 0 ? "nothing" : Frames[^1];

    /// <summary>Whether the server has ended its direction.</summary>
    public bool IsEnded => live.IsEnded;

    public LiveClient Live => live;

    /// <summary>Sends the preface and empty settings, acknowledges the server's, and forgets what has come.</summary>
    public async ValueTask BeginAsync(string settings = "000000 04 00 00000000")
    {
        await live.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Bytes(settings + "000000 04 01 00000000"));
        Parse();
        Assert.Equal("SETTINGS MAX_CONCURRENT_STREAMS=100 INITIAL_WINDOW_SIZE=131072 MAX_HEADER_LIST_SIZE=65536 ENABLE_CONNECT_PROTOCOL=1 NO_RFC7540_PRIORITIES=1", _frames[0]);
        Assert.Equal("WINDOW_UPDATE 0 +983041", _frames[1]);
        Assert.Equal("SETTINGS ACK", _frames[2]);
        _frames.Clear();
    }

    /// <summary>Sends bytes written as hexadecimal digits; blanks between them do not count.</summary>
    public ValueTask SendAsync(params string[] hex) => live.SendAsync(Bytes(string.Concat(hex)));

    /// <summary>What has come since the last call.</summary>
    public string[] Take()
    {
        Parse();
        var frames = _frames.ToArray();
        _frames.Clear();
        return frames;
    }

    /// <summary>A frame with a payload in hexadecimal digits.</summary>
    public static string Frame(int type, int flags, int stream, string payload)
    {
        payload = payload.Replace(" ", "", StringComparison.Ordinal);
        return $"{payload.Length / 2:x6}{type:x2}{flags:x2}{stream:x8}{payload}";
    }

    public static string Hex(string text) => Convert.ToHexString(Encoding.Latin1.GetBytes(text));

    private static string Bytes(string hex) => Encoding.Latin1.GetString(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    private void Parse()
    {
        var received = Encoding.Latin1.GetBytes(live.Received);
        while (received.Length - _parsed >= FrameHeader.Size)
        {
            var header = FrameHeader.Read(received.AsSpan(_parsed));
            if (received.Length - _parsed < FrameHeader.Size + header.Length)
                return;
            _frames.Add(Describe(header, received.AsSpan(_parsed + FrameHeader.Size, header.Length)));
            _parsed += FrameHeader.Size + header.Length;
        }
    }

    private string Describe(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        var end = header.Has(FrameFlags.EndStream) ? " END" : "";
        return header.Type switch
        {
            FrameType.Data => $"DATA {header.StreamId}{end} [{Show(payload)}]",
            FrameType.Headers => $"HEADERS {header.StreamId}{end} {Decode(payload)}",
            FrameType.RstStream => $"RST_STREAM {header.StreamId} {Code(payload)}",
            FrameType.Settings => header.Has(FrameFlags.Ack) ? "SETTINGS ACK" : $"SETTINGS {Settings(payload)}",
            FrameType.Ping => $"PING{(header.Has(FrameFlags.Ack) ? " ACK" : "")} {Convert.ToHexStringLower(payload)}",
            FrameType.GoAway => $"GOAWAY {BinaryPrimitives.ReadInt32BigEndian(payload)} {Code(payload[4..])}",
            FrameType.WindowUpdate => $"WINDOW_UPDATE {header.StreamId} +{BinaryPrimitives.ReadInt32BigEndian(payload)}",
            _ => $"{header.Type} {header.StreamId} [{payload.Length}]",
        };
    }

    private static string Show(ReadOnlySpan<byte> data) => data.Length > 100 ? $"{data.Length} bytes" : Encoding.Latin1.GetString(data);

    private static string Code(ReadOnlySpan<byte> bytes) => ((Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(bytes)).ToString();

    private static string Settings(ReadOnlySpan<byte> payload)
    {
        string[] names = ["?", "HEADER_TABLE_SIZE", "ENABLE_PUSH", "MAX_CONCURRENT_STREAMS", "INITIAL_WINDOW_SIZE", "MAX_FRAME_SIZE", "MAX_HEADER_LIST_SIZE", "?", "ENABLE_CONNECT_PROTOCOL", "NO_RFC7540_PRIORITIES"];
        var text = new List<string>();
        for (; payload.Length >= 6; payload = payload[6..])
            text.Add(string.Create(CultureInfo.InvariantCulture, $"{names[BinaryPrimitives.ReadUInt16BigEndian(payload)]}={BinaryPrimitives.ReadUInt32BigEndian(payload[2..])}"));
        return string.Join(' ', text);
    }

    private string Decode(ReadOnlySpan<byte> block)
    {
        var sink = new Lines([]);
        Assert.Equal(HpackStatus.Done, _decoder.Decode(block, ref sink));
        return string.Join(", ", sink.Text);
    }

    private readonly struct Lines(List<string> text) : IHpackSink
    {
        public List<string> Text => text;

        public void OnField(scoped HpackField field)
        {
            if (field.Known != KnownHeader.Date)
                text.Add($"{Encoding.Latin1.GetString(field.Name)}: {Encoding.Latin1.GetString(field.Value)}{(field.IsSensitive ? " !" : "")}");
        }
    }
}

/// <summary>A service on a stage whose client speaks frames.</summary>
internal static class FrameStage
{
    /// <summary>Answers /echo with the request's body, /wait never, and everything else with ok.</summary>
    public static async ValueTask AnswerAsync(ServerSession session)
    {
        var path = session.Request.PathText;
        if (path == "/wait")
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, session.Connection.Closed);
        else if (path == "/echo")
            await EchoAsync(session);
        else
            await session.RespondAsync(200, "ok"u8.ToArray());
    }

    /// <summary>Plays a client that has exchanged settings with a service.</summary>
    public static async Task PlayAsync(Func<FrameClient, ValueTask> play, Func<ServerSession, ValueTask>? handle = null, HttpServiceOptions? options = null)
    {
        await using var stage = new Stage();
        await stage.PlayAsync(
            handle ?? AnswerAsync,
            async live =>
            {
                var client = new FrameClient(live);
                await client.BeginAsync();
                await play(client);
            },
            options);
    }

    private static async ValueTask EchoAsync(ServerSession session)
    {
        session.WriteHeader(new ResponseHeader(200), isEnd: false);
        BodyChunk chunk;
        do
        {
            chunk = await session.ReadBodyAsync();
            if (!chunk.IsEnd)
                await session.WriteBodyAsync(chunk.Data, false);
        }
        while (!chunk.IsEnd);
        if (session.RequestTrailers is null)
        {
            await session.WriteBodyAsync(chunk.Data, true);
            return;
        }

        await session.WriteBodyAsync(chunk.Data, false);
        await session.WriteTrailersAsync(session.RequestTrailers);
    }
}
