using System.Text;
using Securely.Http;

namespace Securely.Network.Tests.Http.Headers;

public sealed class HeaderMapTests
{
    private readonly HeaderMap _map = new();

    [Fact]
    public void Keeps_order_and_every_value()
    {
        _map.Append("X-One", "1");
        _map.Append(HeaderName.SetCookie, "a=1");
        _map.Append("x-one", "2");
        _map.Append(HeaderName.SetCookie, "b=2");

        Assert.Equal("X-One: 1\r\nSet-Cookie: a=1\r\nx-one: 2\r\nSet-Cookie: b=2\r\n", _map.ToString());
        Assert.Equal(["1", "2"], _map.GetAll("X-ONE"));
        Assert.Equal(["a=1", "b=2"], _map.GetAll("set-cookie"));
    }

    [Fact]
    public void Set_replaces_where_the_first_one_stands_and_removes_the_others()
    {
        _map.Append("X-One", "1");
        _map.Append("Via", "a");
        _map.Append("X-One", "2");
        _map.Append("Via", "b");
        _map.Set("x-one", "3");
        _map.Set(HeaderName.Via, "c"u8);

        Assert.Equal("X-One: 3\r\nVia: c\r\n", _map.ToString());
    }

    [Fact]
    public void Remove_takes_every_field_of_the_name_and_no_other()
    {
        _map.Append("X-One", "1");
        _map.Append("X-Two", "2");
        _map.Append("X-One", "3");

        Assert.True(_map.Remove("X-One"));
        Assert.False(_map.Remove("X-One"));
        Assert.False(_map.Contains("X-One"));
        Assert.Equal("2", _map.Get("X-Two"));
        Assert.Equal(1, _map.Count);
    }

    [Fact]
    public void RemoveAt_keeps_the_name_present_while_another_field_has_it()
    {
        _map.Append(HeaderName.Via, "a");
        _map.Append(HeaderName.Via, "b");
        _map.RemoveAt(0);
        Assert.Equal("b", _map.Get(HeaderName.Via));
        _map.RemoveAt(0);
        Assert.False(_map.Contains(HeaderName.Via));
        Assert.Throws<ArgumentOutOfRangeException>(() => _map.RemoveAt(0));
    }

    [Theory]
    [InlineData("a\r\nSet-Cookie: b")]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    [InlineData("a\0b")]
    [InlineData("a\u007fb")]
    public void Refuses_a_value_that_would_split_the_message(string value)
    {
        Assert.Throws<ArgumentException>(() => _map.Set("X-One", value));
        Assert.Throws<ArgumentException>(() => _map.Append("X-One", value));
        Assert.Throws<ArgumentException>(() => _map.Set("X-One", Encoding.UTF8.GetBytes(value)));
        Assert.Throws<ArgumentException>(() => _map.Append(HeaderName.Via, Encoding.UTF8.GetBytes(value)));
        Assert.Equal(0, _map.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("X One")]
    [InlineData("X:One")]
    [InlineData("X\r\nY")]
    [InlineData("Ümlaut")]
    public void Refuses_a_name_that_is_not_a_token(string name)
    {
        Assert.Throws<ArgumentException>(() => _map.Set(name, "1"));
        Assert.Throws<ArgumentException>(() => HeaderName.Parse(name));
    }

    [Fact]
    public void Refuses_the_default_name() => Assert.Throws<ArgumentException>(() => _map.Set(default, "1"));

    [Fact]
    public void Trims_blanks_and_writes_text_as_utf8()
    {
        _map.Set("X-One", " \tgrün ");
        Assert.True(_map.TryGet("X-One", out var value));
        Assert.Equal("gr\u00c3\u00bcn", Encoding.Latin1.GetString(value));
        Assert.Equal("grün", _map.Get("X-One"));
    }

    [Fact]
    public void Reads_bytes_that_are_not_utf8_as_latin1()
    {
        _map.Set("X-One", [0x67, 0xFC]);
        Assert.Equal("gü", _map.Get("X-One"));
    }

    [Fact]
    public void Survives_growth_while_copying_from_itself()
    {
        _map.Set("X-Source", new string('s', 200));
        for (int i = 0; i < 300; i++)
        {
            Assert.True(_map.TryGet("X-Source", out var source));
            _map.Append("X-Copy-" + i, source);
            _map.Set("X-Source", source);
        }

        Assert.Equal(301, _map.Count);
        foreach (var field in _map)
        {
            Assert.Equal(new string('s', 200), field.ValueText);
        }

        Assert.Equal("X-Copy-299", _map[300].NameText);
    }

    [Fact]
    public void A_copy_is_independent_of_its_source()
    {
        byte[] buffer = "..Host: a\r\nX-One: 1\r\n"u8.ToArray();
        _map.Attach(buffer, 2);
        _map.AppendInPlace(KnownHeader.Host, 0, 4, 6, 1);
        _map.AppendInPlace(KnownHeader.Unknown, 9, 5, 16, 1);
        _map.Append("X-Two", "2");

        var copy = new HeaderMap();
        copy.Append("X-Old", "0");
        copy.CopyFrom(_map);
        copy.Set("X-One", "changed");
        copy.Remove("Host");
        _map.Set("X-Two", "also changed");

        Assert.Equal("Host: a\r\nX-One: 1\r\nX-Two: also changed\r\n", _map.ToString());
        Assert.Equal("X-One: changed\r\nX-Two: 2\r\n", copy.ToString());
    }

    [Fact]
    public void In_place_fields_follow_a_moved_buffer()
    {
        _map.Attach("Host: a\r\n"u8.ToArray(), 0);
        _map.AppendInPlace(KnownHeader.Host, 0, 4, 6, 1);
        _map.Attach("xxxxHost: b\r\n"u8.ToArray(), 4);
        Assert.Equal("Host: b\r\n", _map.ToString());
    }

    [Fact]
    public void Known_names_are_counted_found_and_removed_by_number()
    {
        _map.AppendKnown(KnownHeader.Via, "a"u8);
        _map.AppendKnown(KnownHeader.SecWebSocketKey, "k"u8);
        _map.AppendKnown(KnownHeader.Via, "b"u8);
        _map.AppendKnown(KnownHeader.Age, "1"u8);

        Assert.Equal(2, _map.CountKnown(KnownHeader.Via));
        Assert.Equal(2, _map.IndexOfKnown(KnownHeader.Via, 1));
        Assert.False(_map.TryGetKnown(KnownHeader.Host, out _));
        _map.RemoveKnown((1UL << (int)KnownHeader.Via) | (1UL << (int)KnownHeader.Host));
        Assert.Equal("Sec-WebSocket-Key: k\r\nAge: 1\r\n", _map.ToString());
        Assert.True(_map.RemoveKnown(KnownHeader.SecWebSocketKey));
        Assert.False(_map.RemoveKnown(KnownHeader.SecWebSocketKey));
        _map.SetKnown(KnownHeader.Age, "2"u8);
        Assert.Equal("Age: 2\r\n", _map.ToString());
    }

    [Fact]
    public void A_map_can_be_used_again_after_reset()
    {
        Assert.False(_map.HoldsMemory);
        _map.Append("X-One", "1");
        Assert.True(_map.HoldsMemory);
        _map.Reset();
        Assert.False(_map.HoldsMemory);
        Assert.Equal(0, _map.Count);
        Assert.False(_map.Contains("X-One"));
        _map.Append("X-Two", "2");
        Assert.Equal("X-Two: 2\r\n", _map.ToString());
    }

    [Fact]
    public void Names_are_equal_whatever_their_case()
    {
        Assert.Equal(HeaderName.Parse("X-Own"), HeaderName.Parse("x-own"));
        Assert.Equal(HeaderName.Parse("X-Own").GetHashCode(), HeaderName.Parse("x-own").GetHashCode());
        Assert.Equal(HeaderName.Host, HeaderName.Parse("HOST"));
        Assert.Equal("Host", HeaderName.Parse("HOST").ToString());
        Assert.NotEqual(HeaderName.Parse("X-Own"), HeaderName.Parse("X-Owm"));
    }
}
