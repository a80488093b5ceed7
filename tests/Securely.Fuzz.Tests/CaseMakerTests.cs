using Securely.Fuzz.Tests.Cases;

namespace Securely.Fuzz.Tests;

public sealed class CaseMakerTests
{
    [Fact]
    public void The_same_number_makes_the_same_case()
    {
        for (long number = 0; number < 200; number++)
            Assert.Equal(CaseMaker.Make(7, number).ToString(), CaseMaker.Make(7, number).ToString());
    }

    [Fact]
    public void Numbers_and_seeds_make_different_cases()
    {
        var texts = Enumerable.Range(0, 500).Select(static number => Escapes.Write(CaseMaker.Make(7, number).Bytes)).ToHashSet();
        Assert.InRange(texts.Count, 350, 500);
        Assert.NotEqual(CaseMaker.Make(1, 5).ToString(), CaseMaker.Make(2, 5).ToString());
    }

    [Fact]
    public void Pieces_follow_each_other_up_to_the_end()
    {
        for (long number = 0; number < 2000; number++)
        {
            var one = CaseMaker.Make(3, number);
            int last = 0;
            Assert.All(one.Ends, end => Assert.True(end > last && (last = end) > 0));
            Assert.Equal(one.Bytes.Length, last);
        }
    }

    [Fact]
    public void Meets_every_limit_and_breaks_it()
    {
        var lengths = Enumerable.Range(0, 20_000).Select(static number => CaseMaker.Make(5, number).Bytes.Length).ToList();
        Assert.Contains(lengths, static length => length > 65_536);
        Assert.Contains(lengths, static length => length is > 8192 and < 10_000);
    }

    [Theory]
    [InlineData(@"a\r\n\t\0\\\xE9 b")]
    [InlineData("")]
    public void Escapes_are_read_as_they_are_written(string text) => Assert.Equal(text, Escapes.Write(Escapes.Read(text)));

    [Theory]
    [InlineData(@"\q")]
    [InlineData(@"\")]
    [InlineData(@"\x1")]
    public void An_escape_that_is_not_known_is_refused(string text) => Assert.Throws<FormatException>(() => Escapes.Read(text));
}
