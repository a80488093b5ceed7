using System.Text;
using BenchmarkDotNet.Attributes;
using Securely.Http;

namespace Securely.Benchmarks;

/// <summary>Header blocks of HTTP/2: a browser's request, first on a fresh connection and then again, and the string code alone.</summary>
[MemoryDiagnoser]
public class Hpack
{
    private readonly HpackEncoder _encoder = new();
    private readonly HpackDecoder _decoder = new();
    private readonly HpackBuffer _output = new();
    private readonly byte[] _text = Encoding.ASCII.GetBytes("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    private readonly byte[] _decoded = new byte[256];
    private byte[] _encodedText = [];
    private byte[] _firstBlock = [];
    private byte[] _laterBlock = [];

    [GlobalSetup]
    public void Setup()
    {
        _encodedText = new byte[Huffman.EncodedLength(_text)];
        Huffman.Encode(_text, _encodedText);
        EncodeRequest();
        _firstBlock = _output.Written.ToArray();
        EncodeRequest();
        _laterBlock = _output.Written.ToArray();
        var sink = default(Sink);
        _decoder.Decode(_firstBlock, ref sink);
    }

    /// <summary>All fields come from the tables but the path and the cookie.</summary>
    [Benchmark]
    public int EncodeRequest()
    {
        _output.Clear();
        _encoder.Begin(_output);
        _encoder.WriteMethod("GET"u8);
        _encoder.WriteScheme("https"u8);
        _encoder.WriteAuthority("app.test"u8);
        _encoder.WritePath("/articles/2025/11?page=2"u8);
        _encoder.Write(KnownHeader.UserAgent, default, _text);
        _encoder.Write(KnownHeader.Accept, default, "*/*"u8);
        _encoder.Write(KnownHeader.AcceptLanguage, default, "en-GB,en;q=0.8,de;q=0.5"u8);
        _encoder.Write(KnownHeader.AcceptEncoding, default, "gzip, deflate, br, zstd"u8);
        _encoder.Write(KnownHeader.Referer, default, "http://app.test/start"u8);
        _encoder.Write(KnownHeader.Cookie, default, "session=0123456789abcdef0123456789abcdef; theme=dark"u8);
        _encoder.Write(KnownHeader.Unknown, "Sec-Fetch-Dest"u8, "empty"u8);
        _encoder.Write(KnownHeader.Unknown, "Sec-Fetch-Mode"u8, "cors"u8);
        return _output.Length;
    }

    /// <summary>Most fields come from the table.</summary>
    [Benchmark]
    public int DecodeLaterRequest()
    {
        var sink = default(Sink);
        _decoder.Decode(_laterBlock, ref sink);
        return sink.Bytes;
    }

    /// <summary>All fields are literals, and drive out those of the time before.</summary>
    [Benchmark]
    public int DecodeFirstRequest()
    {
        var sink = default(Sink);
        _decoder.Decode(_firstBlock, ref sink);
        return sink.Bytes;
    }

    [Benchmark]
    public int EncodeText() => Huffman.Encode(_text, _decoded);

    [Benchmark]
    public int DecodeText()
    {
        Huffman.TryDecode(_encodedText, _decoded, out int written);
        return written;
    }

    private struct Sink : IHpackSink
    {
        public int Bytes;

        public void OnField(scoped HpackField field) => Bytes += field.Name.Length + field.Value.Length;
    }
}
