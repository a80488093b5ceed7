using System.Runtime.Versioning;
using Securely.Encrypt;
using Securely.Testing;

namespace Securely.Components.Tests.Encrypt;

[UnsupportedOSPlatform("windows")]
public sealed class KeySourceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_value_is_itself()
    {
        var source = KeySource.Parse("base64:AAAA");

        Assert.False(source.IsIndirect);
        Assert.Equal(("base64:AAAA", "value"), (await ReadAsync(source), source.ToString()));
    }

    [Fact]
    public async Task A_file_of_its_owner_is_read()
    {
        var source = KeySource.Parse("file:" + Write("base64:AAAA\n", UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.Equal("base64:AAAA", await ReadAsync(source));
    }

    [Fact]
    public async Task A_file_that_others_may_read_is_refused()
    {
        var path = Write("base64:AAAA\n", UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var error = await Assert.ThrowsAsync<KeySourceException>(() => ReadAsync(KeySource.OfFile(path)));
        Assert.Equal($"Key file [{path}] may be read or written by others than its owner (GroupRead); run chmod 600 {path}", error.Message);
    }

    [Fact]
    public async Task A_file_that_is_missing_or_empty_is_named()
    {
        var missing = Path.Combine(_directory, "missing");
        Assert.Contains(missing, (await Assert.ThrowsAsync<KeySourceException>(() => ReadAsync(KeySource.OfFile(missing)))).Message, StringComparison.Ordinal);
        var empty = Write("", UnixFileMode.UserRead);
        Assert.Equal($"Key file [{empty}] is empty", (await Assert.ThrowsAsync<KeySourceException>(() => ReadAsync(KeySource.OfFile(empty)))).Message);
    }

    [Fact]
    public async Task A_program_prints_the_key() => Assert.Equal("base64:AAAA", await ReadAsync(KeySource.Parse("command:/bin/echo base64:AAAA")));

    [Theory]
    [InlineData("/bin/false", "Key command [/bin/false] ended with exit code 1; run it to see why")]
    [InlineData("/bin/true", "Key command [/bin/true] printed nothing")]
    [InlineData("/bin/cat /dev/zero", "Key command [/bin/cat /dev/zero] printed 65536 bytes or more, which is more than any key")]
    [InlineData(" ", "The key is [command:] without a program; write it as in command:/usr/bin/kms get app")]
    public async Task A_program_that_fails_is_named(string command, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<KeySourceException>(() => ReadAsync(KeySource.Parse("command:" + command)))).Message);

    [Fact]
    public async Task A_program_that_does_not_exist_is_named() =>
        Assert.StartsWith("Key command [/no/such/program] cannot be started: ", (await Assert.ThrowsAsync<KeySourceException>(() => ReadAsync(KeySource.Parse("command:/no/such/program")))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_program_that_takes_too_long_is_ended()
    {
        var time = new ManualTimeProvider();
        var reading = ReadAsync(KeySource.Parse("command:/bin/sleep 1000", time));
        time.Advance(TimeSpan.FromSeconds(10));

        var error = await Assert.ThrowsAsync<KeySourceException>(() => reading);
        Assert.Equal("Key command [/bin/sleep 1000] took longer than 10 s", error.Message);
    }

    private static Task<string> ReadAsync(KeySource source) => source.ReadAsync(TestContext.Current.CancellationToken);

    private string Write(string text, UnixFileMode mode)
    {
        var path = Path.Combine(_directory, Path.GetRandomFileName());
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, mode);
        return path;
    }
}
