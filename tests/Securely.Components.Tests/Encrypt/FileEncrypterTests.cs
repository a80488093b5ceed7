using System.Runtime.Versioning;
using Securely.Encrypt;

namespace Securely.Components.Tests.Encrypt;

[UnsupportedOSPlatform("windows")]
public sealed class FileEncrypterTests : IDisposable
{
    private const int Header = 41;
    private const int Chunk = FileEncrypter.ChunkLength + 16;

    private readonly KeyRing _keys = new(EncryptionKey.Generate());
    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(FileEncrypter.ChunkLength - 1)]
    [InlineData(FileEncrypter.ChunkLength)]
    [InlineData(FileEncrypter.ChunkLength + 1)]
    [InlineData(3 * FileEncrypter.ChunkLength)]
    public async Task Reads_what_it_wrote(int length)
    {
        var plain = Bytes(length);
        Assert.Equal(plain, await DecryptAsync(await EncryptAsync(plain)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5 * FileEncrypter.ChunkLength + 7)]
    public async Task Encrypts_a_file_anew_with_the_current_key(int length)
    {
        var (plain, path) = (Bytes(length), Path.Combine(_directory, "file.enc"));
        await File.WriteAllBytesAsync(path, await EncryptAsync(plain), TestContext.Current.CancellationToken);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var next = EncryptionKey.Generate();

        await new FileEncrypter(_keys.Rotate(next)).RenewFileAsync(path, TestContext.Current.CancellationToken);

        using var renewed = new MemoryStream(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        using var read = new MemoryStream();
        await new FileEncrypter(new KeyRing(next)).DecryptAsync(renewed, read, TestContext.Current.CancellationToken);
        Assert.Equal(plain, read.ToArray());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.EnumerateFiles(_directory));
        Assert.True(FileEncrypter.IsEncryptedFile(path));
    }

    [Fact]
    public async Task A_file_that_is_damaged_far_behind_stays_when_it_is_encrypted_anew()
    {
        var path = Path.Combine(_directory, "file.enc");
        var damaged = await EncryptAsync(Bytes(8 * FileEncrypter.ChunkLength));
        damaged[^1] ^= 1;
        await File.WriteAllBytesAsync(path, damaged, TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<DecryptException>(() => new FileEncrypter(_keys.Rotate(EncryptionKey.Generate())).RenewFileAsync(path, TestContext.Current.CancellationToken));

        Assert.Equal(damaged, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal([path], Directory.EnumerateFiles(_directory));
    }

    [Fact]
    public async Task Finds_every_cut()
    {
        var whole = await EncryptAsync(Bytes(2 * FileEncrypter.ChunkLength));
        foreach (var length in new[] { 0, 8, Header - 1, Header, Header + 1, Header + Chunk - 1, Header + Chunk, Header + Chunk + 1, whole.Length - 1 })
            await Assert.ThrowsAsync<DecryptException>(() => DecryptAsync(whole[..length]));
    }

    [Fact]
    public async Task Finds_what_was_added()
    {
        var whole = await EncryptAsync(Bytes(FileEncrypter.ChunkLength));
        await Assert.ThrowsAsync<DecryptException>(() => DecryptAsync([.. whole, 0]));
        await Assert.ThrowsAsync<DecryptException>(() => DecryptAsync([.. whole, .. whole[Header..]]));
    }

    [Fact]
    public async Task Finds_chunks_that_changed_places_or_files()
    {
        var whole = await EncryptAsync(Bytes(3 * FileEncrypter.ChunkLength));
        var first = whole[Header..(Header + Chunk)];
        var second = whole[(Header + Chunk)..(Header + (2 * Chunk))];
        var last = whole[(Header + (2 * Chunk))..];
        var other = await EncryptAsync(Bytes(3 * FileEncrypter.ChunkLength));

        await Assert.ThrowsAsync<DecryptException>(() => DecryptAsync([.. whole[..Header], .. second, .. first, .. last]));
        await Assert.ThrowsAsync<DecryptException>(() => DecryptAsync([.. whole[..Header], .. first, .. first, .. last]));
        await Assert.ThrowsAsync<DecryptException>(() => DecryptAsync([.. whole[..Header], .. first, .. last]));
        await Assert.ThrowsAsync<DecryptException>(() => DecryptAsync([.. whole[..(Header + Chunk)], .. other[(Header + Chunk)..]]));
        Assert.Equal(Bytes(3 * FileEncrypter.ChunkLength), await DecryptAsync([.. whole[..Header], .. first, .. second, .. last]));
    }

    [Fact]
    public async Task Finds_any_changed_byte()
    {
        var whole = await EncryptAsync(Bytes(10));
        for (var i = 0; i < whole.Length; i++)
        {
            var changed = whole.ToArray();
            changed[i] ^= 1;
            await Assert.ThrowsAsync<DecryptException>(() => DecryptAsync(changed));
        }
    }

    [Fact]
    public async Task Previous_keys_decrypt()
    {
        var whole = await EncryptAsync(Bytes(100));
        Assert.Equal(Bytes(100), await DecryptAsync(whole, _keys.Rotate(EncryptionKey.Generate())));
        var error = await Assert.ThrowsAsync<DecryptException>(() => DecryptAsync(whole, new KeyRing(EncryptionKey.Generate())));
        Assert.Equal(DecryptFailure.NotAuthentic, error.Failure);
    }

    [Fact]
    public async Task A_file_appears_whole_or_not_at_all()
    {
        var (plain, secret, back) = (Path.Combine(_directory, "plain"), Path.Combine(_directory, "secret"), Path.Combine(_directory, "back"));
        var encrypter = new FileEncrypter(_keys);
        await File.WriteAllBytesAsync(plain, Bytes(100_000), TestContext.Current.CancellationToken);
        await encrypter.EncryptFileAsync(plain, secret, TestContext.Current.CancellationToken);
        await encrypter.DecryptFileAsync(secret, back, TestContext.Current.CancellationToken);
        Assert.Equal(Bytes(100_000), await File.ReadAllBytesAsync(back, TestContext.Current.CancellationToken));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(back));

        File.Delete(back);
        await using (var file = new FileStream(secret, FileMode.Open))
            file.SetLength(file.Length - 1);
        await Assert.ThrowsAsync<DecryptException>(() => encrypter.DecryptFileAsync(secret, back, TestContext.Current.CancellationToken));
        Assert.Equal(["plain", "secret"], Directory.EnumerateFiles(_directory).Select(Path.GetFileName).Order());
    }

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31))];

    private async Task<byte[]> EncryptAsync(byte[] plain)
    {
        using var destination = new MemoryStream();
        await new FileEncrypter(_keys).EncryptAsync(new MemoryStream(plain), destination, TestContext.Current.CancellationToken);
        return destination.ToArray();
    }

    private async Task<byte[]> DecryptAsync(byte[] file, KeyRing? keys = null)
    {
        using var destination = new MemoryStream();
        await new FileEncrypter(keys ?? _keys).DecryptAsync(new MemoryStream(file), destination, TestContext.Current.CancellationToken);
        return destination.ToArray();
    }
}
