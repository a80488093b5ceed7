using Securely.Encrypt;
using Securely.Testing;

namespace Securely.Cli.Tests;

/// <summary>A value that config:encrypt has written means to the server what it meant before.</summary>
public sealed class EncryptedValueTests : IDisposable
{
    private const string Key = "base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    private const string OtherKey = "base64:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU=";
    private const string Yaml =
        "threads: 1\ndata_dir: data\nlisteners: [{address: \"127.0.0.1:0\"}]\nsites: [{hosts: \"*\", routes: [{respond: {body: hidden words}}]}]\n";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_server_reads_the_plain_value()
    {
        // Of a list nothing is changed in place, so the value is pasted, as the help says.
        _directory.Write("securely.yaml", Yaml.Replace("hidden words", "enc:" + new Encrypter(KeyRing.Parse(Key, null)).EncryptString("hidden words"), StringComparison.Ordinal));
        _directory.Write(".env", $"APP_KEY={Key}\n");

        Assert.Equal((ExitCode.Ok, ""), await CheckAsync());
        await using var program = await RunningProgram.StartAsync(_directory.Path, "serve");
        Assert.Equal("hidden words", await program.GetAsync("/"));
    }

    [Fact]
    public async Task A_number_stays_a_number()
    {
        await EncryptAsync("threads", Yaml);

        Assert.Equal((ExitCode.Ok, ""), await CheckAsync());
    }

    [Fact]
    public async Task Without_the_key_or_with_another_one_the_file_is_refused_at_the_value()
    {
        await EncryptAsync("threads", Yaml);

        _directory.Write(".env", "A=1\n");
        Assert.Equal((ExitCode.Configuration, "securely.yaml:1:10: [threads] is encrypted and there is no key; set [APP_KEY] in the environment or in .env\n"), await CheckAsync());
        _directory.Write(".env", $"APP_KEY={OtherKey}\n");
        var (code, error) = await CheckAsync();
        Assert.Equal(ExitCode.Configuration, code);
        Assert.StartsWith("securely.yaml:1:10: [threads] cannot be decrypted: ", error, StringComparison.Ordinal);
        Assert.EndsWith("; is [APP_KEY] the key that it was encrypted with?\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_encrypted_values_needs_no_key()
    {
        _directory.Write("securely.yaml", Yaml);
        _directory.Write(".env", "APP_KEY=base64:short\n");

        Assert.Equal((ExitCode.Ok, ""), await CheckAsync());
    }

    private async Task EncryptAsync(string key, string yaml)
    {
        _directory.Write("securely.yaml", yaml);
        _directory.Write(".env", $"APP_KEY={Key}\n");
        var run = await CliRun.RunAsync(["config:encrypt", key], _directory.Path);
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("enc:", File.ReadAllText(_directory.File("securely.yaml")), StringComparison.Ordinal);
    }

    private async Task<(int Code, string Error)> CheckAsync()
    {
        var run = await CliRun.RunAsync(["check"], _directory.Path);
        return (run.ExitCode, run.Error.Replace(_directory.Path + "/", "", StringComparison.Ordinal));
    }
}
