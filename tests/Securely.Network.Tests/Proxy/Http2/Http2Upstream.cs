using System.Buffers.Binary;
using System.Text;
using Securely.Http;
using Securely.Network.Tests.Http;

namespace Securely.Network.Tests.Proxy.Http2;

/// <summary>
/// The upstream's end of an HTTP/2 connection, played by the test: what has come is shown as a line for each frame, and frames are sent as bytes.
/// </summary>
internal sealed class Http2Upstream(LiveClient end)
{
    public const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private readonly HpackDecoder _decoder = new();
    private int _read;

    public LiveClient End => end;

    public bool IsEnded => end.IsEnded;

    /// <summary>A frame with a header of nine bytes.</summary>
    public static string Frame(byte type, byte flags, int stream, string payload) => string.Create(9 + payload.Length, (type, flags, stream, payload), static (text, frame) =>
    {
        var length = frame.payload.Length;
        text[0] = (char)(length >> 16);
        text[1] = (char)((length >> 8) & 0xFF);
        text[2] = (char)(length & 0xFF);
        text[3] = (char)frame.type;
        text[4] = (char)frame.flags;
        Number(frame.stream).CopyTo(text[5..]);
        frame.payload.CopyTo(text[9..]);
    });

    /// <summary>SETTINGS with some parameters.</summary>
    public static string Settings(params (int Id, int Value)[] parameters) =>
        Frame(4, 0, 0, string.Concat(parameters.Select(p => $"{(char)(p.Id >> 8)}{(char)(p.Id & 0xFF)}{Number(p.Value)}")));

    /// <summary>HEADERS in one frame; each field is a literal without Huffman coding.</summary>
    public static string Headers(int stream, string fields, bool isEnd = false) => Frame(1, (byte)(isEnd ? 5 : 4), stream, Block(fields));

    public static string Data(int stream, string data, bool isEnd = false) => Frame(0, (byte)(isEnd ? 1 : 0), stream, data);

    public static string Reset(int stream, int code) => Frame(3, 0, stream, Number(code));

    public static string GoAway(int last, int code) => Frame(7, 0, 0, Number(last) + Number(code));

    public static string WindowUpdate(int stream, int increment) => Frame(8, 0, stream, Number(increment));

    public static string Pong(string content) => Frame(6, 1, 0, content);

    /// <summary>Fields as literals without indexing: one on a line, name and value parted by a colon and a space.</summary>
    public static string Block(string fields) => string.Concat(fields.Split('\n').Select(line =>
    {
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        return $"\0{Text(line[..colon])}{Text(line[(colon + 2)..])}";
    }));

    public ValueTask SendAsync(params string[] frames) => end.SendAsync(string.Concat(frames));

    /// <summary>The frames that have come since the last call; the answers to SETTINGS and the windows of the connection are left out.</summary>
    public IReadOnlyList<string> Take()
    {
        var text = end.Received;
        if (_read == 0 && text.Length > 0)
        {
            Assert.StartsWith(Preface, text, StringComparison.Ordinal);
            _read = Preface.Length;
        }

        List<string> lines = [];
        while (text.Length - _read >= 9)
        {
            var bytes = Encoding.Latin1.GetBytes(text[_read..]);
            var length = (bytes[0] << 16) | (bytes[1] << 8) | bytes[2];
            if (bytes.Length < 9 + length)
                break;
            _read += 9 + length;
            if (Describe(bytes[3], bytes[4], BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(5)), bytes.AsSpan(9, length)) is { } line)
                lines.Add(line);
        }

        return lines;
    }

    private static string Number(int value) => $"{(char)((value >> 24) & 0xFF)}{(char)((value >> 16) & 0xFF)}{(char)((value >> 8) & 0xFF)}{(char)(value & 0xFF)}";

    private static string Text(string text)
    {
        var bytes = new byte[IntegerCodec.MaxBytes];
        return Encoding.Latin1.GetString(bytes, 0, IntegerCodec.Write(bytes, 7, 0, text.Length)) + text;
    }

    private string? Describe(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var end = (flags & 1) != 0 ? " END" : "";
        switch (type)
        {
            case 0:
                return $"DATA {stream}{end} {(payload.Length > 100 ? $"{payload.Length} bytes" : Encoding.Latin1.GetString(payload))}";
            case 1:
                var (status, fields) = V2Block.Decode(_decoder, payload);
                Assert.Equal(HpackStatus.Done, status);
                return $"HEADERS {stream}{end} {fields}";
            case 3:
                return $"RST_STREAM {stream} {payload[3]}";
            case 4:
                return (flags & 1) != 0 ? null : "SETTINGS";
            case 6:
                return $"PING {(flags & 1) != 0} {Convert.ToHexStringLower(payload)}";
            case 7:
                return $"GOAWAY {BinaryPrimitives.ReadInt32BigEndian(payload)} {payload[7]}";
            case 8:
                return stream == 0 ? null : $"WINDOW_UPDATE {stream} {BinaryPrimitives.ReadInt32BigEndian(payload)}";
            default:
                return $"{type} {stream}";
        }
    }
}

/// <summary>Shows a header block as one line, its fields parted by bars.</summary>
internal static class V2Block
{
    public static (HpackStatus Status, string Fields) Decode(HpackDecoder decoder, ReadOnlySpan<byte> block)
    {
        var (status, fields) = Network.Tests.Http.V2.Hpack.HpackBlock.Decode(decoder, block);
        return (status, fields.TrimEnd('\n').Replace("\n", " | "));
    }
}
