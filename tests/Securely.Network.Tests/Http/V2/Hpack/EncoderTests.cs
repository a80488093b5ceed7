using System.Text;
using Securely.Http;

namespace Securely.Network.Tests.Http.V2.Hpack;

public sealed class EncoderTests
{
    [Theory]
    [InlineData(KnownHeader.Authorization, "", "Basic YTpi", "authorization: Basic YTpi !\n")]
    [InlineData(KnownHeader.ProxyAuthorization, "", "Basic YTpi", "proxy-authorization: Basic YTpi !\n")]
    [InlineData(KnownHeader.SetCookie, "", "session=0123456789abcdef0123456789", "set-cookie: session=0123456789abcdef0123456789 !\n")]
    [InlineData(KnownHeader.Cookie, "", "a=b", "cookie: a=b !\n")]
    [InlineData(KnownHeader.Cookie, "", "session=0123456789abcdef0123456789", "cookie: session=0123456789abcdef0123456789\n")]
    [InlineData(KnownHeader.ContentLength, "", "12", "content-length: 12\n")]
    [InlineData(KnownHeader.ETag, "", "\"x\"", "etag: \"x\"\n")]
    public void Rfc_7541_7_1_3_secrets_and_what_changes_stay_out_of_the_table(KnownHeader known, string name, string value, string line)
    {
        var pair = new Pair();
        for (int i = 0; i < 3; i++)
            Assert.Equal(line, pair.Send(encoder => encoder.Write(known, Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value))));
        Assert.Equal(0, pair.Encoder.TableSize);
    }

    [Fact]
    public void Rfc_7541_6_2_3_what_came_as_never_indexed_is_passed_on_so()
    {
        var pair = new Pair();
        Assert.Equal("x-key: s !\nserver: a !\n", pair.Send(encoder =>
        {
            encoder.Write(KnownHeader.Unknown, "X-Key"u8, "s"u8, isSensitive: true);
            encoder.Write(KnownHeader.Server, default, "a"u8, isSensitive: true);
        }));
        Assert.Equal(0, pair.Encoder.TableSize);
    }

    [Fact]
    public void What_comes_again_takes_one_byte()
    {
        var pair = new Pair();
        Action<HpackEncoder> write = encoder =>
        {
            encoder.WriteStatus(200);
            encoder.Write(KnownHeader.Server, default, "securely"u8);
            encoder.Write(KnownHeader.Unknown, "X-Served-By"u8, "a"u8);
            encoder.Write(KnownHeader.AcceptEncoding, default, "gzip, deflate"u8);
            encoder.Write(KnownHeader.XFrameOptions, default, "DENY"u8);
        };
        const string Lines = ":status: 200\nserver: securely\nx-served-by: a\naccept-encoding: gzip, deflate\nx-frame-options: DENY\n";
        Assert.Equal(Lines, pair.Send(write));
        Assert.Equal(Lines, pair.Send(write));
        Assert.Equal("88c0bf90be", HpackBlock.Hex(pair.Last));
    }

    [Fact]
    public void A_field_whose_value_always_changes_stops_filling_the_table()
    {
        var pair = new Pair();
        for (int i = 0; i < 100; i++)
            Assert.Equal($"x-request: {i}\n", pair.Send(encoder => encoder.Write(KnownHeader.Unknown, "x-request"u8, Encoding.ASCII.GetBytes($"{i}"))));
        Assert.InRange(pair.Encoder.TableSize, 42, 14 * 43);
    }

    [Fact]
    public void A_value_that_changes_for_good_is_learnt()
    {
        var pair = new Pair();
        for (int i = 0; i < 5; i++)
            pair.Send(encoder => encoder.Write(KnownHeader.Unknown, "x-version"u8, "1"u8));
        for (int i = 0; i < 20; i++)
            pair.Send(encoder => encoder.Write(KnownHeader.Unknown, "x-version"u8, "2"u8));
        Assert.Single(pair.Last);
    }

    [Fact]
    public void A_large_value_does_not_drive_out_the_others()
    {
        var pair = new Pair();
        pair.Send(encoder => encoder.Write(KnownHeader.Server, default, "a"u8));
        pair.Send(encoder => encoder.Write(KnownHeader.ContentSecurityPolicy, default, new byte[3000].Select(b => (byte)'x').ToArray()));
        Assert.Equal("server: a\n", pair.Send(encoder => encoder.Write(KnownHeader.Server, default, "a"u8)));
        Assert.Single(pair.Last);
    }

    [Fact]
    public void Rfc_9113_8_2_names_are_written_in_lower_case()
    {
        var pair = new Pair();
        var name = "X-" + new string('Q', 400);
        Assert.Equal($"{name.ToLowerInvariant()}: V\nupgrade-insecure-requests: 1\n", pair.Send(encoder =>
        {
            encoder.Write(KnownHeader.Unknown, Encoding.ASCII.GetBytes(name), "V"u8);
            encoder.Write(KnownHeader.UpgradeInsecureRequests, "UPGRADE-Insecure-Requests"u8, "1"u8);
        }));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(103)]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(206)]
    [InlineData(301)]
    [InlineData(304)]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(999)]
    public void Writes_every_status(int status)
    {
        var pair = new Pair();
        Assert.Equal($":status: {status}\n", pair.Send(encoder => encoder.WriteStatus(status)));
        Assert.Equal($":status: {status}\n", pair.Send(encoder => encoder.WriteStatus(status)));
        Assert.Single(pair.Last);
    }

    [Theory]
    [InlineData(new uint[] { 0 }, "20 82")]
    [InlineData(new uint[] { 100 }, "3f 45 82")]
    [InlineData(new uint[] { 4096 }, "82")]
    [InlineData(new uint[] { 1_000_000 }, "82")]
    [InlineData(new uint[] { 0, 4096 }, "20 3f e1 1f 82")]
    [InlineData(new uint[] { 100, 0, 200 }, "20 3f a9 01 82")]
    [InlineData(new uint[] { 200, 100 }, "3f 45 82")]
    public void Rfc_7541_4_2_changes_of_the_table_are_said_at_the_start_of_the_next_block(uint[] sizes, string block)
    {
        var pair = new Pair();
        foreach (uint size in sizes)
            pair.Encoder.SetPeerTableSize(size);
        pair.Send(encoder => encoder.WriteMethod("GET"u8));
        Assert.Equal(HpackBlock.Bytes(block), pair.Last);
        pair.Send(encoder => encoder.WriteMethod("GET"u8));
        Assert.Equal(HpackBlock.Bytes("82"), pair.Last);
    }

    [Fact]
    public void A_table_of_no_size_holds_nothing()
    {
        var pair = new Pair();
        pair.Encoder.SetPeerTableSize(0);
        for (int i = 0; i < 3; i++)
            Assert.Equal("server: a\n", pair.Send(encoder => encoder.Write(KnownHeader.Server, default, "a"u8)));
        Assert.Equal(0, pair.Encoder.TableSize);
    }

    [Fact]
    public void Every_name_of_the_static_table_is_used()
    {
        for (int index = StaticTable.FirstField; index <= StaticTable.Count; index++)
            Assert.Equal(index, StaticTable.IndexOf(StaticTable.Known(index)));
        Assert.Equal(0, StaticTable.IndexOf(KnownHeader.Unknown));
        Assert.Equal(0, StaticTable.IndexOf(KnownHeader.Connection));
    }

    private sealed class Pair
    {
        private readonly HpackDecoder _decoder = new();

        public HpackEncoder Encoder { get; } = new();

        public byte[] Last { get; private set; } = [];

        public string Send(Action<HpackEncoder> write)
        {
            var output = new HpackBuffer();
            Encoder.Begin(output);
            write(Encoder);
            Last = output.Written.ToArray();
            var (status, fields) = HpackBlock.Decode(_decoder, Last);
            Assert.Equal(HpackStatus.Done, status);
            return fields;
        }
    }
}
