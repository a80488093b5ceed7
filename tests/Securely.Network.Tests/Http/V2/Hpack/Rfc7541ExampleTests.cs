using Securely.Http;

namespace Securely.Network.Tests.Http.V2.Hpack;

/// <summary>Every example of RFC 7541 appendix C.</summary>
public sealed class Rfc7541ExampleTests
{
    [Theory]
    [InlineData(10, 5, "0a")]
    [InlineData(1337, 5, "1f9a0a")]
    [InlineData(42, 8, "2a")]
    public void C_1_integers(int value, int prefix, string hex)
    {
        var bytes = new byte[IntegerCodec.MaxBytes];
        int length = IntegerCodec.Write(bytes, prefix, 0, value);
        Assert.Equal(hex, HpackBlock.Hex(bytes.AsSpan(0, length)));
        int position = 0;
        Assert.True(IntegerCodec.TryRead(bytes.AsSpan(0, length), ref position, prefix, out int read));
        Assert.Equal((value, length), (read, position));
    }

    [Theory]
    [InlineData("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572", "custom-key: custom-header\n", 55)]
    [InlineData("040c 2f73 616d 706c 652f 7061 7468", ":path: /sample/path\n", 0)]
    [InlineData("1008 7061 7373 776f 7264 0673 6563 7265 74", "password: secret !\n", 0)]
    [InlineData("82", ":method: GET\n", 0)]
    public void C_2_representations(string block, string fields, int tableSize)
    {
        var decoder = new HpackDecoder();
        Assert.Equal((HpackStatus.Done, fields), HpackBlock.Decode(decoder, block));
        Assert.Equal(tableSize, decoder.TableSize);
    }

    private const string FirstRequest = ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\n";
    private const string SecondRequest = FirstRequest + "cache-control: no-cache\n";
    private const string ThirdRequest = ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value\n";

    [Fact]
    public void C_3_requests_without_huffman_coding() => Decodes(
        4096,
        ("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", FirstRequest, 57),
        ("8286 84be 5808 6e6f 2d63 6163 6865", SecondRequest, 110),
        ("8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65", ThirdRequest, 164));

    private const string FirstHuffmanRequest = "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff";
    private const string SecondHuffmanRequest = "8286 84be 5886 a8eb 1064 9cbf";
    private const string ThirdHuffmanRequest = "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf";

    [Fact]
    public void C_4_requests_with_huffman_coding() => Decodes(
        4096,
        (FirstHuffmanRequest, FirstRequest, 57),
        (SecondHuffmanRequest, SecondRequest, 110),
        (ThirdHuffmanRequest, ThirdRequest, 164));

    [Fact]
    public void C_4_requests_with_huffman_coding_are_what_the_encoder_writes()
    {
        var encoder = new HpackEncoder();
        Assert.Equal(HpackBlock.Bytes(FirstHuffmanRequest), EncodeRequest(encoder, "http"u8, "/"u8));
        Assert.Equal(57, encoder.TableSize);
        Assert.Equal(HpackBlock.Bytes(SecondHuffmanRequest), EncodeRequest(encoder, "http"u8, "/"u8, KnownHeader.CacheControl, "", "no-cache"));
        Assert.Equal(110, encoder.TableSize);
        Assert.Equal(HpackBlock.Bytes(ThirdHuffmanRequest), EncodeRequest(encoder, "https"u8, "/index.html"u8, KnownHeader.Unknown, "Custom-Key", "custom-value"));
        Assert.Equal(164, encoder.TableSize);
    }

    private const string FirstResponse =
        ":status: 302\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com\n";

    private const string SecondResponse =
        ":status: 307\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com\n";

    private const string ThirdResponse =
        ":status: 200\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:22 GMT\nlocation: https://www.example.com\n"
        + "content-encoding: gzip\nset-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\n";

    [Fact]
    public void C_5_responses_without_huffman_coding() => Decodes(
        256,
        ("4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 "
            + "3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", FirstResponse, 222),
        ("4803 3330 37c1 c0bf", SecondResponse, 222),
        ("88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 "
            + "514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31", ThirdResponse, 215));

    [Fact]
    public void C_6_responses_with_huffman_coding() => Decodes(
        256,
        ("4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae "
            + "43d3", FirstResponse, 222),
        ("4883 640e ffc1 c0bf", SecondResponse, 222),
        ("88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af "
            + "2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07", ThirdResponse, 215));

    private static void Decodes(int maxTableSize, params (string Block, string Fields, int TableSize)[] examples)
    {
        var decoder = new HpackDecoder();
        decoder.AcknowledgeTableSize(maxTableSize);
        // The examples assume that both sides know of the smaller table, which a real peer has to say first.
        if (maxTableSize < HpackDecoder.InitialTableSize)
            Assert.Equal((HpackStatus.Done, ""), HpackBlock.Decode(decoder, "3fe1 01"));
        foreach (var (block, fields, tableSize) in examples)
        {
            Assert.Equal((HpackStatus.Done, fields), HpackBlock.Decode(decoder, block));
            Assert.Equal(tableSize, decoder.TableSize);
        }
    }

    private static byte[] EncodeRequest(
        HpackEncoder encoder, ReadOnlySpan<byte> scheme, ReadOnlySpan<byte> path, KnownHeader known = default, string? name = null, string value = "")
    {
        var output = new HpackBuffer();
        encoder.Begin(output);
        encoder.WriteMethod("GET"u8);
        encoder.WriteScheme(scheme);
        encoder.WritePath(path);
        encoder.WriteAuthority("www.example.com"u8);
        if (name is not null)
            encoder.Write(known, System.Text.Encoding.ASCII.GetBytes(name), System.Text.Encoding.ASCII.GetBytes(value));
        return output.Written.ToArray();
    }
}
