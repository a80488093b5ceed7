using Securely.Config;
using Securely.Settings;

namespace Securely.Components.Tests.Settings;

public sealed class SettingsExchangeTests
{
    [Theory]
    [InlineData(SettingsFormat.Env)]
    [InlineData(SettingsFormat.Json)]
    [InlineData(SettingsFormat.Yaml)]
    public void What_is_written_is_read_again(SettingsFormat format)
    {
        KeyValuePair<string, string>[] settings =
            [new("A", "plain"), new("B", "with \"quotes\" 'x' $y \\ # : {}"), new("C", "two\nlines\ttab"), new("D", ""), new("E", "true"), new("F", "äß語😀")];
        var text = SettingsExchange.Write(settings, format);
        Assert.Equal(settings, SettingsExchange.Read(text, "x", format));
        Assert.Empty(SettingsExchange.Read(SettingsExchange.Write([], format), "x", format));
    }

    [Fact]
    public void Maps_in_maps_become_names()
    {
        KeyValuePair<string, string>[] expected = [new("plain", "1"), new("APP__NAME", "Shop"), new("APP__DB__PORT", "5432")];
        Assert.Equal(expected, SettingsExchange.Read("plain: 1\napp: {name: Shop, db: {port: 5432}}\n", "x.yaml", SettingsFormat.Yaml));
    }

    [Fact]
    public void A_list_is_no_setting() =>
        Assert.Equal("x.json:1:7: [A] is a list, which a setting cannot be; write it as one text", Assert.Throws<ConfigException>(() => SettingsExchange.Read("{\"A\": [1]}", "x.json", SettingsFormat.Json)).Message);

    [Theory]
    [InlineData("a.json", SettingsFormat.Json)]
    [InlineData("a.yml", SettingsFormat.Yaml)]
    [InlineData(".env.production", SettingsFormat.Env)]
    [InlineData("a.txt", null)]
    public void The_name_says_the_format(string name, SettingsFormat? format) => Assert.Equal(format, SettingsExchange.OfFile(name));

    [Fact]
    public void A_bomb_of_aliases_is_refused()
    {
        var bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + string.Concat("bcdefghi".Select(letter => $"{letter}: &{letter} [{string.Join(", ", Enumerable.Repeat("*" + (char)(letter - 1), 9))}]\n"));
        Assert.Contains("Aliases repeat", Assert.Throws<ConfigException>(() => SettingsExchange.Read(bomb, "bomb.yaml", SettingsFormat.Yaml)).Message, StringComparison.Ordinal);
    }
}
