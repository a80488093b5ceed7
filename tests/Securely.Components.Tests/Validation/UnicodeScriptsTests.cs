using Securely.Validation;

namespace Securely.Components.Tests.Validation;

/// <summary>Scripts as PCRE2 10.42 knows them (Unicode 14, script extensions), and which of them are written together.</summary>
public sealed class UnicodeScriptsTests
{
    [Theory]
    [InlineData("Latin", 1504, 0x41, 0x212A)]
    [InlineData("Greek", 522, 0x370, 0x3A9)]
    [InlineData("Cyrillic", 447, 0x410, 0x1C80)]
    [InlineData("Hebrew", 134, 0x591, 0xFB1D)]
    [InlineData("Arabic", 1411, 0x620, 0x1EEF1)]
    [InlineData("Han", 94503, 0x3005, 0x2A6DF)]
    [InlineData("Hangul", 11775, 0x1100, 0xD7A3)]
    [InlineData("Bengali", 113, 0x981, 0x1CF7)]
    [InlineData("Tamil", 133, 0xB82, 0x11FFF)]
    [InlineData("Common", 8252, 0x20, 0xE007F)]
    public void Scripts_have_the_letters_that_were_recorded(string script, int count, int one, int another)
    {
        var set = UnicodeScripts.Find(script)!;
        Assert.Equal(count, set.Ranges.Sum(range => range.Last - range.First + 1));
        Assert.True(set.Contains(one) && set.Contains(another));
    }

    [Fact]
    public async Task Letters_that_normalisation_changes_widen_no_script()
    {
        foreach (var letter in "[]\\^_`{}@\u00BF")
            Assert.False(await Judge.PassesAsync([@"regex:/^\p{Latin}$/u"], letter.ToString()), $"[{letter}] is not Latin");
        Assert.True(await Judge.PassesAsync([@"regex:/^\p{Latin}+$/u"], "a\u212A\u212B\u00E9"));
        Assert.False(await Judge.PassesAsync([@"regex:/^\p{Hebrew}$/u"], "\u4E2D"));
        Assert.True(await Judge.PassesAsync([@"regex:/^\p{Hebrew}+$/u"], "\u05D0\uFB1D"));
        Assert.True(await Judge.PassesAsync([@"regex:/^\P{Hebrew}+$/u"], "a\u4E2D"));
    }

    [Theory]
    [InlineData("\u043F\u0440\u0438\u043C\u0435\u0440@\u043F\u043E\u0447\u0442\u0430.\u0440\u0444")]
    [InlineData("\u65E5\u672C\u8A9E\u30C6\u3072abc@x.jp")]
    [InlineData("\u6F22\u5B57\uD55C\uAD6Dabc@x")]
    [InlineData("\u6F22\u5B57\u3105abc@x")]
    [InlineData("a\u0300@x")]
    [InlineData("\u0431\u0300@\u0431")]
    [InlineData("x\uD83D\uDE00@y")]
    [InlineData("\u0627\u0661@\u0627")]
    [InlineData("\uE000@1")]
    public async Task Addresses_of_one_writing_system_are_no_forgery(string address) => Assert.True(await Judge.PassesAsync("email:spoof", address));

    [Theory]
    [InlineData("\u0430bc@x.de")]
    [InlineData("\u03B1\u03B2\u03B3@x.gr")]
    [InlineData("\u0C85\u0C86a@x")]
    [InlineData("\u3105\u3072@x")]
    [InlineData("\u6F22\u3072\uD55Ca@x")]
    [InlineData("\uD55C\u3072@x")]
    [InlineData("\u30FC@\u0430x")]
    [InlineData("\uD801\uDC00\u0431@x")]
    [InlineData("\u00AA\u0430@x")]
    [InlineData("a\u0661\u0662@x")]
    [InlineData("\uE000a@x")]
    public async Task Addresses_of_other_mixes_are_refused(string address) => Assert.False(await Judge.PassesAsync("email:spoof", address));
}
