using Securely.Settings;

namespace Securely.Components.Tests.Settings;

public sealed class SettingsTreeTests
{
    [Fact]
    public void Names_with_the_same_word_stand_together() => Assert.Equal(
        """
        ├── APP = on
        │   ├── KEY = ********
        │   └── NAME = Shop
        ├── DB
        │   ├── HOST = localhost
        │   └── PASSWORD = ********
        ├── MAIL_FROM
        │   ├── ADDRESS = a@b.test
        │   └── NAME = Shop
        ├── REDIS_URL = ********
        └── TIMEZONE = Europe/Vienna
        """,
        Draw("APP=on\nAPP_KEY=base64:x\nDB_HOST=localhost\nMAIL_FROM_ADDRESS=a@b.test\nDB_PASSWORD=x\nAPP_NAME=Shop\nREDIS_URL=redis://:secret@host\nMAIL_FROM_NAME=Shop\nTIMEZONE=Europe/Vienna\n"));

    [Theory]
    [InlineData("")]
    [InlineData("_=1\n__=2\n_A=3\nA_=4\nA__B=5\nA.B=6\n")]
    public void Odd_names_are_drawn_too(string text) =>
        Assert.Equal(SettingsFile.Parse(text, ".env").Settings.Count, SettingsTree.Of(SettingsFile.Parse(text, ".env").Settings).Draw(setting => setting.Shown).Count(line => line.Contains(" = ", StringComparison.Ordinal)));

    private static string Draw(string text) => string.Join('\n', SettingsTree.Of(SettingsFile.Parse(text, ".env").Settings).Draw(setting => setting.Shown));
}
