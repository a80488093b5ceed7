using System.Runtime.Versioning;
using Securely.Encrypt;
using Securely.Testing;

namespace Securely.Cli.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class KeyCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Prints_a_key_and_leaves_files_alone()
    {
        var run = await CliRun.RunAsync(["key:generate", "--show", "--cipher", "aes-128-gcm"], _directory);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal(Cipher.Aes128Gcm, EncryptionKey.Parse(run.Output.TrimEnd(), Cipher.Aes128Gcm).Cipher);
        Assert.Empty(Directory.EnumerateFiles(_directory));
    }

    [Fact]
    public async Task Makes_a_file_that_only_its_owner_may_read()
    {
        var run = await CliRun.RunAsync(["key:generate"], _directory);

        var file = Path.Combine(_directory, ".env");
        Assert.Equal((ExitCode.Ok, $"{file}: APP_KEY is set\n"), (run.ExitCode, run.Output));
        Assert.Equal(Cipher.Aes256Cbc, EncryptionKey.Parse(Read().Trim()["APP_KEY=".Length..]).Cipher);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Theory]
    [InlineData("# café\r\nAPP_KEY=\r\nX=1", "# café\r\nAPP_KEY=KEY\r\nX=1")]
    [InlineData("X=1", "X=1\nAPP_KEY=KEY\n")]
    [InlineData("export APP_KEY=''\n", "export APP_KEY=KEY\n")]
    [InlineData("#APP_KEY=old\nAPP_KEYS=x\n", "#APP_KEY=old\nAPP_KEYS=x\nAPP_KEY=KEY\n")]
    public async Task Leaves_all_other_lines_as_they_are(string before, string after)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, ".env"), before, TestContext.Current.CancellationToken);

        Assert.Equal(ExitCode.Ok, (await CliRun.RunAsync(["key:generate"], _directory)).ExitCode);

        Assert.Equal(after, System.Text.RegularExpressions.Regex.Replace(Read(), "base64:[A-Za-z0-9+/=]{44}", "KEY"));
    }

    [Fact]
    public async Task Replaces_a_key_only_when_told_to()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, ".env"), "APP_KEY=old\n", TestContext.Current.CancellationToken);

        var refused = await CliRun.RunAsync(["key:generate"], _directory);
        Assert.Equal((ExitCode.Failed, "APP_KEY=old\n"), (refused.ExitCode, Read()));
        Assert.Contains("--force replaces it", refused.Error, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Ok, (await CliRun.RunAsync(["key:generate", "--force"], _directory)).ExitCode);
        Assert.StartsWith("APP_KEY=base64:", Read(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writes_beside_the_configuration_file()
    {
        var site = Directory.CreateDirectory(Path.Combine(_directory, "site")).FullName;
        await CliRun.RunAsync(["key:generate", "-c", "site/securely.yaml"], _directory);
        Assert.True(File.Exists(Path.Combine(site, ".env")));
    }

    [Fact]
    public async Task Says_where_it_cannot_write()
    {
        var run = await CliRun.RunAsync(["key:generate", "-c", "no/securely.yaml"], _directory);
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.StartsWith($"[{Path.Combine(_directory, "no", ".env")}] cannot be changed: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writes_where_the_configuration_says_that_settings_are()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "securely.yaml"), "settings: {file: secrets.env}\n", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Ok, (await CliRun.RunAsync(["key:generate"], _directory)).ExitCode);
        Assert.StartsWith("APP_KEY=base64:", await File.ReadAllTextAsync(Path.Combine(_directory, "secrets.env"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waits_for_whoever_changes_the_settings()
    {
        using (new FileStream(Path.Combine(_directory, ".env.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            using var giveUp = new CancellationTokenSource();
            var waiting = new SecurelyApplication(new Output(TextWriter.Null, TextWriter.Null), CliRun.Environment(_directory) with { Time = new ManualTimeProvider() })
                .RunAsync(["key:generate"], giveUp.Token);
            Assert.False(waiting.IsCompleted);
            await giveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        Assert.False(File.Exists(Path.Combine(_directory, ".env")));
    }

    [Theory]
    [InlineData("aes-128-cbc", 24)]
    [InlineData("aes-256-gcm", 44)]
    public async Task Settings_are_encrypted_with_the_cipher_that_the_key_is_for(string cipher, int length)
    {
        Assert.Equal(ExitCode.Ok, (await CliRun.RunAsync(["key:generate", "--cipher", cipher], _directory)).ExitCode);
        Assert.Matches($"^APP_KEY=base64:[A-Za-z0-9+/=]{{{length}}}\nAPP_CIPHER={cipher}\n$", Read());

        Assert.Equal(ExitCode.Ok, (await CliRun.RunAsync(["settings:set", "token", "abc", "--secret"], _directory)).ExitCode);

        var key = Read().Split('\n')[0]["APP_KEY=".Length..];
        Assert.True(CipherExtensions.TryParse(cipher, out var known));
        var payload = Read().Split('\n').First(line => line.StartsWith("TOKEN=", StringComparison.OrdinalIgnoreCase)).Split("enc:")[1].Trim('"');
        Assert.Equal("abc", new Encrypter(KeyRing.Parse(key, cipher: known)).DecryptString(payload));
        Assert.Equal("abc\n", (await CliRun.RunAsync(["settings:get", "token"], _directory)).Output);
    }

    [Fact]
    public async Task A_key_is_made_for_the_cipher_that_stands_there()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, ".env"), "APP_CIPHER=AES-128-GCM\n", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Ok, (await CliRun.RunAsync(["key:generate"], _directory)).ExitCode);
        Assert.Matches("^APP_CIPHER=aes-128-gcm\nAPP_KEY=base64:[A-Za-z0-9+/=]{24}\n$", Read());

        Assert.Equal(ExitCode.Ok, (await CliRun.RunAsync(["key:generate", "--force", "--cipher", "aes-256-cbc"], _directory)).ExitCode);
        Assert.Matches("^APP_CIPHER=aes-256-cbc\nAPP_KEY=base64:[A-Za-z0-9+/=]{44}\n$", Read());
    }

    [Fact]
    public async Task An_unknown_cipher_is_told_with_the_nearest_one()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, ".env"), "APP_KEY=base64:AAAA\nAPP_CIPHER=aes-265-gcm\n", TestContext.Current.CancellationToken);
        var run = await CliRun.RunAsync(["settings:all"], _directory);
        Assert.Equal((ExitCode.Failed, "[APP_CIPHER]: cipher [aes-265-gcm] is not known; did you mean [aes-256-gcm]?\n"), (run.ExitCode, run.Error));
    }

    private string Read() => File.ReadAllText(Path.Combine(_directory, ".env"));
}
