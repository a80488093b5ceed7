using Securely.Config;
using Securely.Encrypt;
using Securely.Settings;
using Securely.Testing;
using Securely.Validation;

namespace Securely.Components.Tests.Settings;

public sealed class SettingsManagerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ConfigSecrets _secrets = new(new Encrypter(Encrypter.GenerateKey()));
    private readonly ManualTimeProvider _time = new();

    private string Path => _directory.File(".env");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_secret_is_stored_encrypted_and_stays_so()
    {
        var settings = Make();
        await settings.SetAsync("DB_PASSWORD", "hunter2", encrypt: true);
        await settings.SetAsync("DB_PASSWORD", "hunter3");

        Assert.Equal("hunter3", settings.Get("DB_PASSWORD"));
        var stored = await File.ReadAllTextAsync(Path, TestContext.Current.CancellationToken) + await File.ReadAllTextAsync(Path + ".history", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("hunter", stored, StringComparison.Ordinal);
        Assert.True(settings.Read().Find("DB_PASSWORD")!.IsEncrypted);
    }

    [Fact]
    public async Task The_same_secret_again_changes_no_byte()
    {
        var settings = Make();
        await settings.SetAsync("A", "x", encrypt: true);
        var before = settings.Read().Text;
        Assert.Empty(await settings.SetAsync("A", "x"));
        Assert.Equal(before, settings.Read().Text);
    }

    [Fact]
    public async Task Files_are_their_owners_alone_and_an_old_one_keeps_its_mode()
    {
        var settings = Make();
        await settings.SetAsync("A", "1");
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (OperatingSystem.IsWindows())
            return;
        foreach (var file in Directory.GetFiles(_directory.Path))
            Assert.Equal(Private, File.GetUnixFileMode(file));
        File.SetUnixFileMode(Path, Private | UnixFileMode.GroupRead);
        await settings.SetAsync("A", "2");
        Assert.Equal(Private | UnixFileMode.GroupRead, File.GetUnixFileMode(Path));
    }

    [Fact]
    public async Task A_link_stays_a_link()
    {
        var real = _directory.Write("real.env", "A=1\n");
        File.CreateSymbolicLink(Path, real);
        await Make().SetAsync("A", "2");
        Assert.Equal("A=2\n", await File.ReadAllTextAsync(real, TestContext.Current.CancellationToken));
        Assert.Equal(real, new FileInfo(Path).LinkTarget);
    }

    [Fact]
    public async Task The_history_says_who_when_and_what()
    {
        var settings = Make();
        await settings.SetAsync("A", "1");
        _time.Advance(TimeSpan.FromHours(1));
        await settings.SetAsync("A", "2");
        await settings.ForgetAsync(["A"]);

        var history = settings.History();
        Assert.Equal([(1L, "set", null, "1"), (2L, "set", "1", "2"), (3L, "forget", "2", null)], history.Select(change => (change.Id, change.Action, settings.Show(change, change.Old), settings.Show(change, change.New))));
        Assert.Equal("ann", history[0].By);
        Assert.Equal(TimeSpan.FromHours(1), history[1].At - history[0].At);
    }

    [Fact]
    public async Task A_rollback_brings_the_value_back_and_is_a_change_too()
    {
        var settings = Make();
        await settings.SetAsync("A", "1");
        await settings.SetAsync("A", "2");
        await settings.RollbackAsync(2);
        Assert.Equal("1", settings.Get("A"));
        await settings.RollbackAsync(1);
        Assert.False(settings.Has("A"));
        await settings.RollbackAsync(4);
        Assert.Equal("1", settings.Get("A"));
        Assert.Contains("[99]", (await Assert.ThrowsAsync<SettingsException>(() => settings.RollbackAsync(99))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_the_history_keeps_names_only()
    {
        var settings = Make(withKey: false);
        await settings.SetAsync("A", "plain");
        await settings.SetAsync("A", "other");
        Assert.DoesNotContain("plain", await File.ReadAllTextAsync(Path + ".history", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("key", (await Assert.ThrowsAsync<SettingsException>(() => settings.RollbackAsync(2))).Message, StringComparison.Ordinal);
        Assert.Contains("[APP_KEY]", (await Assert.ThrowsAsync<SettingsException>(() => settings.SetAsync("B", "x", encrypt: true))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_of_the_history_that_a_crash_cut_off_is_left_out()
    {
        var settings = Make();
        await settings.SetAsync("A", "1");
        await File.AppendAllTextAsync(Path + ".history", "{\"id\":2,\"na", TestContext.Current.CancellationToken);
        await settings.SetAsync("A", "2");
        Assert.Equal([1, 2], settings.History().Select(change => change.Id));
    }

    [Fact]
    public async Task A_rotation_encrypts_settings_and_history_anew()
    {
        var settings = Make();
        await settings.SetAsync("S", "one", encrypt: true);
        await settings.SetAsync("S", "two");
        var next = new ConfigSecrets(new Encrypter(Encrypter.GenerateKey()));
        await settings.RotateAsync(next, [KeyValuePair.Create("APP_KEY", "new")], settings.Read().Text);

        var rotated = new SettingsManager(settings.Options with { Secrets = next });
        Assert.Equal("two", rotated.Get("S"));
        await rotated.RollbackAsync(2);
        Assert.Equal("one", rotated.Get("S"));
        Assert.Throws<SettingsException>(() => settings.Get("S"));
    }

    [Fact]
    public async Task What_does_not_fit_the_schema_is_never_written()
    {
        var settings = new SettingsManager(new SettingsOptions { Path = Path, Schema = new ConfigSchema().Key("PORT", new ConfigRule { Type = ConfigType.Integer, Maximum = 65535 }) });
        await settings.SetAsync("PORT", "80");
        var error = await Assert.ThrowsAsync<ConfigException>(() => settings.SetAsync("PORT", "70000"));
        Assert.Contains("[PORT] must be at most [65535]", error.Message, StringComparison.Ordinal);
        Assert.Equal("80", settings.Get("PORT"));
    }

    [Fact]
    public async Task Two_rotations_at_once_lose_no_key()
    {
        var settings = Make();
        await settings.SetAsync("S", "one", encrypt: true);
        var seen = settings.Read().Text;
        await settings.RotateAsync(new ConfigSecrets(new Encrypter(Encrypter.GenerateKey())), [KeyValuePair.Create("APP_KEY", "first")], seen);
        var error = await Assert.ThrowsAsync<SettingsException>(() => settings.RotateAsync(_secrets, [KeyValuePair.Create("APP_KEY", "second")], seen));
        Assert.Contains("changed meanwhile", error.Message, StringComparison.Ordinal);
        Assert.Equal("first", settings.Get("APP_KEY"));
    }

    [Fact]
    public async Task What_fails_the_rules_of_validation_is_never_written()
    {
        var rules = new RuleSet { ["PORT"] = "required|integer|between:1,65535", ["APP_URL"] = "url", ["DEBUG"] = "boolean", ["NAME\\.FULL"] = "min:3" };
        var settings = new SettingsManager(new SettingsOptions { Path = Path, Rules = rules });
        await settings.SetAsync([KeyValuePair.Create("PORT", "80"), KeyValuePair.Create("DEBUG", "true"), KeyValuePair.Create("OTHER", "anything")]);

        var error = await Assert.ThrowsAsync<ConfigException>(() => settings.SetAsync(
            [KeyValuePair.Create("PORT", "eighty"), KeyValuePair.Create("APP_URL", "nowhere"), KeyValuePair.Create("DEBUG", "maybe"), KeyValuePair.Create("NAME.FULL", "x")]));
        var missing = await Assert.ThrowsAsync<ConfigException>(() => settings.ForgetAsync(["PORT"]));

        Assert.Equal(
            [$"{Path}:1:1: [PORT] has to be a whole number.", $"{Path}:2:1: [DEBUG] has to be true or false.", $"{Path}:4:1: [APP_URL] is not a URL.", $"{Path}:5:1: [NAME.FULL] needs 3 characters or more."],
            error.Diagnostics.Items.Select(item => item.ToString()));
        Assert.Equal([$"{Path}:1:1: Please give [PORT]."], missing.Diagnostics.Items.Select(item => item.ToString()));
        Assert.Equal("PORT=80\nDEBUG=true\nOTHER=anything\n", settings.Read().Text);
    }

    [Fact]
    public async Task Rules_see_the_plain_text_of_a_secret_and_their_messages_do_not_repeat_it()
    {
        var settings = new SettingsManager(Make().Options with { Rules = new RuleSet { ["DB_PASSWORD"] = "min:12" } });
        await settings.SetAsync("DB_PASSWORD", "long enough for it", encrypt: true);
        var error = await Assert.ThrowsAsync<ConfigException>(() => settings.SetAsync("DB_PASSWORD", "hunter2"));
        Assert.Contains("[DB_PASSWORD] needs 12 characters or more", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
        Assert.Equal("long enough for it", settings.Get("DB_PASSWORD"));
    }

    [Fact]
    public async Task A_value_of_10_MiB_is_refused_and_nothing_is_written()
    {
        var settings = Make();
        await settings.SetAsync("A", "1");
        await Assert.ThrowsAnyAsync<Exception>(() => settings.SetAsync("B", new string('x', 10 * 1024 * 1024)));
        Assert.Equal("A=1\n", settings.Read().Text);
        Assert.Single(settings.History());
    }

    [Fact]
    public async Task A_file_that_is_not_text_is_refused()
    {
        await File.WriteAllBytesAsync(Path, [0x41, 0x3D, 0xFF, 0xFE], TestContext.Current.CancellationToken);
        Assert.Contains("not valid UTF-8", (await Assert.ThrowsAsync<SettingsException>(() => Make().SetAsync("B", "1"))).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path, "A=1\0", TestContext.Current.CancellationToken);
        Assert.Contains("U+0000", (await Assert.ThrowsAsync<ConfigException>(() => Make().SetAsync("B", "1"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writers_at_once_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var settings = new SettingsManager(new SettingsOptions { Path = Path, Secrets = _secrets, LockPatience = TimeSpan.FromMinutes(5) });
            for (var i = 0; i < 15; i++)
                await settings.SetAsync($"W{writer}_{i}", "x");
        })));
        Assert.Equal(60, Make().All().Count);
        Assert.Equal(Enumerable.Range(1, 60).Select(id => (long)id), Make().History().Select(change => change.Id));
    }

    [Fact]
    public async Task A_writer_that_holds_the_lock_for_too_long_is_named()
    {
        using var held = new FileStream(Path + ".lock", FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        var waiting = new SettingsManager(new SettingsOptions { Path = Path, LockPatience = TimeSpan.Zero }).SetAsync("A", "1");
        Assert.Contains("held by another writer", (await Assert.ThrowsAsync<SettingsException>(() => waiting)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edit_over_the_change_of_somebody_else_is_refused()
    {
        var settings = Make();
        await settings.SetAsync("A", "1");
        var text = settings.Read().Text;
        await settings.SetAsync("A", "2");
        await Assert.ThrowsAsync<SettingsException>(() => settings.ReplaceAsync(text, "A=3\n"));
        await settings.ReplaceAsync("A=2\n", "# new\nA=3\n");
        Assert.Equal("# new\nA=3\n", settings.Read().Text);
    }

    private SettingsManager Make(bool withKey = true) =>
        new(new SettingsOptions { Path = Path, Secrets = withKey ? _secrets : null, User = "ann", Time = _time, LockPatience = TimeSpan.FromMinutes(1) });
}
