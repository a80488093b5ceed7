using Securely.Settings;

namespace Securely.Components.Tests.Settings;

public sealed class SettingsFileTests
{
    [Theory]
    [InlineData("A=1\n", "A", "2", "A=2\n")]
    [InlineData("# top\n\nexport ABC = 'x' # why\nB=2", "ABC", "y z", "# top\n\nexport ABC = \"y z\" # why\nB=2")]
    [InlineData("A=\"x\"\r\nB=2\r\n", "C", "3", "A=\"x\"\r\nB=2\r\nC=3\r\n")]
    [InlineData("A=1", "B", "2", "A=1\nB=2\n")]
    [InlineData("A=\n", "A", "x", "A=x\n")]
    [InlineData("A=#c\n", "A", "x", "A=x #c\n")]
    [InlineData("A\nB=1\n", "A", "x", "A=x\nB=1\n")]
    [InlineData("A=1\nA=2\n", "A", "3", "A=1\nA=3\n")]
    [InlineData("A=\"one\ntwo\" # c\nB=1\n", "A", "x", "A=\"x\" # c\nB=1\n")]
    [InlineData("", "A", "x$y \"z\" \\ \n\t'", "A=\"x\\$y \\\"z\\\" \\\\ \\n\\t'\"\n")]
    [InlineData("", "A", "", "A=\n")]
    [InlineData("", "A", "ends with \\", "A=\"ends with \\\\\"\n")]
    public void Sets_one_value_and_leaves_every_other_byte(string text, string name, string value, string expected)
    {
        var edited = SettingsFile.Parse(text, ".env").Set(name, value);
        Assert.Equal(expected, edited.Text);
        Assert.Equal(value, edited.Find(name)!.Stored);
    }

    [Theory]
    [InlineData("A=1\nB=2\nC=3\n", "B", "A=1\nC=3\n")]
    [InlineData("# a\nA=\"x\ny\"\r\nB=1", "A", "# a\nB=1")]
    [InlineData("A=1\nB=2\nA=3", "A", "B=2\n")]
    public void Forgets_all_lines_of_a_name(string text, string name, string expected) => Assert.Equal(expected, SettingsFile.Parse(text, ".env").Forget(name).Text);

    [Theory]
    [InlineData("A\nB")]
    [InlineData("1A")]
    [InlineData("A B")]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("Ä")]
    public void Refuses_what_is_no_name(string name) => Assert.Throws<SettingsException>(() => SettingsFile.Parse("", ".env").Set(name, "x"));

    [Theory]
    [InlineData("\0")]
    [InlineData("\u001b[2J")]
    public void Refuses_values_that_no_file_can_have(string value) => Assert.Throws<SettingsException>(() => SettingsFile.Parse("", ".env").Set("A", value));

    [Fact]
    public void Refuses_half_of_a_character() => Assert.Contains("half of a character", Assert.Throws<SettingsException>(() => SettingsFile.Parse("", ".env").Set("A", "x\ud800")).Message, StringComparison.Ordinal);

    [Fact]
    public void Any_text_comes_back_as_it_was_and_touches_nothing_else()
    {
        var random = new Random(4711);
        const string Letters = "ab \"'$\\#={}\n\r\t\f\v;`äß語😀";
        var runes = Letters.EnumerateRunes().ToArray();
        var file = SettingsFile.Parse("# top\nKEEP='it is \"x=\"' # c\nMULTI=\"a\nb\"\n\nLAST=1", ".env");
        for (var i = 0; i < 3000; i++)
        {
            var value = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => runes[random.Next(runes.Length)].ToString()));
            var name = "N" + random.Next(20);
            file = random.Next(5) == 0 ? file.Forget(name) : file.Set(name, value);
            if (file.Find(name) is { } setting)
                Assert.Equal(value, setting.Stored);
            Assert.Equal("it is \"x=\"", file.Find("KEEP")!.Stored);
            Assert.StartsWith("# top\nKEEP='it is \"x=\"' # c\nMULTI=\"a\nb\"\n\nLAST=1", file.Text, StringComparison.Ordinal);
        }
    }
}
