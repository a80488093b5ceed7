using Securely.Validation;

namespace Securely.Components.Tests.Validation;

/// <summary>Regular expressions as PCRE reads them.</summary>
public sealed class PatternTests
{
    [Theory]
    [InlineData(@"/^[^a]$/u", "\U0001F600", "a")]
    [InlineData(@"/^\S$/u", "\U0001F600", "a b")]
    [InlineData(@"/^\w+$/u", "\U00020000\U00020001", "\U0001F600")]
    [InlineData(@"/^\p{L}{2}$/u", "\U00020000a", "\U0001F600a")]
    [InlineData(@"/^\P{L}$/u", "\U0001F600", "\U00020000")]
    [InlineData(@"/^\p{Han}$/u", "\U00020000", "\U0001F600")]
    [InlineData(@"/^[😀-😎]$/u", "\U0001F603", "\U0001F620")]
    [InlineData(@"/^[^😀-😎]$/u", "\U0001F620", "\U0001F603")]
    [InlineData(@"/^[\x{1F600}-\x{1F64F}]+$/u", "\U0001F600\U0001F64F", "\U0001F650")]
    [InlineData(@"/^😀{2}$/u", "\U0001F600\U0001F600", "\U0001F600")]
    [InlineData(@"/^.$/u", "\U0001F600", "ab")]
    [InlineData(@"/^(?s)..$/u", "\U0001F600\n", "abc")]
    [InlineData(@"/^(?s:.)$/u", "\n", "ab")]
    [InlineData(@"/^\x{10428}$/ui", "\U00010400", "\U00010401")]
    public Task Takes_a_letter_beyond_the_basic_plane_for_one(string pattern, string passes, string fails) => JudgeAsync(pattern, passes, fails);

    [Theory]
    [InlineData(@"/^a\_\-\é$/u", "a_-é", "a_-e")]
    [InlineData(@"/^\H\V\o{101}$/", "abA", "a\nA")]
    [InlineData(@"/^(?<n>a|b)\k{n}$/", "aa", "ab")]
    [InlineData(@"/^(a|b)\g{-1}$/", "bb", "ba")]
    [InlineData(@"/^(?<n>a|b)(c|d)\2$/", "add", "ada")]
    [InlineData(@"/^[\Q]-a\E]+$/", "a-]", "b")]
    [InlineData(@"/^[[:^alpha:]]+$/", "12", "1a")]
    [InlineData(@"/^[[:ascii:]]+$/", "a~", "é")]
    [InlineData(@"/^[[:alpha:]]+$/u", "é", "1")]
    [InlineData(@"/^[[:alpha:]]+$/", "e", "é")]
    [InlineData(@"/^[[:punct:]]+$/u", "$¡", "€")]
    [InlineData(@"/^\p{Xan}+$/u", "a1", "a_")]
    [InlineData(@"/^\p{Common}+$/u", "1 ", "1a")]
    [InlineData(@"/^\p{Bengali}\p{ta_mil}$/u", "\u0995\u0B95", "ab")]
    [InlineData(@"/^[a-z]+$/i", "K", "\u212A")]
    [InlineData(@"/^k$/i", "K", "\u212A")]
    [InlineData(@"/^k(?-i)k$/iu", "\u212Ak", "kK")]
    [InlineData(@"/^(?i:k)k$/", "Kk", "kK")]
    [InlineData(@"/^(a{2}){2}{1}$/", "aaaa", "aa")]
    [InlineData(@"/^a++b*+$/J", "aab", "ba")]
    [InlineData(@"/^a+$/U", "aa", "b")]
    [InlineData(@"/^a b # c
        $/x", "ab", "a b")]
    [InlineData(@"/^[\w.-]+$/", "a.-", "a!")]
    [InlineData(@"/^[^\W\d_]+$/u", "é\U00020000", "a1")]
    public Task Reads_what_pcre_reads(string pattern, string passes, string fails) => JudgeAsync(pattern, passes, fails);

    [Theory]
    [InlineData(@"/\y/")]
    [InlineData(@"/\K/")]
    [InlineData(@"/(?R)/")]
    [InlineData(@"/\p{Klingon}/u")]
    [InlineData(@"/[[:nope:]]/")]
    [InlineData(@"/[b-a]/")]
    [InlineData(@"/a)/")]
    public void Refuses_what_it_cannot_do_when_rules_are_read(string pattern) => Assert.Throws<RuleException>(() => new RuleSet { ["a"] = ["regex:" + pattern] });

    private static async Task JudgeAsync(string pattern, string passes, string fails)
    {
        Assert.True(await Judge.PassesAsync(["regex:" + pattern], passes), $"{pattern} should pass [{passes}]");
        Assert.False(await Judge.PassesAsync(["regex:" + pattern], fails), $"{pattern} should fail [{fails}]");
    }
}
