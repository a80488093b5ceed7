using System.Text;
using Securely.Http;

namespace Securely.Network.Tests.Http.V2.Hpack;

/// <summary>Decodes and encodes blocks as lines of text.</summary>
internal static class HpackBlock
{
    /// <summary>Decodes a block, written in hexadecimal digits with blanks anywhere, to lines; a sensitive field ends in an exclamation mark.</summary>
    public static (HpackStatus Status, string Fields) Decode(HpackDecoder decoder, string block) => Decode(decoder, Bytes(block));

    public static (HpackStatus Status, string Fields) Decode(HpackDecoder decoder, ReadOnlySpan<byte> block)
    {
        var lines = new LineSink();
        var status = decoder.Decode(block, ref lines);
        return (status, lines.ToString());
    }

    public static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "").Replace("\n", ""));

    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}

internal sealed class LineSink : IHpackSink
{
    private readonly StringBuilder _lines = new();

    public int Fields { get; private set; }

    public List<KnownHeader> Known { get; } = [];

    public void OnField(scoped HpackField field)
    {
        Fields++;
        Known.Add(field.Known);
        _lines.Append(Encoding.Latin1.GetString(field.Name)).Append(": ").Append(Encoding.Latin1.GetString(field.Value))
            .Append(field.IsSensitive ? " !\n" : "\n");
    }

    public override string ToString() => _lines.ToString();
}
