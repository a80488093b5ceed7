using System.Text;
using Securely.Http;

namespace Securely.Network.Tests.Http.V2.Hpack;

public sealed class HuffmanTests
{
    [Fact]
    public void Every_octet_survives_alone_and_next_to_every_other()
    {
        for (int first = 0; first < 256; first++)
        {
            Survives([(byte)first]);
            for (int second = 0; second < 256; second++)
                Survives([(byte)first, (byte)second]);
        }
    }

    [Fact]
    public void Every_octet_survives_at_every_bit_of_a_long_string()
    {
        for (int before = 0; before < 16; before++)
        {
            var text = new byte[before + 512];
            text.AsSpan(0, before).Fill((byte)'0');
            for (int i = 0; i < 512; i++)
                text[before + i] = (byte)(i * 7);
            Survives(text);
        }
    }

    [Fact]
    public void Random_strings_survive()
    {
        var random = new Random(7541);
        for (int i = 0; i < 20_000; i++)
        {
            var text = new byte[random.Next(80)];
            random.NextBytes(text);
            if (i % 2 == 0)
            {
                for (int at = 0; at < text.Length; at++)
                    text[at] = (byte)(' ' + (text[at] % 95));
            }

            Survives(text);
        }
    }

    [Theory]
    [InlineData("www.example.com", "f1e3c2e5f23a6ba0ab90f4ff")]
    [InlineData("\0\x01\n\r\x16", "ffc7fffd8fffffff3ffffffdfffffffb")]
    [InlineData("", "")]
    public void Encodes_to_the_codes_of_appendix_B(string text, string hex)
    {
        var source = Encoding.Latin1.GetBytes(text);
        var encoded = new byte[Huffman.EncodedLength(source)];
        Assert.Equal(encoded.Length, Huffman.Encode(source, encoded));
        Assert.Equal(hex, HpackBlock.Hex(encoded));
    }

    [Theory]
    [InlineData("1f", "a")]
    [InlineData("1fff", null)]
    [InlineData("ff", null)]
    [InlineData("ffff", null)]
    [InlineData("1fffffff", null)]
    public void Rfc_7541_5_2_padding_of_more_than_7_bits_is_refused(string hex, string? text) => Decodes(hex, text);

    [Theory]
    [InlineData("1e")]
    [InlineData("18")]
    [InlineData("1b")]
    [InlineData("f1e3c2e5f23a6ba0ab90f4fe")]
    [InlineData("f1e3c2e5f23a6ba0ab90f480")]
    public void Rfc_7541_5_2_padding_that_is_not_the_start_of_the_end_of_string_symbol_is_refused(string hex) => Decodes(hex, null);

    [Theory]
    [InlineData("ffffffff")]
    [InlineData("fffffffc")]
    [InlineData("1fffffffff")]
    [InlineData("fffffffc1fff")]
    [InlineData("1fffffffe3")]
    public void Rfc_7541_5_2_the_end_of_string_symbol_is_refused(string hex) => Decodes(hex, null);

    [Theory]
    [InlineData("fe")]
    [InlineData("ff8f")]
    [InlineData("fffff8")]
    [InlineData("ffffffe0")]
    public void A_code_that_is_cut_off_is_refused(string hex) => Decodes(hex, null);

    private static void Decodes(string hex, string? expected)
    {
        var source = Convert.FromHexString(hex);
        var destination = new byte[Huffman.MaxDecodedLength(source.Length)];
        bool isRight = Huffman.TryDecode(source, destination, out int written);
        Assert.Equal(expected, isRight ? Encoding.Latin1.GetString(destination.AsSpan(0, written)) : null);
    }

    private static void Survives(byte[] text)
    {
        var encoded = new byte[Huffman.EncodedLength(text)];
        int length = Huffman.Encode(text, encoded);
        var decoded = new byte[Huffman.MaxDecodedLength(length)];
        Assert.True(length == encoded.Length && Huffman.TryDecode(encoded, decoded, out int written) && decoded.AsSpan(0, written).SequenceEqual(text), Convert.ToHexString(text));
    }
}
