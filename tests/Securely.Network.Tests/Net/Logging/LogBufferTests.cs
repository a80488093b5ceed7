using System.Text;
using System.Text.Json;
using Securely.Net;

namespace Securely.Network.Tests.Net.Logging;

public sealed class LogBufferTests
{
    [Theory]
    [InlineData("plain /path?a=b", "\"plain /path?a=b\"")]
    [InlineData("", "\"\"")]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [InlineData("a\r\nb\tc\0", "\"a\\u000d\\u000ab\\u0009c\\u0000\"")]
    [InlineData("\u001b[31mred\u007f", "\"\\u001b[31mred\\u007f\"")]
    // The control sequence introducer of eight bits, reading direction, line separator, an emoji.
    [InlineData("\u009b31m", "\"\\u009b31m\"")]
    [InlineData("\u202e\u2028\u00e9", "\"\\u202e\\u2028\\u00e9\"")]
    [InlineData("\U0001F600", "\"\\ud83d\\ude00\"")]
    public void A_JSON_text_is_ASCII_and_reads_back_as_it_was(string text, string expected)
    {
        var buffer = new LogBuffer();
        buffer.PutJson(Encoding.UTF8.GetBytes(text));
        Assert.Equal(expected, Encoding.ASCII.GetString(buffer.Written));
        Assert.Equal(text, JsonSerializer.Deserialize<string>(buffer.Written));
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_do_not_break_a_JSON_text()
    {
        var buffer = new LogBuffer();
        buffer.PutJson([(byte)'a', 0xFF, 0xC3, (byte)'b', 0xED, 0xA0, 0x80, 0xF0, 0x9F]);
        Assert.Equal("a\ufffd\ufffdb\ufffd\ufffd\ufffd\ufffd", JsonSerializer.Deserialize<string>(buffer.Written));
        Assert.True(Ascii.IsValid(buffer.Written));
    }

    [Fact]
    public void Every_byte_is_printable_ASCII_once_it_is_escaped()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(b => (byte)b)];
        var buffer = new LogBuffer();
        buffer.PutEscaped(all);
        var text = Encoding.ASCII.GetString(buffer.Written);
        Assert.DoesNotContain(text, letter => letter is < ' ' or > '~' or '"');
        Assert.StartsWith("\\x00\\x01", text, StringComparison.Ordinal);
        Assert.Contains(" !\\x22#", text, StringComparison.Ordinal);
        Assert.Contains("[\\x5c]", text, StringComparison.Ordinal);
        Assert.EndsWith("~\\x7f" + string.Concat(Enumerable.Range(128, 128).Select(b => $"\\x{b:x2}")), text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0.000000")]
    [InlineData(10, "0.000001")]
    [InlineData(12_345_678, "1.234567")]
    [InlineData(36_000_000_000, "3600.000000")]
    public void Seconds_have_six_decimals(long ticks, string expected)
    {
        var buffer = new LogBuffer();
        buffer.PutSeconds(ticks);
        Assert.Equal(expected, Encoding.ASCII.GetString(buffer.Written));
    }

    [Fact]
    public void Grows_with_what_is_put_in()
    {
        var buffer = new LogBuffer();
        var text = new byte[300_000];
        Array.Fill(text, (byte)'\n');
        buffer.PutJson(text);
        Assert.Equal(2 + (300_000 * 6), buffer.Length);
        buffer.Clear();
        Assert.Equal(0, buffer.Length);
    }
}
