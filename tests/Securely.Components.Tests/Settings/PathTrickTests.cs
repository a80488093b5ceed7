using System.Diagnostics;
using Securely.Config;
using Securely.Encrypt;
using Securely.Settings;
using Securely.Testing;

namespace Securely.Components.Tests.Settings;

/// <summary>Paths that lead to something that never ends, or is no file: a clear error, at once.</summary>
public sealed class PathTrickTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_pipe_that_nobody_writes_to_is_not_waited_for()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var pipe = _directory.File("pipe");
        await Process.Start("mkfifo", [pipe]).WaitForExitAsync(Token);
        const string Said = "it is a pipe, a socket or a device, not a file";

        Assert.Contains(Said, Errors(diagnostics => YamlReader.ReadFile(pipe, diagnostics)), StringComparison.Ordinal);
        Assert.Contains(Said, Errors(diagnostics => JsonReader.ReadFile(pipe, diagnostics)), StringComparison.Ordinal);
        Assert.Contains(Said, Errors(diagnostics => DotEnvReader.ReadFile(pipe, diagnostics)), StringComparison.Ordinal);
        Assert.Equal($"[{pipe}] cannot be read: {Said}", Assert.Throws<SettingsException>(() => Manager(pipe).All()).Message);
        Assert.Equal($"[{pipe}] cannot be changed: {Said}", (await Assert.ThrowsAsync<SettingsException>(() => Manager(pipe).SetAsync("A", "1", cancellationToken: Token))).Message);
        Assert.Contains("is a pipe, a socket or a device", (await Assert.ThrowsAsync<KeySourceException>(() => KeySource.OfFile(pipe).ReadAsync(Token))).Message, StringComparison.Ordinal);
        Assert.Equal(["pipe"], Directory.EnumerateFiles(_directory.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/null")]
    public async Task A_device_is_neither_read_nor_replaced(string device)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var link = _directory.File("link");
        File.CreateSymbolicLink(link, device);
        foreach (var path in new[] { device, link })
        {
            Assert.Contains("a device, not a file", Errors(diagnostics => YamlReader.ReadFile(path, diagnostics)), StringComparison.Ordinal);
            Assert.Contains("a device, not a file", (await Assert.ThrowsAsync<SettingsException>(() => Manager(path).SetAsync("A", "1", cancellationToken: Token))).Message, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(device + ".lock"));
        Assert.True(OrdinaryFile.IsSpecial(device));
    }

    [Fact]
    public void A_file_that_is_too_large_is_not_read_to_its_end()
    {
        var path = _directory.File("large.env");
        using (var file = File.Create(path))
            // A hole: it takes no room, and would take all memory.
            file.SetLength(1L << 40);

        Assert.Contains("is larger than 4MiB", Errors(diagnostics => DotEnvReader.ReadFile(path, diagnostics)), StringComparison.Ordinal);
        Assert.Contains("is larger than 4MiB", Assert.Throws<SettingsException>(() => Manager(path).All()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A=\0", "U+0000")]
    [InlineData("A=1\nB=\0\0\n", "U+0000")]
    public void A_zero_character_is_an_error_with_its_line(string text, string said)
    {
        var path = _directory.Write("zero.env", text);
        Assert.Contains(said, Errors(diagnostics => DotEnvReader.ReadFile(path, diagnostics)), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_utf_8_are_an_error_with_their_place()
    {
        var path = _directory.File("bytes.env");
        File.WriteAllBytes(path, [.. "A=1\nB=x"u8, 0xFF, 0xFE, (byte)'\n']);
        Assert.Equal($"{path}:2:4: [{path}] is not valid UTF-8 here; save it in UTF-8", Errors(diagnostics => DotEnvReader.ReadFile(path, diagnostics)));
        Assert.Equal($"[{path}] is not valid UTF-8; save it in UTF-8", Assert.Throws<SettingsException>(() => Manager(path).All()).Message);
    }

    [Fact]
    public async Task A_value_of_ten_mebibytes_is_refused_and_the_file_stays()
    {
        var path = _directory.Write(".env", "A=1\n");
        var value = new string('x', 10 * 1024 * 1024);
        var failure = await Assert.ThrowsAsync<SettingsException>(() => Manager(path).SetAsync("BIG", value, cancellationToken: Token));
        Assert.Contains("[BIG] is larger than 4MiB", failure.Message, StringComparison.Ordinal);
        Assert.Equal("A=1\n", await File.ReadAllTextAsync(path, Token));
    }

    [Theory]
    [InlineData("A\nB")]
    [InlineData("A=B")]
    [InlineData("../A")]
    [InlineData("A\u202EB")]
    [InlineData("")]
    public async Task A_name_with_characters_that_no_name_has_is_refused(string name)
    {
        var path = _directory.File(".env");
        var failure = await Assert.ThrowsAsync<SettingsException>(() => Manager(path).SetAsync(name, "1", cancellationToken: Token));
        Assert.DoesNotContain('\n', failure.Message);
        Assert.False(File.Exists(path));
    }

    private static SettingsManager Manager(string path) => new(new SettingsOptions { Path = path });

    private static string Errors(Action<ConfigDiagnostics> read)
    {
        var diagnostics = new ConfigDiagnostics();
        read(diagnostics);
        return string.Join('\n', diagnostics.Items);
    }
}
