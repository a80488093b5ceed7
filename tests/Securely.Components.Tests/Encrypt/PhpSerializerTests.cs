using System.Text;
using Securely.Encrypt;

namespace Securely.Components.Tests.Encrypt;

public sealed class PhpSerializerTests
{
    [Theory]
    [InlineData("N;")]
    [InlineData("b:1;")]
    [InlineData("b:0;")]
    [InlineData("i:-9223372036854775808;")]
    [InlineData("d:1.5;")]
    [InlineData("d:NAN;")]
    [InlineData("d:-INF;")]
    [InlineData("s:0:\"\";")]
    [InlineData("s:3:\"a\"b\";")]
    [InlineData("a:0:{}")]
    [InlineData("a:2:{i:0;s:1:\"x\";i:1;a:1:{s:1:\"k\";N;}}")]
    [InlineData("a:2:{i:5;i:1;s:2:\"05\";i:2;}")]
    public void Writes_what_it_read(string text) =>
        Assert.Equal(text, Encoding.UTF8.GetString(PhpSerializer.Serialize(PhpSerializer.Deserialize(Encoding.UTF8.GetBytes(text)))));

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(-0.0, "-0")]
    [InlineData(100.0, "100")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1.0E-5")]
    [InlineData(1234567890123456.0, "1234567890123456")]
    [InlineData(1e17, "1.0E+17")]
    [InlineData(1e25, "1.0E+25")]
    [InlineData(-1.25e-10, "-1.25E-10")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157E+308")]
    [InlineData(123456.789, "123456.789")]
    [InlineData(0.30000000000000004, "0.30000000000000004")]
    public void Writes_numbers_with_the_fewest_digits(double value, string text)
    {
        Assert.Equal($"d:{text};", Encoding.ASCII.GetString(PhpSerializer.Serialize(PhpValue.Of(value))));
        Assert.Equal(value, PhpSerializer.Deserialize(Encoding.ASCII.GetBytes($"d:{text};")).AsDouble());
    }

    [Theory]
    [InlineData("")]
    [InlineData("i:1")]
    [InlineData("i:1x;")]
    [InlineData("b:2;")]
    [InlineData("s:5:\"abc\";")]
    [InlineData("s:99999999999:\"abc\";")]
    [InlineData("s:-1:\"\";")]
    [InlineData("a:1000000000:{i:0;N;}")]
    [InlineData("a:1:{N;N;}")]
    [InlineData("a:1:{i:0;N;")]
    [InlineData("d:;")]
    [InlineData("x:1;")]
    [InlineData("i:1;i:2;")]
    [InlineData("O:8:\"stdClass\":0:{}")]
    [InlineData("a:1:{i:0;r:1;}")]
    public void Refuses_what_is_no_value(string text) =>
        Assert.Throws<FormatException>(() => PhpSerializer.Deserialize(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Refuses_a_nest_of_arrays()
    {
        var deep = string.Concat(Enumerable.Repeat("a:1:{i:0;", 100_000));
        Assert.Throws<FormatException>(() => PhpSerializer.Deserialize(Encoding.ASCII.GetBytes(deep)));
        Assert.Throws<ArgumentException>(() => PhpSerializer.Serialize(Enumerable.Range(0, 200).Aggregate(PhpValue.Null, (inner, _) => PhpValue.List(inner))));
    }

    [Fact]
    public void Keys_are_those_of_php()
    {
        var map = PhpValue.Map([new(PhpValue.Of("1"), PhpValue.Of("a")), new(PhpValue.Of(1), PhpValue.Of("b")), new(PhpValue.Of("x"), PhpValue.True)]);

        Assert.Equal("a:2:{i:1;s:1:\"b\";s:1:\"x\";b:1;}", Encoding.ASCII.GetString(PhpSerializer.Serialize(map)));
        Assert.Equal("b", map.Get("1")!.AsText());
        Assert.True(map.Get("x")!.AsBoolean());
        Assert.Null(map.Get("y"));
        Assert.False(map.IsList);
        Assert.True(PhpValue.List(PhpValue.Null).IsList);
    }
}
